"""Streams that ask for one element after the other: which trouble is one's, and which is all's."""

from __future__ import annotations

import pytest
from airbyte_cdk.models import DestinationSyncMode, SyncMode

from source_confluence.streams.elements import REFUSALS_BEFORE_ANY_ANSWER
from unit_tests.fake_site import (
    BROKEN,
    GONE,
    NOT_AN_ADMIN,
    FakeSite,
    Json,
    always,
    ids,
    page,
    space,
)
from unit_tests.fakes import make_config, make_connection
from unit_tests.run_sync import Outcome, entry, run_sync

OVERWRITE = DestinationSyncMode.overwrite
APPEND = DestinationSyncMode.append
LATER = "2025-03-02T00:00:00.000Z"
Answer = tuple[int, Json]
refusals = pytest.mark.parametrize("refusal", [NOT_AN_ADMIN, GONE], ids=["403", "404"])


def read(
    stream: str, destination: DestinationSyncMode = OVERWRITE, num_workers: int = 1
) -> Outcome:
    connection = make_connection(make_config(num_workers=num_workers))
    return run_sync(connection, [entry(stream, SyncMode.full_refresh, destination)])


def hold_spaces(site: FakeSite, count: int) -> None:
    site.spaces = [space(number) for number in range(1, count + 1)]
    for number in range(1, count + 1):
        site.lists[f"spaces/{number}/labels"] = [{"id": "7"}]


def fail(site: FakeSite, answer: Answer, *numbers: int) -> None:
    for number in numbers:
        site.faults[f"spaces/{number}/labels"] = always(answer)


def asked(site: FakeSite) -> int:
    return sum(name.endswith("/labels") for name in site.endpoints())


def read_ids(outcome: Outcome, stream: str = "space_labels") -> list[int]:
    return sorted(int(record["spaceId"]) for record in outcome.records(stream))


@refusals
@pytest.mark.parametrize("refused", range(1, 7))
def test_one_that_is_refused_is_passed_over_wherever_it_stands(
    site: FakeSite, refusal: Answer, refused: int
) -> None:
    hold_spaces(site, 6)
    fail(site, refusal, refused)

    outcome = read("space_labels")

    assert outcome.statuses("space_labels")[-1] == "COMPLETE"
    assert read_ids(outcome) == [number for number in range(1, 7) if number != refused]


@refusals
def test_so_many_in_front_are_passed_over(site: FakeSite, refusal: Answer) -> None:
    hold_spaces(site, 60)
    fail(site, refusal, *range(1, REFUSALS_BEFORE_ANY_ANSWER))

    outcome = read("space_labels")

    assert outcome.statuses("space_labels")[-1] == "COMPLETE"
    assert read_ids(outcome) == [*range(REFUSALS_BEFORE_ANY_ANSWER, 61)]


@refusals
def test_a_whole_partition_may_be_gone_once_another_was_read(
    site: FakeSite, refusal: Answer
) -> None:
    hold_spaces(site, 75)
    fail(site, refusal, *range(26, 51))

    outcome = read("space_labels")

    assert outcome.statuses("space_labels")[-1] == "COMPLETE"
    assert len(read_ids(outcome)) == 50


@pytest.mark.parametrize(
    ("destination", "status"), [(APPEND, "COMPLETE"), (OVERWRITE, "INCOMPLETE")]
)
@pytest.mark.parametrize(
    ("refusal", "count", "requests"),
    [
        pytest.param(NOT_AN_ADMIN, 200, REFUSALS_BEFORE_ANY_ANSWER, id="403, many"),
        pytest.param(NOT_AN_ADMIN, 2, 2, id="403, few"),
        pytest.param(GONE, 60, 60, id="404, many"),
    ],
)
def test_nothing_but_refusals_are_the_stream_s(
    site: FakeSite,
    *,
    refusal: Answer,
    destination: DestinationSyncMode,
    status: str,
    count: int,
    requests: int,
) -> None:
    hold_spaces(site, count)
    fail(site, refusal, *range(1, count + 1))

    outcome = read("space_labels", destination)

    assert outcome.statuses("space_labels") == ["STARTED", status]
    sentences = outcome.errors("space_labels")
    assert all("is left incomplete" in sentence for sentence in sentences)
    assert len(sentences) == (destination is OVERWRITE)
    assert asked(site) == requests


@pytest.mark.parametrize("destination", [APPEND, OVERWRITE])
def test_that_the_few_that_there_are_are_gone_is_no_refusal(
    site: FakeSite, destination: DestinationSyncMode
) -> None:
    hold_spaces(site, 2)
    fail(site, GONE, 1, 2)

    outcome = read("space_labels", destination)

    assert outcome.statuses("space_labels") == ["STARTED", "COMPLETE"]
    assert outcome.errors("space_labels") == []


def test_a_page_that_is_gone_before_its_versions_are_asked_for_fails_nothing(
    site: FakeSite,
) -> None:
    edited = {"number": 1, "createdAt": LATER}
    site.pages = [page(4, version=edited), page(5, version={**edited, "number": 2})]
    site.faults["pages/5/versions"] = always(GONE)
    state = {"lastModifiedAt": "2025-03-01T00:00:00.000Z"}

    outcome = run_sync(make_connection(), [entry("page_versions")], {"page_versions": state})

    assert [record["pageId"] for record in outcome.records("page_versions")] == ["4"]
    assert outcome.statuses("page_versions")[-1] == "COMPLETE"
    assert outcome.states("page_versions") == [{"lastModifiedAt": LATER}]


@refusals
def test_a_stream_with_nothing_but_refusals_keeps_its_state(
    site: FakeSite, refusal: Answer
) -> None:
    """Else what was passed over would never be asked for again."""
    state = {"lastModifiedAt": "2025-03-01T00:00:00.000Z"}
    edited = page(4, version={"number": 2, "createdAt": LATER})
    site.pages = [*(page(number) for number in range(5, 40)), edited]
    site.faults["pages/4/versions"] = always(refusal)

    outcome = run_sync(make_connection(), [entry("page_versions")], {"page_versions": state})

    assert outcome.records("page_versions") == []
    assert outcome.statuses("page_versions")[-1] == "COMPLETE"
    assert outcome.states("page_versions") == [state]


def test_what_needs_no_request_lets_nobody_in(site: FakeSite) -> None:
    """Pages at version 1 are told by their listing."""
    site.pages = [page(number) for number in range(1, 11)]
    site.pages[8]["version"]["number"] = site.pages[9]["version"]["number"] = 2
    for number in (9, 10):
        site.faults[f"pages/{number}/versions"] = always(NOT_AN_ADMIN)

    outcome = read("page_versions", APPEND)

    assert len(outcome.records("page_versions")) == 8
    assert outcome.statuses("page_versions")[-1] == "INCOMPLETE"
    assert outcome.errors("page_versions")[0].startswith("Confluence let only a part of stream")


def test_what_a_search_brought_was_let_in(site: FakeSite) -> None:
    site.pages = [page(1), page(2, status="archived")]
    site.restrictions["1"] = {"read": {"user": [{"accountId": "a"}]}}
    for operation in ("read", "update"):
        site.faults[f"content/2/restriction/byOperation/{operation}"] = always(GONE)

    outcome = read("page_restrictions")

    assert [record["pageId"] for record in outcome.records("page_restrictions")] == ["1"]
    assert outcome.statuses("page_restrictions")[-1] == "COMPLETE"


@pytest.mark.parametrize("num_workers", [1, 4])
def test_an_endpoint_that_is_down_is_given_up(site: FakeSite, num_workers: int) -> None:
    hold_spaces(site, 200)
    fail(site, BROKEN, *range(1, 201))

    outcome = read("space_labels", num_workers=num_workers)

    assert outcome.records("space_labels") == []
    assert outcome.statuses("space_labels")[-1] == "INCOMPLETE"
    assert outcome.errors("space_labels")[0] == (
        "Stream space_labels is given up, because Confluence failed to answer for 10 records in a "
        "row: run the sync again later."
    )
    assert len(outcome.errors("space_labels")) <= num_workers
    failed = {name for name in site.endpoints() if name.endswith("/labels")}
    assert 10 <= len(failed) < 10 + num_workers


def test_an_outage_that_all_workers_run_into_is_none_of_the_endpoint(site: FakeSite) -> None:
    hold_spaces(site, 60)
    fail(site, BROKEN, *range(1, 16))

    outcome = read("space_labels", num_workers=10)

    assert read_ids(outcome) == [*range(16, 61)]
    (error,) = outcome.errors("space_labels")
    assert error.startswith("space_labels of 1, 2, 3")


def test_a_good_answer_begins_the_count_anew(site: FakeSite) -> None:
    hold_spaces(site, 60)
    good = (10, 20, 30, 40, 50, 60)
    fail(site, BROKEN, *(number for number in range(1, 61) if number not in good))

    outcome = read("space_labels")

    assert read_ids(outcome) == [*good]
    assert len(outcome.errors("space_labels")) == 3


def test_records_of_a_list_that_cannot_be_read_do_not_hide_the_rest(
    site: FakeSite,
) -> None:
    """Unlike REST v2's, a list by offset can step over a record; the endpoint is not down."""
    site.groups = [{"id": str(number), "name": "g"} for number in range(1, 31)]
    for number in range(1, 31):
        endpoint = f"group/{number}/membersByGroupId"
        site.lists[endpoint] = [{"accountId": "a"}, {"accountId": "b"}]
        site.faults[endpoint] = lambda params: BROKEN if params.get("start", "0") == "0" else None

    outcome = read("group_members")

    assert len(outcome.records("group_members")) == 30
    assert all("could not be read" in one for one in outcome.errors("group_members"))


def hold_whiteboards(site: FakeSite, count: int = 8) -> None:
    boards = [page(number) for number in range(1, count + 1)]
    site.found["type=whiteboard"] = [{"id": one["id"]} for one in boards]
    site.lists["whiteboards"] += boards


@refusals
@pytest.mark.parametrize("refused", ["1", "5"])
def test_a_whiteboard_that_is_refused_is_passed_over(
    site: FakeSite, refusal: Answer, refused: str
) -> None:
    hold_whiteboards(site)
    site.faults[f"whiteboards/{refused}"] = always(refusal)

    outcome = read("whiteboards")

    assert outcome.statuses("whiteboards")[-1] == "COMPLETE"
    others = [str(number) for number in range(1, 9) if str(number) != refused]
    assert ids(outcome.records("whiteboards")) == others


def test_a_whiteboard_that_fails_is_named_behind_all_others(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    hold_whiteboards(site)
    site.faults["whiteboards/3"] = always(BROKEN)

    outcome = read("whiteboards")

    assert ids(outcome.records("whiteboards")) == ["1", "2", "4", "5", "6", "7", "8"]
    assert outcome.errors("whiteboards") == ["whiteboards of 3 could not be read."]
    (line,) = [line for line in caplog.messages if line.startswith("Record 3")]
    assert line.startswith("Record 3 of whiteboards cannot be read: Confluence answered 500")
