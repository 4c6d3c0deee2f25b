"""Drops records that a list repeats."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from source_confluence.confluence.records import Record


class RecentKeys:
    """Drops what a page of results repeats of the ones just before it.

    Lists shift while they are read: a record that is inserted in front pushes another over the
    edge of the page. Two pages are remembered, so that memory does not grow with the list.
    """

    def __init__(self, key: tuple[str, ...]) -> None:
        self._key = key
        self._pages: deque[set[Any]] = deque(maxlen=2)

    def fresh(self, records: Iterable[Record]) -> Iterator[Record]:
        """Yield the records that are new; one without a key always is."""
        current: set[Any] = set()
        earlier = list(self._pages)
        self._pages.append(current)
        for record in records:
            key = tuple([record.get(name) for name in self._key])
            if None not in key:
                try:
                    is_repeated = key in current or any(key in page for page in earlier)
                except TypeError:  # an odd record, whose key is a list
                    is_repeated = False
                else:
                    current.add(key)  # a repeated one, too: the next page may repeat it once more
                if is_repeated:
                    continue
            yield record
