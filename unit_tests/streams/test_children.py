"""What hangs on parents: one request each at most, and no trouble of one is another's."""

from __future__ import annotations

import logging

import pytest
from airbyte_cdk.models import SyncMode

from source_confluence.confluence.listing import UnreadableRecords
from source_confluence.connection import Connection
from unit_tests.fake_site import (
    BROKEN,
    GONE,
    NOT_AN_ADMIN,
    FakeSite,
    Json,
    Params,
    always,
    page,
    space,
)
from unit_tests.fakes import make_config, make_connection
from unit_tests.run_sync import entry, read_whole, run_sync, streams_of

FULL = SyncMode.full_refresh


def labels(*numbers: int) -> list[Json]:
    return [{"id": str(number), "name": f"label-{number}"} for number in numbers]


def links(*pairs: tuple[int, int]) -> list[tuple[str, str]]:
    return [(str(parent), str(label)) for parent, label in pairs]


def pairs_of(records: list[Json], parent_key: str = "spaceId") -> list[tuple[str, str]]:
    return [(record[parent_key], record["id"]) for record in records]


def named(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [line for line in caplog.messages if line.startswith(("Record ", "What hangs on"))]


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    """Three spaces with labels."""
    site.spaces = [space(1), space(2, "archived"), space(3)]
    site.lists["spaces/1/labels"] = labels(10, 11)
    site.lists["spaces/2/labels"] = labels(20)
    site.lists["spaces/3/labels"] = labels(10)
    return site


def test_each_child_comes_with_the_id_of_its_parent(site: FakeSite, connection: Connection) -> None:
    records = read_whole(streams_of(connection)["space_labels"])

    assert records[0] == {"spaceId": "1", "id": "10", "name": "label-10"}
    assert pairs_of(records) == links((1, 10), (1, 11), (3, 10), (2, 20))
    assert len(site.requests) == 2 + 3


def test_partitions_hold_groups_of_parents(site: FakeSite, connection: Connection) -> None:
    site.spaces = [space(number) for number in range(1, 61)]

    slices = list(streams_of(connection)["space_labels"].stream_slices(sync_mode=FULL))

    assert [len(part["spaceId"]) for part in slices] == [25, 25, 10]
    assert slices[1] == {
        "parent": "space",
        "page": 0,
        "spaceId": [str(number) for number in range(26, 51)],
    }


def test_parents_are_listed_while_their_children_are_read(
    site: FakeSite, connection: Connection
) -> None:
    site.pages = [page(number) for number in range(1, 501)]

    next(iter(streams_of(connection)["page_likes"].stream_slices(sync_mode=FULL)))

    assert len(site.asked("pages")) == 1


def test_children_of_what_the_config_leaves_out_are_not_asked_for(site: FakeSite) -> None:
    connection = make_connection(make_config(excluded_space_keys=["S2"]))

    records = read_whole(streams_of(connection)["space_labels"])

    assert pairs_of(records) == links((1, 10), (1, 11), (3, 10))
    assert site.asked("spaces/2/labels") == []


def test_a_parent_that_is_gone_is_passed_over_and_named_once(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    site.faults["spaces/1/labels"] = site.faults["spaces/1/properties"] = always(
        (404, {"errors": [{"title": "No space with id 1"}]})
    )
    connection = make_connection(make_config(num_workers=1))
    streams = streams_of(connection)

    assert pairs_of(read_whole(streams["space_labels"])) == links((3, 10), (2, 20))
    assert read_whole(streams["space_properties"]) == []

    (line,) = named(caplog)
    assert line.startswith("Record 1 of space is passed over: /wiki/api/v2/spaces/1/labels does no")


def test_a_parent_in_trouble_is_named_once_and_fails_the_stream_behind_all_others(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    site.faults["spaces/1"] = always(BROKEN)
    site.lists["spaces/3/properties"] = [{"id": "5"}]
    names = ("space_labels", "space_properties", "space_role_assignments")

    outcome = run_sync(make_connection(make_config()), [entry(name) for name in names])

    assert sorted(pairs_of(outcome.records("space_labels"))) == links((2, 20), (3, 10))
    assert pairs_of(outcome.records("space_properties")) == links((3, 5))
    assert [outcome.statuses(name)[-1] for name in names] == ["INCOMPLETE"] * 2 + ["COMPLETE"]
    assert outcome.errors("space_labels") == ["space_labels of 1 could not be read."]
    (line,) = named(caplog)
    assert line.startswith("What hangs on record 1 of space cannot be read: Confluence answered 5")


def test_every_parent_in_trouble_is_in_the_error(site: FakeSite, connection: Connection) -> None:
    site.faults["spaces/1/labels"] = site.faults["spaces/3/labels"] = always(BROKEN)

    with pytest.raises(UnreadableRecords, match=r"space_labels of 1, 3 could not be read"):
        read_whole(streams_of(connection)["space_labels"])


def test_a_parent_that_may_not_be_read_is_passed_over_and_named(
    site: FakeSite, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    site.faults["spaces/3/labels"] = always(NOT_AN_ADMIN)

    records = read_whole(streams_of(connection)["space_labels"])

    assert pairs_of(records) == links((1, 10), (1, 11), (2, 20))
    (line,) = named(caplog)
    assert line.startswith("Record 3 of space is passed over: The account may not read")


def test_a_refused_stream_asks_for_a_few_parents_only(site: FakeSite) -> None:
    site.spaces = [space(number) for number in range(1, 201)]
    for number in range(1, 201):
        site.faults[f"spaces/{number}/permissions"] = always(NOT_AN_ADMIN)

    outcome = run_sync(make_connection(make_config(num_workers=1)), [entry("space_permissions")])

    assert outcome.error is None
    assert outcome.statuses("space_permissions") == ["STARTED", "COMPLETE"]
    assert [name for name in site.endpoints() if name != "spaces"] == sorted(
        f"spaces/{number}/permissions" for number in range(1, 11)
    )


def test_what_a_parent_s_list_repeats_comes_once(site: FakeSite, connection: Connection) -> None:
    site.lists["spaces/1/labels"] = labels(*range(1, 301))

    def insert_in_front(params: Params) -> None:
        if "cursor" in params:
            site.lists["spaces/1/labels"].insert(0, {"id": "0", "name": "new"})

    site.faults["spaces/1/labels"] = insert_in_front

    records = read_whole(streams_of(connection)["space_labels"])

    mine = [label for parent, label in pairs_of(records) if parent == "1"]
    assert mine == [str(number) for number in range(1, 301)]


SHARING = ("page_labels", "page_content_properties", "page_likes", "page_versions")


@pytest.fixture
def pages(site: FakeSite) -> FakeSite:
    """Pages of which every third has more than one version."""
    site.pages = [page(number) for number in range(1, 61)]
    for one in site.pages:
        number = int(one["id"])
        site.lists[f"pages/{number}/labels"] = labels(number % 7)
        site.lists[f"pages/{number}/properties"] = [{"id": str(1000 + number), "key": "k"}]
        site.lists[f"pages/{number}/likes/users"] = [{"accountId": "a"}, {"accountId": "b"}]
        if number % 3 == 0:
            one["version"] = {"number": 2, "createdAt": "2025-02-02T00:00:00.000Z"}
        site.lists[f"pages/{number}/versions"] = [
            {"number": n, "createdAt": f"2025-0{n}-0{n}T00:00:00.000Z"}
            for n in range(one["version"]["number"], 0, -1)
        ]
    site.lists["labels"] = labels(*range(7))
    return site


@pytest.mark.parametrize("num_workers", [1, 4])
def test_several_streams_of_one_parent_share_one_request(pages: FakeSite, num_workers: int) -> None:
    connection = make_connection(make_config(num_workers=num_workers))

    outcome = run_sync(connection, [entry(name, FULL) for name in SHARING])

    assert outcome.error is None
    counts = {name: len(outcome.records(name)) for name in SHARING}
    assert counts == {
        "page_labels": 60,
        "page_content_properties": 60,
        "page_likes": 120,
        "page_versions": 80,
    }
    by_id = [name for name in pages.endpoints() if name.startswith("pages/")]
    assert by_id == sorted(f"pages/{number}" for number in range(1, 61))
    asked = {tuple(sorted(params)) for name, params in pages.requests if name in by_id}
    parts = ("include-labels", "include-likes", "include-properties")
    assert asked == {parts, (*parts, "include-versions")}


@pytest.mark.usefixtures("pages")
def test_shared_and_alone_streams_bring_the_same() -> None:
    together = run_sync(make_connection(), [entry(name, FULL) for name in SHARING])

    for name in SHARING:
        alone = run_sync(make_connection(), [entry(name, FULL)])
        key = streams_of(make_connection())[name].key
        found = [
            sorted(str([record[part] for part in key]) for record in outcome.records(name))
            for outcome in (together, alone)
        ]
        assert found[0] == found[1] != []


def test_an_included_list_is_continued_at_its_own_endpoint_where_it_has_more(
    pages: FakeSite,
) -> None:
    pages.lists["pages/5/likes/users"] = [{"accountId": f"a{number}"} for number in range(120)]

    outcome = run_sync(make_connection(), [entry(name, FULL) for name in SHARING])

    of_5 = [r["accountId"] for r in outcome.records("page_likes") if r["pageId"] == "5"]
    assert of_5 == [f"a{number}" for number in range(120)]
    own = [(name, p) for name, p in pages.requests if name.startswith("pages/") and "/l" in name]
    assert own == [("pages/5/likes/users", {"cursor": "50", "limit": "250"})]


def test_one_poisoned_parent_is_named_once_by_all_that_share_it(
    pages: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    pages.faults["pages/7"] = always(GONE)
    pages.faults["pages/9"] = always(BROKEN)

    outcome = run_sync(make_connection(), [entry(name, FULL) for name in SHARING])

    for name in SHARING:
        others = {record["pageId"] for record in outcome.records(name)} | {"7", "9"}
        assert others == {str(number) for number in range(1, 61)}
        assert outcome.errors(name) == [f"{name} of 9 could not be read."]
    gone, broken = sorted(named(caplog))
    assert gone.startswith("Record 7 of pages is passed over")
    assert broken.startswith("What hangs on record 9 of pages cannot be read")


def test_a_parent_at_version_1_costs_no_request(pages: FakeSite) -> None:
    outcome = run_sync(make_connection(), [entry("page_versions", FULL)])

    assert len(outcome.records("page_versions")) == 80
    asked = [name for name in pages.endpoints() if name.startswith("pages/")]
    assert asked == sorted(f"pages/{number}/versions" for number in range(3, 61, 3))


def test_a_parent_without_an_id_has_no_children(site: FakeSite, connection: Connection) -> None:
    answers = {"current": [space(1), {"key": "S2"}], "archived": []}
    site.faults["spaces"] = lambda p: (200, {"results": answers[p["status"]], "_links": {}})

    assert pairs_of(read_whole(streams_of(connection)["space_labels"])) == links((1, 10), (1, 11))


@pytest.mark.parametrize("meta", [{"hasMore": True}, {"hasMore": True, "cursor": None}])
def test_an_included_list_that_does_not_say_where_it_goes_on_is_read_anew(
    site: FakeSite, meta: Json
) -> None:
    details = {
        "id": "1",
        "labels": {"results": labels(10), "meta": meta},
        "properties": {"results": []},
    }
    site.spaces = [space(1)]
    site.faults["spaces/1"] = always((200, details))

    outcome = run_sync(
        make_connection(make_config()),
        [entry("space_labels", FULL), entry("space_properties", FULL)],
    )

    assert pairs_of(outcome.records("space_labels")) == links((1, 10), (1, 11))
    assert "cursor" not in site.asked("spaces/1/labels")[0]
