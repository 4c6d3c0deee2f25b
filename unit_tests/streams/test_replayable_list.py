"""Lists with many readers that are requested once."""

from __future__ import annotations

import tracemalloc
from collections import deque
from collections.abc import Iterator
from threading import Barrier, Thread
from typing import Any

import pytest

from source_confluence.confluence.errors import ServerError
from source_confluence.streams.sync.shared_list import ReplayableList
from unit_tests.fake_site import Json, ids

PAGES: list[list[Json]] = [
    [{"id": "1", "title": "Straße 🚀"}, {"id": "2", "version": {"number": 3, "message": None}}],
    [],
    [{"id": "3", "position": 0.5, "labels": ["a", {"b": [True, 2**53]}]}],
]


class Source:
    """Yields pages of results, and counts them."""

    def __init__(self, *pages: list[Json] | Exception) -> None:
        self._script = pages
        self.requests = 0

    def pages(self) -> Iterator[list[Json]]:
        for page in self._script:
            self.requests += 1
            if isinstance(page, Exception):
                raise page
            yield page


def test_every_reader_gets_the_records_unchanged() -> None:
    shared = ReplayableList(Source(*PAGES).pages)

    for _ in range(2):
        assert list(shared.pages()) == PAGES
        assert list(shared.records()) == PAGES[0] + PAGES[2]
    assert shared.page(2) == PAGES[2]


def test_a_change_of_a_record_does_not_reach_other_readers() -> None:
    shared = ReplayableList(Source(*PAGES).pages)
    for record in shared.records():
        record.clear()

    assert list(shared.records()) == PAGES[0] + PAGES[2]


def test_a_page_is_requested_when_a_reader_needs_it() -> None:
    source = Source(*PAGES)
    shared = ReplayableList(source.pages)
    assert source.requests == 0

    reader = shared.pages()
    next(reader)
    assert source.requests == 1
    next(shared.pages())
    assert source.requests == 1
    next(reader)
    assert source.requests == 2


def test_a_list_is_requested_once_for_all_readers() -> None:
    source = Source(*PAGES)
    shared = ReplayableList(source.pages)

    for _ in range(3):
        list(shared.pages())

    assert source.requests == len(PAGES)


def test_concurrent_readers_get_the_same_records_from_one_request() -> None:
    source = Source(*([{"id": str(number)}] for number in range(200)))
    shared = ReplayableList(source.pages)
    together = Barrier(8)
    seen: list[list[str]] = []

    def read() -> None:
        together.wait()
        seen.append(ids(shared.records()))

    readers = [Thread(target=read) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()

    assert seen == [[str(number) for number in range(200)]] * 8
    assert source.requests == 200


def test_a_failure_is_raised_for_every_reader_without_another_request() -> None:
    source = Source(PAGES[0], ServerError("Confluence answered 500."), PAGES[2])
    shared = ReplayableList(source.pages)

    for _ in range(3):
        with pytest.raises(ServerError):
            list(shared.records())

    assert source.requests == 2


def test_records_before_a_failure_can_be_read() -> None:
    shared = ReplayableList(Source(PAGES[0], ServerError("Confluence answered 500.")).pages)
    reader: Iterator[Any] = shared.records()

    assert [next(reader), next(reader)] == PAGES[0]
    with pytest.raises(ServerError):
        next(reader)
    late = shared.records()
    assert [next(late), next(late)] == PAGES[0]
    with pytest.raises(ServerError):
        next(late)


def test_a_list_may_be_empty() -> None:
    assert list(ReplayableList(Source().pages).records()) == []


def test_a_thousand_records_are_kept_compact() -> None:
    """With 1,000,000 pages in 200 MB, a record may take 200 bytes."""
    records = [
        {
            "id": str(10_000_000 + number * 37),
            "status": "current",
            "title": f"Meeting notes {number}",
            "spaceId": str(98304 + number % 60),
            "parentId": str(10_000_000 + number * 31),
            "parentType": "page",
            "authorId": f"5b10a2844c20165700ede{number % 50:03d}",
            "version": {"number": number % 5 + 1, "createdAt": f"2025-01-01T00:{number % 60:02d}"},
        }
        for number in range(1000)
    ]
    shared = ReplayableList(lambda: (records[first : first + 250] for first in range(0, 1000, 250)))

    tracemalloc.start()
    deque(shared.records(), maxlen=0)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert kept < 200 * len(records)
    assert list(shared.records()) == records
