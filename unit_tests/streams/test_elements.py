"""Streams that send a request per element: which errors skip one, and which stop the stream."""

from __future__ import annotations

import pytest
from airbyte_cdk.models import DestinationSyncMode, FailureType, SyncMode

from source_confluence.streams.retrievers.per_parent import PerParent
from source_confluence.streams.spaces import SpaceWatchers
from source_confluence.streams.sync.health import DENIALS_BEFORE_ANY_SUCCESS
from unit_tests.fake_site import (
    BAD_REQUEST,
    BROKEN,
    NOT_AN_ADMIN,
    NOT_FOUND,
    FakeSite,
    Json,
    always,
    ids,
    page,
    space,
)
from unit_tests.fakes import make_setup
from unit_tests.run_sync import Outcome, entry, run_sync

OVERWRITE = DestinationSyncMode.overwrite
APPEND = DestinationSyncMode.append
LATER = "2025-03-02T00:00:00.000Z"
Answer = tuple[int, Json]
denials = pytest.mark.parametrize("denial", [NOT_AN_ADMIN, NOT_FOUND], ids=["403", "404"])


def read(
    stream: str, destination: DestinationSyncMode = OVERWRITE, num_workers: int = 1
) -> Outcome:
    setup = make_setup(num_workers=num_workers)
    return run_sync(setup, [entry(stream, SyncMode.full_refresh, destination)])


def add_spaces(site: FakeSite, count: int) -> None:
    site.spaces = [space(number) for number in range(1, count + 1)]
    for number in range(1, count + 1):
        site.lists[f"spaces/{number}/labels"] = [{"id": "7"}]


def fail(site: FakeSite, answer: Answer, *numbers: int) -> None:
    for number in numbers:
        site.faults[f"spaces/{number}/labels"] = always(answer)


def label_requests(site: FakeSite) -> int:
    return sum(name.endswith("/labels") for name in site.endpoints())


def failure_types(outcome: Outcome) -> set[FailureType | None]:
    """Return who can fix the errors of a sync, as their messages declare."""
    traces = [message.trace for message in outcome.messages if message.trace is not None]
    return {trace.error.failure_type for trace in traces if trace.error is not None}


def read_ids(outcome: Outcome, stream: str = "space_labels") -> list[int]:
    return sorted(int(record["spaceId"]) for record in outcome.records(stream))


@denials
@pytest.mark.parametrize("denied", range(1, 7))
def test_a_denied_element_is_skipped_at_any_position(
    site: FakeSite, denial: Answer, denied: int
) -> None:
    add_spaces(site, 6)
    fail(site, denial, denied)

    outcome = read("space_labels")

    assert outcome.statuses("space_labels")[-1] == "COMPLETE"
    assert read_ids(outcome) == [number for number in range(1, 7) if number != denied]


@denials
def test_nine_denied_elements_before_any_success_are_skipped(
    site: FakeSite, denial: Answer
) -> None:
    add_spaces(site, 60)
    fail(site, denial, *range(1, DENIALS_BEFORE_ANY_SUCCESS))

    outcome = read("space_labels")

    assert outcome.statuses("space_labels")[-1] == "COMPLETE"
    assert read_ids(outcome) == [*range(DENIALS_BEFORE_ANY_SUCCESS, 61)]


@denials
def test_a_whole_partition_may_be_denied_after_another_succeeded(
    site: FakeSite, denial: Answer
) -> None:
    add_spaces(site, 75)
    fail(site, denial, *range(26, 51))

    outcome = read("space_labels")

    assert outcome.statuses("space_labels")[-1] == "COMPLETE"
    assert len(read_ids(outcome)) == 50


@pytest.mark.parametrize(
    ("destination", "status"), [(APPEND, "COMPLETE"), (OVERWRITE, "INCOMPLETE")]
)
@pytest.mark.parametrize(
    ("denial", "count", "requests"),
    [
        pytest.param(NOT_AN_ADMIN, 200, DENIALS_BEFORE_ANY_SUCCESS, id="403, many"),
        pytest.param(NOT_AN_ADMIN, 2, 2, id="403, few"),
        pytest.param(NOT_FOUND, 60, 60, id="404, many"),
    ],
)
def test_the_stream_is_denied_if_every_element_is(
    site: FakeSite,
    *,
    denial: Answer,
    destination: DestinationSyncMode,
    status: str,
    count: int,
    requests: int,
) -> None:
    add_spaces(site, count)
    fail(site, denial, *range(1, count + 1))

    outcome = read("space_labels", destination)

    assert outcome.statuses("space_labels") == ["STARTED", status]
    assert len(outcome.errors("space_labels")) == (destination is OVERWRITE)
    assert label_requests(site) == requests


@pytest.mark.parametrize("destination", [APPEND, OVERWRITE])
def test_the_stream_is_not_denied_if_its_few_elements_were_deleted(
    site: FakeSite, destination: DestinationSyncMode
) -> None:
    add_spaces(site, 2)
    fail(site, NOT_FOUND, 1, 2)

    outcome = read("space_labels", destination)

    assert outcome.statuses("space_labels") == ["STARTED", "COMPLETE"]
    assert outcome.errors("space_labels") == []


def test_a_page_that_is_deleted_before_its_versions_are_requested_is_skipped(
    site: FakeSite,
) -> None:
    edited = {"number": 1, "createdAt": LATER}
    site.pages = [page(4, version=edited), page(5, version={**edited, "number": 2})]
    site.faults["pages/5/versions"] = always(NOT_FOUND)
    state = {"lastModifiedAt": "2025-03-01T00:00:00.000Z"}

    outcome = run_sync(make_setup(), [entry("page_versions")], {"page_versions": state})

    assert [record["pageId"] for record in outcome.records("page_versions")] == ["4"]
    assert outcome.statuses("page_versions")[-1] == "COMPLETE"
    assert outcome.states("page_versions") == [{"lastModifiedAt": LATER}]


@denials
def test_a_stream_with_only_denied_elements_keeps_its_state(site: FakeSite, denial: Answer) -> None:
    """Otherwise no later sync would request the skipped elements."""
    state = {"lastModifiedAt": "2025-03-01T00:00:00.000Z"}
    edited = page(4, version={"number": 2, "createdAt": LATER})
    site.pages = [*(page(number) for number in range(5, 40)), edited]
    site.faults["pages/4/versions"] = always(denial)

    outcome = run_sync(make_setup(), [entry("page_versions")], {"page_versions": state})

    assert outcome.records("page_versions") == []
    assert outcome.statuses("page_versions")[-1] == "COMPLETE"
    assert outcome.states("page_versions") == [state]


def test_records_without_a_request_of_their_own_do_not_count_as_success(site: FakeSite) -> None:
    """The list of pages has the versions of pages at version 1."""
    site.pages = [page(number) for number in range(1, 11)]
    site.pages[8]["version"]["number"] = site.pages[9]["version"]["number"] = 2
    for number in (9, 10):
        site.faults[f"pages/{number}/versions"] = always(NOT_AN_ADMIN)

    outcome = read("page_versions", APPEND)

    assert len(outcome.records("page_versions")) == 8
    assert outcome.statuses("page_versions")[-1] == "INCOMPLETE"
    assert failure_types(outcome) == {FailureType.config_error}


def test_elements_from_a_search_count_as_success(site: FakeSite) -> None:
    site.pages = [page(1), page(2, status="archived")]
    site.restrictions["1"] = {"read": {"user": [{"accountId": "a"}]}}
    site.faults["content/2/restriction/byOperation"] = always(NOT_FOUND)

    outcome = read("page_restrictions")

    assert [record["pageId"] for record in outcome.records("page_restrictions")] == ["1"]
    assert outcome.statuses("page_restrictions")[-1] == "COMPLETE"


@pytest.mark.parametrize("num_workers", [1, 4])
def test_the_stream_stops_after_ten_consecutive_failures(site: FakeSite, num_workers: int) -> None:
    add_spaces(site, 200)
    fail(site, BROKEN, *range(1, 201))

    outcome = read("space_labels", num_workers=num_workers)

    assert outcome.records("space_labels") == []
    assert outcome.statuses("space_labels")[-1] == "INCOMPLETE"
    assert failure_types(outcome) == {FailureType.transient_error}
    errors = outcome.errors("space_labels")
    assert "space_labels after 10 " in errors[0]
    assert len(errors) <= num_workers
    failed = {name for name in site.endpoints() if name.endswith("/labels")}
    assert 10 <= len(failed) < 10 + num_workers


def test_a_short_outage_for_all_workers_does_not_stop_the_stream(site: FakeSite) -> None:
    add_spaces(site, 60)
    fail(site, BROKEN, *range(1, 16))

    outcome = read("space_labels", num_workers=10)

    assert read_ids(outcome) == [*range(16, 61)]
    (error,) = outcome.errors("space_labels")
    assert "space_labels of 1, 2, 3" in error


def test_a_success_resets_the_count_of_failures(site: FakeSite) -> None:
    add_spaces(site, 60)
    good = (10, 20, 30, 40, 50, 60)
    fail(site, BROKEN, *(number for number in range(1, 61) if number not in good))

    outcome = read("space_labels")

    assert read_ids(outcome) == [*good]
    assert len(outcome.errors("space_labels")) == 3


def test_unreadable_records_in_the_lists_of_elements_do_not_stop_the_stream(
    site: FakeSite,
) -> None:
    """A list by offset can skip a record; the endpoint is not down."""
    site.groups = [{"id": str(number), "name": "g"} for number in range(1, 31)]
    for number in range(1, 31):
        endpoint = f"group/{number}/membersByGroupId"
        site.lists[endpoint] = [{"accountId": "a"}, {"accountId": "b"}]
        site.faults[endpoint] = lambda params: BROKEN if params.get("start", "0") == "0" else None

    outcome = read("group_members")

    assert len(outcome.records("group_members")) == 30
    assert failure_types(outcome) == {FailureType.transient_error}
    assert "26, 27, 28, 29, 30" in outcome.errors("group_members")[-1]


def add_whiteboards(site: FakeSite, count: int = 8) -> None:
    boards = [page(number) for number in range(1, count + 1)]
    site.found["type=whiteboard"] = [{"id": one["id"]} for one in boards]
    site.lists["whiteboards"] += boards


@denials
@pytest.mark.parametrize("denied", ["1", "5"])
def test_a_denied_whiteboard_is_skipped(site: FakeSite, denial: Answer, denied: str) -> None:
    add_whiteboards(site)
    site.faults[f"whiteboards/{denied}"] = always(denial)

    outcome = read("whiteboards")

    assert outcome.statuses("whiteboards")[-1] == "COMPLETE"
    others = [str(number) for number in range(1, 9) if str(number) != denied]
    assert ids(outcome.records("whiteboards")) == others


def test_a_whiteboard_that_fails_is_in_the_error_at_the_end(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    add_whiteboards(site)
    site.faults["whiteboards/3"] = always(BROKEN)

    outcome = read("whiteboards")

    assert ids(outcome.records("whiteboards")) == ["1", "2", "4", "5", "6", "7", "8"]
    (error,) = outcome.errors("whiteboards")
    assert error.startswith("whiteboards of 3 ")
    lines = [one for one in caplog.records if "record 3 of whiteboards" in one.message]
    assert [one.levelname for one in lines] == ["ERROR"]


def add_pages(site: FakeSite, *counts: int) -> None:
    """Add that many pages to space 1, 2, and so on, space by space."""
    site.spaces = [space(number) for number in range(1, len(counts) + 1)]
    site.pages = [
        page(1000 * number + one, spaceId=str(number))
        for number, count in enumerate(counts, start=1)
        for one in range(count)
    ]


def deny_views(site: FakeSite, *space_ids: int) -> None:
    for one in site.pages:
        if int(one["spaceId"]) in space_ids:
            site.faults[f"analytics/content/{one['id']}/views"] = always(NOT_AN_ADMIN)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]


@pytest.mark.parametrize("num_workers", [1, 4, 40])
@pytest.mark.parametrize("denied", [(1,), (1, 3, 4)])
def test_what_some_spaces_deny_is_named_and_the_others_are_read(
    site: FakeSite, caplog: pytest.LogCaptureFixture, denied: tuple[int, ...], num_workers: int
) -> None:
    add_pages(site, 60, 60, 60, 60)
    deny_views(site, *denied)

    outcome = read("page_views", num_workers=num_workers)

    readable = {one["id"] for one in site.pages if int(one["spaceId"]) not in denied}
    assert {record["pageId"] for record in outcome.records("page_views")} == readable
    assert outcome.statuses("page_views")[-1] == "COMPLETE"
    (warning,) = warnings(caplog)
    assert "page_views" in warning
    assert str(60 * len(denied)) in warning
    assert all(f"S{number} (60)" in warning for number in denied)
    refused = len([name for name in site.endpoints() if "views" in name]) - len(readable)
    assert refused <= len(denied) * min(30 + num_workers, 60)


@pytest.mark.parametrize("num_workers", [1, 10, 40])
def test_nine_denied_spaces_before_any_success_are_skipped(
    site: FakeSite, num_workers: int
) -> None:
    add_pages(site, *[3] * 9, 40)
    deny_views(site, *range(1, 10))

    outcome = read("page_views", num_workers=num_workers)

    assert len(outcome.records("page_views")) == 40
    assert outcome.statuses("page_views")[-1] == "COMPLETE"


@pytest.mark.parametrize("num_workers", [1, 40])
@pytest.mark.parametrize(
    ("destination", "status"), [(APPEND, "COMPLETE"), (OVERWRITE, "INCOMPLETE")]
)
@pytest.mark.parametrize("spaces", [1, 4, 30])
def test_the_stream_is_denied_if_every_space_denies_it(
    site: FakeSite, *, spaces: int, destination: DestinationSyncMode, status: str, num_workers: int
) -> None:
    add_pages(site, *[50] * spaces)
    deny_views(site, *range(1, spaces + 1))

    outcome = read("page_views", destination, num_workers)

    assert outcome.records("page_views") == []
    assert outcome.statuses("page_views")[-1] == status
    requests = sum("views" in name for name in site.endpoints())
    judged = min(spaces, DENIALS_BEFORE_ANY_SUCCESS)
    assert requests <= judged * min(25 + num_workers, 50)


def test_pages_denied_in_a_space_that_is_readable_are_skipped_one_by_one(site: FakeSite) -> None:
    add_pages(site, 100)
    denied = range(1020, 1080)
    for number in denied:
        site.faults[f"analytics/content/{number}/views"] = always(NOT_AN_ADMIN)

    outcome = read("page_views")

    assert len(outcome.records("page_views")) == 40
    assert sum("views" in name for name in site.endpoints()) == 100


@pytest.mark.parametrize("num_workers", [1, 4, 40])
@pytest.mark.parametrize(("denied", "pages"), [(5, 8), (6, 200), (60, 200), (170, 200)])
def test_a_space_in_which_only_the_first_pages_are_restricted_is_read(
    site: FakeSite, denied: int, pages: int, num_workers: int
) -> None:
    add_pages(site, pages, 10)
    for one in site.pages[:denied]:
        site.faults[f"analytics/content/{one['id']}/views"] = always(NOT_AN_ADMIN)

    outcome = read("page_views", num_workers=num_workers)

    readable = {one["id"] for one in site.pages[denied:]}
    found = [record["pageId"] for record in outcome.records("page_views")]
    assert sorted(found) == sorted(readable)
    assert outcome.statuses("page_views")[-1] == "COMPLETE"
    assert sum("views" in name for name in site.endpoints()) == pages + 10


@pytest.mark.parametrize("num_workers", [1, 40])
def test_restrictions_that_a_space_denies_are_named_with_it(
    site: FakeSite, caplog: pytest.LogCaptureFixture, num_workers: int
) -> None:
    add_pages(site, 30, 30)
    site.unseen = {one["id"] for one in site.pages}
    for one in site.pages[:30]:
        site.faults[f"content/{one['id']}/restriction/byOperation"] = always(NOT_AN_ADMIN)

    outcome = read("page_restrictions", num_workers=num_workers)

    assert outcome.statuses("page_restrictions")[-1] == "COMPLETE"
    (warning,) = warnings(caplog)
    assert "S1 (30)" in warning


def test_deleted_pages_say_nothing_about_their_space(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    add_pages(site, 30)
    for number in range(1000, 1020):
        site.faults[f"analytics/content/{number}/views"] = always(NOT_FOUND)

    outcome = read("page_views")

    assert len(outcome.records("page_views")) == 10
    assert outcome.statuses("page_views")[-1] == "COMPLETE"
    assert warnings(caplog) == []


def test_denied_spaces_are_named_although_another_element_failed(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    add_pages(site, 10, 10)
    deny_views(site, 1)
    site.faults["analytics/content/2003/views"] = always(BROKEN)

    outcome = read("page_views")

    assert len(outcome.records("page_views")) == 9
    assert outcome.statuses("page_views")[-1] == "INCOMPLETE"
    (warning,) = warnings(caplog)
    assert "S1 (10)" in warning


REFUSALS = pytest.mark.parametrize("status", [400, 405, 409, 501])


@REFUSALS
def test_an_element_that_is_refused_is_named_and_the_others_are_read(
    site: FakeSite, status: int
) -> None:
    add_spaces(site, 30)
    fail(site, (status, BAD_REQUEST[1]), 7)

    outcome = read("space_labels")

    assert read_ids(outcome) == [number for number in range(1, 31) if number != 7]
    assert outcome.statuses("space_labels")[-1] == "INCOMPLETE"
    (error,) = outcome.errors("space_labels")
    assert "space_labels of 7 " in error


@REFUSALS
def test_the_stream_stops_after_ten_consecutive_refusals(site: FakeSite, status: int) -> None:
    add_spaces(site, 200)
    fail(site, (status, BAD_REQUEST[1]), *range(1, 201))

    outcome = read("space_labels")

    assert outcome.statuses("space_labels")[-1] == "INCOMPLETE"
    assert label_requests(site) == 10
    assert str(BAD_REQUEST[1]["message"]) in outcome.errors("space_labels")[0]


@pytest.mark.parametrize("num_workers", [1, 10])
def test_an_error_of_the_connector_itself_in_one_element_ends_only_that_stream(
    site: FakeSite, monkeypatch: pytest.MonkeyPatch, num_workers: int
) -> None:
    add_spaces(site, 60)
    for number in range(1, 61):
        site.lists[f"spaces/{number}/properties"] = [{"id": "1"}]
    broken = SpaceWatchers.cloud
    assert isinstance(broken, PerParent)
    monkeypatch.setattr(broken, "endpoint_of", lambda _: 1 / 0)
    names = ("space_labels", "space_watchers", "space_properties")

    outcome = run_sync(
        make_setup(num_workers=num_workers), [entry(name, SyncMode.full_refresh) for name in names]
    )

    assert [outcome.statuses(name)[-1] for name in names] == ["COMPLETE", "INCOMPLETE", "COMPLETE"]
    assert len(outcome.records("space_labels")) == len(outcome.records("space_properties")) == 60


@pytest.mark.parametrize(
    ("status", "append", "overwrite"),
    [
        (400, "COMPLETE", "INCOMPLETE"),
        (405, "COMPLETE", "INCOMPLETE"),
        (501, "COMPLETE", "INCOMPLETE"),
        (500, "INCOMPLETE", "INCOMPLETE"),
    ],
)
@pytest.mark.parametrize(
    "streams", [("space_roles", "space_role_assignments"), ("classification_levels",)]
)
def test_an_optional_list_that_is_refused_is_denied(
    site: FakeSite,
    caplog: pytest.LogCaptureFixture,
    *,
    streams: tuple[str, ...],
    status: int,
    append: str,
    overwrite: str,
) -> None:
    for endpoint in ("space-roles", "classification-levels"):
        site.faults[endpoint] = always((status, {"message": "Not on this site"}))

    for destination, ending in ((APPEND, append), (OVERWRITE, overwrite)):
        caplog.clear()
        entries = [entry(name, SyncMode.full_refresh, destination) for name in streams]
        outcome = run_sync(make_setup(), [*entries, entry("space")])

        assert [outcome.statuses(name)[-1] for name in streams] == [ending] * len(streams)
        assert outcome.statuses("space")[-1] == "COMPLETE"
        assert len(warnings(caplog)) == (len(streams) if ending == "COMPLETE" else 0)
