"""Batches of parents that several streams request together."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from threading import Barrier, Event, Thread
from typing import Any

import pytest

from source_confluence.confluence.body import MEGABYTE
from source_confluence.confluence.errors import NotFound, ResponseTooLarge
from source_confluence.streams.retrievers.batches import Batch, Details, IncludeBatcher, Member
from unit_tests.fake_site import Json

PARENTS: list[Json] = [{"id": str(number)} for number in range(1, 26)]


def member(
    section: str, wants: Callable[[Json], bool] | None = None, *, takes_part: bool = True
) -> Member:
    """Return a stream with the name of its section."""
    return Member(section, section, wants, lambda: takes_part)


class Site:
    """Responds for each parent except 13, and counts the requests."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, list[str]]] = []

    def get(self, parent: Json, sections: list[str]) -> Details:
        self.requests.append((parent["id"], sections))
        if parent["id"] == "13":
            raise NotFound("There is no parent 13.")
        return {section: {"results": [f"{section} of {parent['id']}"]} for section in sections}


def batcher(*members: Member, site: Site | None = None) -> IncludeBatcher:
    return IncludeBatcher(members, (site or Site()).get)


def details_of(batch: Batch, parent: Json) -> Details | NotFound:
    try:
        return batch.details_of(parent)
    except NotFound as error:
        return error


def read(batcher: IncludeBatcher, parents: list[Json]) -> dict[str, Any]:
    with batcher.batch(("key", parents[0]["id"]), parents) as batch:
        return {parent["id"]: details_of(batch, parent) for parent in parents}


def test_it_serves_streams_that_take_part_if_there_are_several() -> None:
    labels, likes, apart = member("labels"), member("likes"), member("versions", takes_part=False)

    together = batcher(labels, likes, apart)

    assert [together.serves(name) for name in ("labels", "likes")] == [True, True]
    assert [together.serves(name) for name in ("versions", "properties")] == [False, False]
    assert not batcher(labels).serves("labels")
    assert not batcher(labels, apart).serves("labels")


def test_another_stream_may_want_every_parent() -> None:
    labels, likes = member("labels"), member("likes")
    versions = member("versions", lambda parent: parent["id"] != "1")

    assert batcher(labels, likes).wants_every_parent_besides("labels")
    assert not batcher(labels, versions).wants_every_parent_besides("labels")
    assert not batcher(labels).wants_every_parent_besides("labels")


def test_one_request_per_parent_serves_all_readers() -> None:
    site = Site()
    together = batcher(member("labels"), member("likes"), site=site)

    first, second = read(together, PARENTS[:12]), read(together, PARENTS[:12])

    assert first == second
    assert first["7"] == {
        "labels": {"results": ["labels of 7"]},
        "likes": {"results": ["likes of 7"]},
    }
    assert sorted(site.requests) == sorted((str(n), ["labels", "likes"]) for n in range(1, 13))


def test_only_wanted_lists_of_a_parent_are_requested() -> None:
    site = Site()
    odd = member("versions", lambda parent: int(parent["id"]) % 2 == 1)
    few = member("likes", lambda parent: int(parent["id"]) < 3)

    found = read(batcher(odd, few, site=site), PARENTS[:4])

    assert dict(site.requests) == {"1": ["versions", "likes"], "2": ["likes"], "3": ["versions"]}
    assert found["4"] == {}


def test_every_reader_gets_the_error_of_a_parent_and_all_other_parents() -> None:
    site = Site()
    together = batcher(member("labels"), member("likes"), site=site)

    for _ in range(2):
        found = read(together, PARENTS)
        assert isinstance(found.pop("13"), NotFound)
        assert set(found) == {str(number) for number in range(1, 26)} - {"13"}
        assert not any(isinstance(one, Exception) for one in found.values())
    assert len(site.requests) == len(PARENTS)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (lambda: {"labels": int("none")}, ValueError),
        (lambda: {"labels": 1 / 0}, ZeroDivisionError),
    ],
)
def test_what_is_wrong_with_one_parent_affects_no_other(
    answer: Callable[[], Details], error: type[Exception]
) -> None:
    def get(parent: Json, _: list[str]) -> Details:
        return answer() if parent["id"] == "2" else {"labels": {"results": [parent["id"]]}}

    together = IncludeBatcher([member("labels"), member("likes")], get)

    for _ in range(2):
        with together.batch("key", PARENTS[:3]) as batch:
            assert batch.details_of(PARENTS[0]) == {"labels": {"results": ["1"]}}
            assert batch.details_of(PARENTS[2]) == {"labels": {"results": ["3"]}}
            with pytest.raises(error):
                batch.details_of(PARENTS[1])


def test_a_batch_is_forgotten_after_its_last_reader() -> None:
    """One more read requests the parents again."""
    site = Site()
    together = batcher(member("labels"), member("likes"), member("properties"), site=site)

    requests = []
    for _ in range(4):
        read(together, PARENTS[:2])
        requests.append(len(site.requests))

    assert requests == [2, 2, 2, 4]


def test_what_all_batches_keep_has_a_limit() -> None:
    """A list that is not kept is requested on its own; what was read by all makes room again."""
    large = {"labels": {"results": [os.urandom(4 * MEGABYTE).hex()]}}
    together = IncludeBatcher([member("labels")], lambda _parent, _sections: large)

    for first in range(0, 24, 4):
        with together.batch(first, PARENTS[first : first + 4]) as batch:
            assert all(map(batch.details_of, PARENTS[first : first + 4]))
    with together.batch("all", PARENTS) as batch:
        kept = [batch.details_of(parent) == large for parent in PARENTS]

    assert 10 < sum(kept) < len(PARENTS)
    assert kept == sorted(kept, reverse=True)


def test_lists_that_are_too_large_together_are_left_out() -> None:
    def get(parent: Json, _: list[str]) -> Details:
        if parent["id"] == "2":
            raise ResponseTooLarge("It is too large.")
        return {"labels": {"results": [parent["id"]]}}

    found = read(IncludeBatcher([member("labels"), member("likes")], get), PARENTS[:2])

    assert found == {"1": {"labels": {"results": ["1"]}}, "2": {}}


def test_a_reader_that_fails_counts_as_a_reader() -> None:
    site = Site()
    together = batcher(member("labels"), member("likes"), site=site)

    for _ in range(2):
        with pytest.raises(ZeroDivisionError), together.batch("key", PARENTS[:1]):
            raise ZeroDivisionError
    with together.batch("key", PARENTS[:1]):
        pass

    assert len(site.requests) == 2


def test_waiting_workers_fetch_a_batch_together() -> None:
    """Each request waits until all four workers send one."""
    together = Barrier(4, timeout=10)
    requests: Counter[str] = Counter()

    def get(parent: Json, sections: list[str]) -> Details:
        requests[parent["id"]] += 1
        together.wait()
        return {section: {"results": [parent["id"]]} for section in sections}

    four = IncludeBatcher([member(f"section {number}") for number in range(4)], get)
    found: list[dict[str, Any]] = []
    workers = [Thread(target=lambda: found.append(read(four, PARENTS[:8]))) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(10)

    assert requests == dict.fromkeys([str(number) for number in range(1, 9)], 1)
    assert len(found) == 4
    assert all(one == found[0] for one in found)


def test_a_worker_waits_for_the_requests_of_another() -> None:
    is_requested, may_respond = Event(), Event()

    def get(parent: Json, _: list[str]) -> Details:
        is_requested.set()
        assert may_respond.wait(10)
        return {"labels": {"results": [parent["id"]]}}

    together = IncludeBatcher([member("labels"), member("likes")], get)
    found: list[Any] = []
    workers = [Thread(target=lambda: found.append(read(together, PARENTS[:1]))) for _ in range(2)]
    for worker in workers:
        worker.start()
    assert is_requested.wait(10)
    assert found == []

    may_respond.set()
    for worker in workers:
        worker.join(10)

    assert found == [{"1": {"labels": {"results": ["1"]}}}] * 2
