"""Lists that several streams read and that are requested once. The locks guard their growth."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Iterable, Iterator

import orjson

from source_confluence.confluence.body import memory_of_texts
from source_confluence.confluence.records import Record, encoded
from source_confluence.streams.sync.recent_keys import RecentKeys

_NOTHING = zlib.compress(b"[]")


class ReplayableList:
    """A list that can be read again while it still grows; thread-safe.

    The first reader to reach the end requests the next page of results. The pages are kept as
    compressed JSON: about 100 bytes for a record without its body.
    """

    def __init__(self, pages: Callable[[], Iterable[list[Record]]]) -> None:
        """`pages` returns the pages of results; it is called when the list is first read."""
        self._pages = pages
        self._source: Iterator[list[Record]] | None = None
        self._lock = threading.Lock()
        self._packed: list[bytes] = []
        self._memory: list[int] = []
        self._is_complete = False
        self._failure: Exception | None = None

    @property
    def is_complete(self) -> bool:
        """Whether all of it has been listed."""
        return self._is_complete

    def pages(self) -> Iterator[list[Record]]:
        """Yield the pages of results, from the first. Raises what listing them raised."""
        return map(self.page, self.numbers())

    def numbers(self) -> Iterator[int]:
        """Yield the numbers of the pages, from 0. Raises what listing them raised."""
        number = 0
        while self._has(number):
            yield number
            number += 1

    def memory_of(self, number: int) -> int:
        """Return how many bytes of memory a page of results takes at most, once it is read."""
        return self._memory[number]

    def page(self, number: int) -> list[Record]:
        """Return a page of results that has been listed, counted from 0."""
        records: list[Record] = orjson.loads(zlib.decompress(self._packed[number]))
        return records

    def records(self) -> Iterator[Record]:
        """Yield the records. Raises what listing them raised."""
        for page in self.pages():
            yield from page

    def forget(self, number: int) -> None:
        """Free a page of results that nobody reads again; then it is empty."""
        self._packed[number] = _NOTHING

    def _has(self, number: int) -> bool:
        with self._lock:
            if number == len(self._packed) and not self._is_complete:
                if self._failure is not None:
                    raise self._failure
                self._list_another()
            return number < len(self._packed)

    def _list_another(self) -> None:
        try:
            if self._source is None:
                self._source = iter(self._pages())
            page = next(self._source, None)
        except Exception as error:
            self._failure = error
            raise
        if page is None:
            self._is_complete = True
        else:
            json = encoded(page)
            self._memory.append(len(json) + memory_of_texts(json))
            self._packed.append(zlib.compress(json, level=1))


class SharedList:
    """The list of one stream, as other streams and the filters read it, without bodies."""

    def __init__(
        self,
        pages: Callable[[str | None], Iterable[list[Record]]],
        pages_in: Callable[[frozenset[str]], Iterable[list[Record]]],
        selected: Callable[[list[Record]], list[Record]],
        first_record: Callable[[], Record | None],
    ) -> None:
        """`pages` returns the pages of results of at least what changed since a moment.

        `pages_in` returns those of at least what lies in spaces that arrived; `selected` returns
        what the config's filters select of a page of results; `first_record` requests the first
        record, without retries.
        """
        self._pages = pages
        self._pages_in = pages_in
        self.selected = selected
        self.first_record = first_record
        self._lock = threading.Lock()
        self._lists: dict[object, ReplayableList] = {}
        self._totals: dict[str | None, int] = {}

    def since(self, moment: str | None) -> ReplayableList:
        """Return what changed since a moment, or the whole list for None, before the filters."""
        return self._list(moment, lambda: self._pages(moment))

    def in_spaces(self, spaces: frozenset[str]) -> ReplayableList:
        """Return what lies in spaces that arrived, before the filters. It may hold more."""
        return self._list(spaces, lambda: self._pages_in(spaces))

    def pages(self) -> Iterator[list[Record]]:
        """Yield the pages of results of the whole list, before the filters."""
        return self.since(None).pages()

    def records(self) -> Iterator[Record]:
        """Yield the records of the whole list, before the filters."""
        return self.since(None).records()

    def selected_pages(self) -> Iterator[list[Record]]:
        """Yield the pages of results of the whole list, after the filters."""
        return map(self.selected, self.pages())

    def total(self, moment: str | None) -> int | None:
        """Return how many records since a moment the filters select; None until all are listed."""
        listed = self.since(moment)
        if not listed.is_complete:
            return None
        if moment not in self._totals:  # two workers may count the same
            self._totals[moment] = sum(len(self.selected(page)) for page in listed.pages())
        return self._totals[moment]

    def _list(self, key: object, pages: Callable[[], Iterable[list[Record]]]) -> ReplayableList:
        with self._lock:
            if key not in self._lists:
                self._lists[key] = ReplayableList(lambda: each_once(pages()))
            return self._lists[key]


def each_once(pages: Iterable[list[Record]]) -> Iterator[list[Record]]:
    """Yield pages of results without the records that repeat those just before them."""
    recent = RecentKeys(("id",))
    for page in pages:
        yield list(recent.fresh(page))
