"""Children of parents: at most one request for each parent, and errors stay with their parent."""

from __future__ import annotations

import logging
import re
from itertools import islice

import pytest
from airbyte_cdk.models import DestinationSyncMode, SyncMode

from source_confluence.confluence.errors import UnreadableRecords
from source_confluence.streams.kinds import PAGE
from source_confluence.streams.retrievers import per_parent
from unit_tests.fake_site import (
    BROKEN,
    NOT_AN_ADMIN,
    NOT_FOUND,
    FakeSite,
    Json,
    Params,
    always,
    page,
    space,
)
from unit_tests.fakes import Setup, make_setup
from unit_tests.run_sync import Outcome, entry, read_whole, run_sync, streams_of

FULL = SyncMode.full_refresh
RECORD = re.compile(r"record (\d+) of (\w+)")


def labels(*numbers: int) -> list[Json]:
    return [{"id": str(number), "name": f"label-{number}"} for number in numbers]


def links(*pairs: tuple[int, int]) -> list[tuple[str, str]]:
    return [(str(parent), str(label)) for parent, label in pairs]


def pairs_of(records: list[Json], parent_key: str = "spaceId") -> list[tuple[str, str]]:
    return [(record[parent_key], record["id"]) for record in records]


def logged(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, str]]:
    """Return the level, the id and the kind in each line about a record."""
    lines = [(one.levelname, RECORD.search(one.message)) for one in caplog.records]
    return [(level, found[1], found[2]) for level, found in lines if found]


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    """Three spaces with labels."""
    site.spaces = [space(1), space(2, "archived"), space(3)]
    site.lists["spaces/1/labels"] = labels(10, 11)
    site.lists["spaces/2/labels"] = labels(20)
    site.lists["spaces/3/labels"] = labels(10)
    return site


def test_each_child_has_the_id_of_its_parent(site: FakeSite, setup: Setup) -> None:
    records = read_whole(streams_of(setup)["space_labels"])

    assert records[0] == {"spaceId": "1", "id": "10", "name": "label-10"}
    assert pairs_of(records) == links((1, 10), (1, 11), (3, 10), (2, 20))
    assert len(site.requests) == 2 + 3


def test_slices_are_batches_of_parents(site: FakeSite, setup: Setup) -> None:
    site.spaces = [space(number) for number in range(1, 61)]

    slices = list(streams_of(setup)["space_labels"].stream_slices(sync_mode=FULL))

    assert [len(part["spaceId"]) for part in slices] == [25, 25, 10]
    assert slices[1] == {
        "parent": "space",
        "page": 0,
        "spaceId": [str(number) for number in range(26, 51)],
    }


def test_parents_are_listed_while_their_children_are_read(site: FakeSite, setup: Setup) -> None:
    site.pages = [page(number) for number in range(1, 501)]

    next(iter(streams_of(setup)["page_likes"].stream_slices(sync_mode=FULL)))

    assert len(site.requests_to("pages")) == 1


def test_children_of_excluded_parents_are_not_requested(site: FakeSite) -> None:
    setup = make_setup(excluded_space_keys=["S2"])

    records = read_whole(streams_of(setup)["space_labels"])

    assert pairs_of(records) == links((1, 10), (1, 11), (3, 10))
    assert site.requests_to("spaces/2/labels") == []


def test_a_deleted_parent_is_skipped_and_logged_once(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    site.faults["spaces/1/labels"] = site.faults["spaces/1/properties"] = always(
        (404, {"errors": [{"title": "No space with id 1"}]})
    )
    streams = streams_of(make_setup(num_workers=1))

    assert pairs_of(read_whole(streams["space_labels"])) == links((3, 10), (2, 20))
    assert read_whole(streams["space_properties"]) == []

    assert logged(caplog) == [("INFO", "1", "space")]


def test_a_parent_that_fails_is_logged_once_and_fails_the_stream_at_its_end(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    site.faults["spaces/1"] = always(BROKEN)
    site.lists["spaces/3/properties"] = [{"id": "5"}]
    names = ("space_labels", "space_properties", "space_role_assignments")

    outcome = run_sync(make_setup(), [entry(name) for name in names])

    assert sorted(pairs_of(outcome.records("space_labels"))) == links((2, 20), (3, 10))
    assert pairs_of(outcome.records("space_properties")) == links((3, 5))
    assert [outcome.statuses(name)[-1] for name in names] == ["INCOMPLETE"] * 2 + ["COMPLETE"]
    (error,) = outcome.errors("space_labels")
    assert error.startswith("space_labels of 1 ")
    assert logged(caplog) == [("ERROR", "1", "space")]


def test_the_error_names_every_parent_that_failed(site: FakeSite, setup: Setup) -> None:
    site.faults["spaces/1/labels"] = site.faults["spaces/3/labels"] = always(BROKEN)

    with pytest.raises(UnreadableRecords, match=r"space_labels of 1, 3 "):
        read_whole(streams_of(setup)["space_labels"])


def test_a_denied_parent_is_skipped_and_logged(
    site: FakeSite, setup: Setup, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    site.faults["spaces/3/labels"] = always(NOT_AN_ADMIN)

    records = read_whole(streams_of(setup)["space_labels"])

    assert pairs_of(records) == links((1, 10), (1, 11), (2, 20))
    assert logged(caplog) == [("INFO", "3", "space")]


def test_a_denied_stream_requests_only_ten_parents(site: FakeSite) -> None:
    site.spaces = [space(number) for number in range(1, 201)]
    for number in range(1, 201):
        site.faults[f"spaces/{number}/permissions"] = always(NOT_AN_ADMIN)

    outcome = run_sync(make_setup(num_workers=1), [entry("space_permissions")])

    assert outcome.error is None
    assert outcome.statuses("space_permissions") == ["STARTED", "COMPLETE"]
    assert [name for name in site.endpoints() if name != "spaces"] == sorted(
        f"spaces/{number}/permissions" for number in range(1, 11)
    )


def test_a_child_that_moves_to_the_next_page_is_read_once(site: FakeSite, setup: Setup) -> None:
    site.lists["spaces/1/labels"] = labels(*range(1, 301))

    def insert_in_front(params: Params) -> None:
        if "cursor" in params:
            site.lists["spaces/1/labels"].insert(0, {"id": "0", "name": "new"})

    site.faults["spaces/1/labels"] = insert_in_front

    records = read_whole(streams_of(setup)["space_labels"])

    mine = [label for parent, label in pairs_of(records) if parent == "1"]
    assert mine == [str(number) for number in range(1, 301)]


BATCHED = ("page_labels", "page_content_properties", "page_likes", "page_versions")


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
def test_streams_of_one_parent_share_one_request(pages: FakeSite, num_workers: int) -> None:
    setup = make_setup(num_workers=num_workers)

    outcome = run_sync(setup, [entry(name, FULL) for name in BATCHED])

    assert outcome.error is None
    counts = {name: len(outcome.records(name)) for name in BATCHED}
    assert counts == {
        "page_labels": 60,
        "page_content_properties": 60,
        "page_likes": 120,
        "page_versions": 80,
    }
    by_id = [name for name in pages.endpoints() if name.startswith("pages/")]
    assert by_id == sorted(f"pages/{number}" for number in range(1, 61))
    requested = {tuple(sorted(params)) for name, params in pages.requests if name in by_id}
    parts = ("include-labels", "include-likes", "include-properties")
    assert requested == {parts, (*parts, "include-versions")}


@pytest.mark.usefixtures("pages")
def test_batched_and_single_streams_read_the_same_records() -> None:
    together = run_sync(make_setup(), [entry(name, FULL) for name in BATCHED])

    for name in BATCHED:
        alone = run_sync(make_setup(), [entry(name, FULL)])
        key = streams_of(make_setup())[name].primary_key
        found = [
            sorted(str([record[part] for part in key]) for record in outcome.records(name))
            for outcome in (together, alone)
        ]
        assert found[0] == found[1] != []


def test_an_included_list_with_more_is_continued_at_its_own_endpoint(
    pages: FakeSite,
) -> None:
    pages.lists["pages/5/likes/users"] = [{"accountId": f"a{number}"} for number in range(120)]

    outcome = run_sync(make_setup(), [entry(name, FULL) for name in BATCHED])

    of_5 = [r["accountId"] for r in outcome.records("page_likes") if r["pageId"] == "5"]
    assert of_5 == [f"a{number}" for number in range(120)]
    own = [(name, p) for name, p in pages.requests if name.startswith("pages/") and "/l" in name]
    assert own == [("pages/5/likes/users", {"limit": "250"})]


def test_an_included_history_with_more_is_read_from_its_start_at_its_own_endpoint(
    pages: FakeSite,
) -> None:
    """It is included oldest first, and listed newest first: its cursor fits no other order."""
    history = [
        {"number": number, "createdAt": f"2025-01-01T{number // 60:02d}:{number % 60:02d}:00.000Z"}
        for number in range(140, 0, -1)
    ]
    pages.lists["pages/3/versions"] = history

    outcome = run_sync(make_setup(), [entry(name, FULL) for name in BATCHED])

    numbers = [r["number"] for r in outcome.records("page_versions") if r["pageId"] == "3"]
    assert sorted(numbers) == list(range(1, 141))
    assert outcome.statuses("page_versions")[-1] == "COMPLETE"
    assert len(pages.requests_to("pages/3/versions")) == 1


@pytest.mark.parametrize("name", BATCHED)
def test_the_lists_of_a_trashed_parent_are_included_in_its_get_even_for_one_stream(
    pages: FakeSite, name: str
) -> None:
    together = run_sync(make_setup(), [entry(name, FULL)])
    for number in (5, 6):
        pages.pages[number - 1]["status"] = "trashed"
    pages.requests.clear()

    outcome = run_sync(make_setup(content_statuses=["current", "trashed"]), [entry(name, FULL)])

    def sorted_records(of: Outcome) -> list[str]:
        return sorted(str(sorted(record.items())) for record in of.records(name))

    assert sorted_records(outcome) == sorted_records(together)
    assert outcome.statuses(name)[-1] == "COMPLETE"
    assert {params["status"] for params in pages.requests_to("pages/6")} == {"trashed"}


def test_a_list_that_the_get_of_a_trashed_parent_cuts_off_is_named(
    pages: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    pages.pages[4]["status"] = "trashed"
    pages.lists["pages/5/likes/users"] = [{"accountId": f"a{number}"} for number in range(120)]
    setup = make_setup(content_statuses=["current", "trashed"])

    outcome = run_sync(setup, [entry("page_likes", FULL)])

    of_5 = [r["accountId"] for r in outcome.records("page_likes") if r["pageId"] == "5"]
    assert of_5 == [f"a{number}" for number in range(50)]
    assert outcome.statuses("page_likes")[-1] == "COMPLETE"
    (warning,) = [one.message for one in caplog.records if one.levelname == "WARNING"]
    assert "page_likes" in warning
    assert re.findall(r"\b5\b", warning)


@pytest.mark.parametrize("count", [2, 30])
@pytest.mark.parametrize("mode", [DestinationSyncMode.append, DestinationSyncMode.overwrite])
def test_what_no_get_of_a_trashed_parent_includes_is_skipped_with_one_line(
    site: FakeSite, caplog: pytest.LogCaptureFixture, count: int, mode: DestinationSyncMode
) -> None:
    site.pages = [page(number, status="trashed") for number in range(1, count + 1)]
    for number in range(1, count + 1):
        site.faults[f"content/{number}/notification/child-created"] = always(NOT_FOUND)
    setup = make_setup(content_statuses=["trashed"])

    outcome = run_sync(setup, [entry("page_watchers", FULL, mode)])

    assert outcome.statuses("page_watchers")[-1] == "COMPLETE"
    (warning,) = [one.message for one in caplog.records if one.levelname == "WARNING"]
    assert re.findall(rf"\b{count}\b", warning)


def test_a_parent_that_fails_is_logged_once_for_the_whole_batch(
    pages: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    pages.faults["pages/7"] = always(NOT_FOUND)
    pages.faults["pages/9"] = always(BROKEN)

    outcome = run_sync(make_setup(), [entry(name, FULL) for name in BATCHED])

    for name in BATCHED:
        others = {record["pageId"] for record in outcome.records(name)} | {"7", "9"}
        assert others == {str(number) for number in range(1, 61)}
        (error,) = outcome.errors(name)
        assert error.startswith(f"{name} of 9 ")
    assert sorted(logged(caplog)) == [("ERROR", "9", "pages"), ("INFO", "7", "pages")]


def test_a_parent_at_version_1_costs_no_request(pages: FakeSite) -> None:
    outcome = run_sync(make_setup(), [entry("page_versions", FULL)])

    assert len(outcome.records("page_versions")) == 80
    by_id = [name for name in pages.endpoints() if name.startswith("pages/")]
    assert by_id == sorted(f"pages/{number}/versions" for number in range(3, 61, 3))


def test_a_parent_without_an_id_has_no_children(site: FakeSite, setup: Setup) -> None:
    answers = {"current": [space(1), {"key": "S2"}], "archived": []}
    site.faults["spaces"] = lambda p: (200, {"results": answers[p["status"]], "_links": {}})

    assert pairs_of(read_whole(streams_of(setup)["space_labels"])) == links((1, 10), (1, 11))


@pytest.mark.parametrize("meta", [{"hasMore": True}, {"hasMore": True, "cursor": None}])
def test_an_included_list_without_a_cursor_is_read_from_its_start(
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
        make_setup(),
        [entry("space_labels", FULL), entry("space_properties", FULL)],
    )

    assert pairs_of(outcome.records("space_labels")) == links((1, 10), (1, 11))
    assert "cursor" not in site.requests_to("spaces/1/labels")[0]


def test_the_share_is_known_before_all_parents_are_in_slices(
    site: FakeSite, setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(per_parent, "FEW_PAGES", 0)
    site.pages = [page(number) for number in range(1, 601)]
    site.pages += [page(number, status="trashed") for number in range(601, 701)]
    run = streams_of(setup)["page_watchers"].run
    slices = iter(run.retriever.slices(run))
    with run.progress.listing():
        for part in islice(slices, 5):
            run.progress.found(part)
        assert run.progress.share(0) is None
        list(run.sync.list_of(PAGE).pages())  # as another stream does
        for part in islice(slices, 10):
            run.progress.found(part)
        with run.progress.reading(part):
            pass

        assert run.progress.share(0) == pytest.approx(25 / 600)
