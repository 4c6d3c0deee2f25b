"""Odd rows of the lists about people: each is read, or counted, and none ends in a traceback."""

from __future__ import annotations

from typing import Any

import pytest

from unit_tests.fake_site import FakeSite, Json, page, space
from unit_tests.fakes import Setup
from unit_tests.run_sync import entry, run_sync

LISTS = {
    "group": "group",
    "group_members": "group/g1/membersByGroupId",
    "users": "search/user",
    "audit": "audit",
    "templates": "template/page",
    "space_watchers": "space/S1/watch",
    "page_watchers": "content/1/notification/child-created",
}
ODD: list[Json] = [
    {"id": None, "accountId": None, "templateId": None, "key": None, "creationDate": None},
    {"id": 1, "accountId": 7, "templateId": {"id": 1}, "creationDate": "yesterday"},
    {"user": None, "watcher": None, "author": None, "space": None, "body": None},
    {"user": "Ada", "watcher": "Ada", "author": "Ada", "space": "S1", "body": "text"},
    {"user": ["Ada"], "watcher": 7, "author": [None], "changedValues": None, "_links": None},
    {"user": {}, "watcher": {}, "author": {}, "labels": None},
    {"user": {"accountId": 7}, "watcher": {"accountId": None}, "author": {"accountId": ["a"]}},
]


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    site.spaces, site.pages, site.groups = [space(1)], [page(1)], [{"id": "g1"}]
    return site


def answering(site: FakeSite, stream: str, rows: list[Any]) -> None:
    """Let the first page of results of a stream's list hold these rows, and any other none."""
    site.faults[LISTS[stream]] = lambda params: (
        200,
        {"results": [] if "start" in params or "spaceKey" in params else rows, "_links": {}},
    )


@pytest.mark.parametrize("stream", LISTS)
@pytest.mark.parametrize("odd", ODD, ids=str)
def test_a_record_with_odd_fields_is_passed_on(
    site: FakeSite, setup: Setup, stream: str, odd: Json
) -> None:
    answering(site, stream, [odd])

    outcome = run_sync(setup, [entry(stream)])

    assert outcome.statuses(stream)[-1] == "COMPLETE"
    assert len(outcome.records(stream)) == 1


@pytest.mark.parametrize("stream", LISTS)
def test_rows_that_are_no_records_are_counted(
    site: FakeSite, setup: Setup, stream: str, caplog: pytest.LogCaptureFixture
) -> None:
    answering(site, stream, [None, {"id": "1", "accountId": "a", "templateId": "t"}, 7, "x", {}])

    outcome = run_sync(setup, [entry(stream)])

    assert outcome.statuses(stream)[-1] == "INCOMPLETE"
    assert len(outcome.records(stream)) == 1
    assert any("4" in line and stream in line for line in caplog.messages)


def test_odd_accounts_that_are_requested_by_id(site: FakeSite, setup: Setup) -> None:
    site.pages = [page(1, authorId="a", ownerId="b", lastOwnerId={"id": "c"})]
    rows = [None, 7, {"accountId": "a"}, {"accountId": "a"}, {"accountId": None}, {}]
    site.faults["users-bulk"] = lambda _: (200, {"results": rows})

    outcome = run_sync(setup, [entry("users")])

    assert outcome.statuses("users")[-1] == "COMPLETE"
    assert {"accountId": "a"} in outcome.records("users")
    assert site.requests_to("users-bulk") == [{"accountIds": "a,b"}]
