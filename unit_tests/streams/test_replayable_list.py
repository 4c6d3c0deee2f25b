"""Lists that many read and that are asked for once."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Barrier, Thread
from typing import Any

import pytest

from source_confluence.confluence.responses import ServerTrouble
from source_confluence.streams.retrievers.replayable_list import ReplayableList
from unit_tests.fake_site import Json, ids

PAGES: list[list[Json]] = [
    [{"id": "1", "title": "Straße 🚀"}, {"id": "2", "version": {"number": 3, "message": None}}],
    [],
    [{"id": "3", "position": 0.5, "labels": ["a", {"b": [True, 2**53]}]}],
]


class Source:
    """Yields pages of results, and counts how many were asked for."""

    def __init__(self, *pages: list[Json] | Exception) -> None:
        self._script = pages
        self.asked = 0

    def pages(self) -> Iterator[list[Json]]:
        for page in self._script:
            self.asked += 1
            if isinstance(page, Exception):
                raise page
            yield page


def test_records_come_back_as_they_were_for_every_reader() -> None:
    shared = ReplayableList(Source(*PAGES).pages())

    for _ in range(2):
        assert list(shared.pages()) == PAGES
        assert list(shared.records()) == PAGES[0] + PAGES[2]
    assert shared.page(2) == PAGES[2]


def test_what_one_reader_does_to_a_record_no_other_sees() -> None:
    shared = ReplayableList(Source(*PAGES).pages())
    for record in shared.records():
        record.clear()

    assert list(shared.records()) == PAGES[0] + PAGES[2]


def test_no_page_is_asked_for_before_somebody_reads_that_far() -> None:
    source = Source(*PAGES)
    shared = ReplayableList(source.pages())
    assert source.asked == 0

    reader = shared.pages()
    next(reader)
    assert source.asked == 1
    next(shared.pages())
    assert source.asked == 1
    next(reader)
    assert source.asked == 2


def test_a_list_is_asked_for_once_however_often_it_is_read() -> None:
    source = Source(*PAGES)
    shared = ReplayableList(source.pages())

    for _ in range(3):
        list(shared.pages())

    assert source.asked == len(PAGES)


def test_many_readers_at_the_same_time_see_the_same_and_ask_once() -> None:
    source = Source(*([{"id": str(number)}] for number in range(200)))
    shared = ReplayableList(source.pages())
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
    assert source.asked == 200


def test_a_failure_is_everybodys_and_the_list_is_not_asked_for_again() -> None:
    source = Source(PAGES[0], ServerTrouble("Confluence answered 500."), PAGES[2])
    shared = ReplayableList(source.pages())

    for _ in range(3):
        with pytest.raises(ServerTrouble, match="answered 500"):
            list(shared.records())

    assert source.asked == 2


def test_what_was_listed_before_a_failure_is_there_for_who_reads_it() -> None:
    shared = ReplayableList(Source(PAGES[0], ServerTrouble("Confluence answered 500.")).pages())
    reader: Iterator[Any] = shared.records()

    assert [next(reader), next(reader)] == PAGES[0]
    with pytest.raises(ServerTrouble):
        next(reader)
    late = shared.records()
    assert [next(late), next(late)] == PAGES[0]
    with pytest.raises(ServerTrouble):
        next(late)


def test_an_empty_list_is_one() -> None:
    assert list(ReplayableList(Source().pages()).records()) == []


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
    shared = ReplayableList(records[first : first + 250] for first in range(0, 1000, 250))

    assert list(shared.records()) == records
    assert sum(map(len, shared._packed)) < 100 * len(records)
