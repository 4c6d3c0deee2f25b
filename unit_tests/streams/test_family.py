"""Parents that several streams ask for together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from threading import Barrier, Event, Thread
from typing import Any

import pytest

from source_confluence.confluence.responses import NotFound
from source_confluence.streams.family import Details, Family, Group
from unit_tests.fake_site import Json

PARENTS: list[Json] = [{"id": str(number)} for number in range(1, 26)]


class Stream:
    """A member of a family, as little as one can be."""

    def __init__(self, section: str, wants: Callable[[Json], bool], parts: bool) -> None:
        self.section = section
        self.wants_every_parent = section != "versions"
        self._wants = wants
        self._parts = parts

    def takes_part(self) -> bool:
        return self._parts

    def wants(self, parent: Json) -> bool:
        return self._wants(parent)


def member(section: str, wants: Callable[[Json], bool] = lambda _: True, parts: bool = True) -> Any:
    return Stream(section, wants, parts)


class Site:
    """Answers for parents, and counts how often it is asked for each."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, list[str]]] = []

    def get(self, parent: Json, sections: list[str]) -> Details:
        self.asked.append((parent["id"], sections))
        if parent["id"] == "13":
            raise NotFound("Parent 13 is gone.")
        return {section: {"results": [f"{section} of {parent['id']}"]} for section in sections}


def family_of(site: Site, *members: Any) -> Family:
    family = Family(site.get)
    for one in members:
        family.join(one)
    return family


def details_of(group: Group, parent: Json) -> Details | NotFound:
    try:
        return group.of(parent)
    except NotFound as gone:
        return gone


def read(family: Family, parents: list[Json]) -> dict[str, Any]:
    with family.group(("key", parents[0]["id"]), parents) as group:
        return {parent["id"]: details_of(group, parent) for parent in parents}


def test_a_stream_alone_has_nobody_to_share_with() -> None:
    labels = member("labels")

    assert not family_of(Site(), labels).shares(labels)


def test_streams_share_that_take_part() -> None:
    labels, likes, aside = member("labels"), member("likes"), member("versions", parts=False)
    family = family_of(Site(), labels, likes, aside)

    assert family.shares(labels)
    assert family.shares(likes)
    assert not family.shares(aside)


def test_a_stream_does_not_share_with_those_that_do_not_take_part() -> None:
    labels, aside = member("labels"), member("versions", parts=False)

    assert not family_of(Site(), labels, aside).shares(labels)


def test_a_stream_that_has_not_joined_does_not_share() -> None:
    family = family_of(Site(), member("labels"), member("likes"))

    assert not family.shares(member("properties"))


def test_somebody_else_may_ask_every_parent_anyway() -> None:
    labels, likes, versions = member("labels"), member("likes"), member("versions")

    assert family_of(Site(), labels, likes).asks_every_parent_but_for(labels)
    assert not family_of(Site(), labels, versions).asks_every_parent_but_for(labels)
    assert not family_of(Site(), labels).asks_every_parent_but_for(labels)


def test_one_request_for_each_parent_serves_all_readers() -> None:
    site = Site()
    labels, likes = member("labels"), member("likes")
    family = family_of(site, labels, likes)
    assert family.shares(labels)

    first, second = read(family, PARENTS[:12]), read(family, PARENTS[:12])

    assert first == second
    assert first["7"] == {
        "labels": {"results": ["labels of 7"]},
        "likes": {"results": ["likes of 7"]},
    }
    assert sorted(site.asked) == sorted((str(n), ["labels", "likes"]) for n in range(1, 13))


def test_only_what_is_wanted_of_a_parent_is_asked_for() -> None:
    site = Site()
    odd = member("versions", lambda parent: int(parent["id"]) % 2 == 1)
    few = member("likes", lambda parent: int(parent["id"]) < 3)
    family = family_of(site, odd, few)
    assert family.shares(odd)

    found = read(family, PARENTS[:4])

    assert dict(site.asked) == {"1": ["versions", "likes"], "2": ["likes"], "3": ["versions"]}
    assert found["4"] == {}


def test_an_error_belongs_to_its_parent_and_to_every_reader() -> None:
    site = Site()
    labels = member("labels")
    family = family_of(site, labels, member("likes"))
    assert family.shares(labels)

    for _ in range(2):
        found = read(family, PARENTS)
        assert isinstance(found.pop("13"), NotFound)
        assert set(found) == {str(number) for number in range(1, 26)} - {"13"}
        assert not any(isinstance(one, Exception) for one in found.values())
    assert len(site.asked) == len(PARENTS)


def test_a_group_is_forgotten_when_the_last_reader_has_read_it() -> None:
    site = Site()
    labels = member("labels")
    family = family_of(site, labels, member("likes"), member("properties"))
    assert family.shares(labels)

    for readers, known in ((1, 1), (2, 1), (3, 0)):
        read(family, PARENTS[:2])
        assert len(family._groups) == known, readers
    assert len(site.asked) == 2


def test_a_reader_that_breaks_off_counts_as_one() -> None:
    labels = member("labels")
    family = family_of(Site(), labels, member("likes"))
    assert family.shares(labels)

    with pytest.raises(ZeroDivisionError), family.group("key", PARENTS[:1]):
        raise ZeroDivisionError
    assert list(family._groups) == ["key"]
    with family.group("key", PARENTS[:1]):
        pass
    assert family._groups == {}


def test_workers_that_wait_for_a_group_fetch_it_together() -> None:
    """Four workers, and each request waits until all four are at it."""
    together = Barrier(4, timeout=10)
    asked: Counter[str] = Counter()

    def get(parent: Json, sections: list[str]) -> Details:
        asked[parent["id"]] += 1
        together.wait()
        return {section: {"results": [parent["id"]]} for section in sections}

    members = [member(f"section {number}") for number in range(4)]
    family = Family(get)
    for one in members:
        family.join(one)
    assert family.shares(members[0])
    found: list[dict[str, Any]] = []

    def work() -> None:
        found.append(read(family, PARENTS[:8]))

    workers = [Thread(target=work) for _ in members]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(10)

    assert asked == dict.fromkeys([str(number) for number in range(1, 9)], 1)
    assert len(found) == 4
    assert all(one == found[0] for one in found)
    assert family._groups == {}


def test_a_worker_waits_for_what_another_is_fetching() -> None:
    is_asked, may_answer = Event(), Event()

    def get(parent: Json, _: list[str]) -> Details:
        is_asked.set()
        assert may_answer.wait(10)
        return {"labels": {"results": [parent["id"]]}}

    labels = member("labels")
    family = Family(get)
    family.join(labels)
    family.join(member("likes"))
    assert family.shares(labels)
    found: list[Any] = []
    workers = [Thread(target=lambda: found.append(read(family, PARENTS[:1]))) for _ in range(2)]
    for worker in workers:
        worker.start()
    assert is_asked.wait(10)
    assert found == []

    may_answer.set()
    for worker in workers:
        worker.join(10)

    assert found == [{"1": {"labels": {"results": ["1"]}}}] * 2
