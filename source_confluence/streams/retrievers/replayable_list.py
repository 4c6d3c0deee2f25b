"""What children need of their parents: each kind listed once per sync, and kept small."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

Parent = Mapping[str, Any]


class ReplayableList:
    """A list that many read and that is asked for once; thread-safe.

    Whoever comes first to the end of what is there asks for the next page of results. The pages are
    kept as compressed JSON: about 100 bytes for a record without its body.
    """

    def __init__(self, pages: Iterable[list[dict[str, Any]]]) -> None:
        """`pages` yields the pages of results; it is taken up when somebody first reads."""
        self._source = iter(pages)
        self._lock = threading.Lock()
        self._packed: list[bytes] = []
        self._is_complete = False
        self._failure: Exception | None = None

    def pages(self) -> Iterator[list[dict[str, Any]]]:
        """Yield the pages of results, from the first. Raises what listing them raised."""
        number = 0
        while self._reaches(number):
            yield self.page(number)
            number += 1

    def page(self, number: int) -> list[dict[str, Any]]:
        """Return a page of results that has been listed, counted from 0."""
        records: list[dict[str, Any]] = orjson.loads(zlib.decompress(self._packed[number]))
        return records

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield the records. Raises what listing them raised."""
        for page in self.pages():
            yield from page

    def _reaches(self, number: int) -> bool:
        with self._lock:
            if number == len(self._packed) and not self._is_complete:
                if self._failure is not None:
                    raise self._failure
                self._list_another()
            return number < len(self._packed)

    def _list_another(self) -> None:
        try:
            page = next(self._source, None)
        except Exception as error:
            self._failure = error
            raise
        if page is None:
            self._is_complete = True
        else:
            self._packed.append(zlib.compress(orjson.dumps(page), level=1))
