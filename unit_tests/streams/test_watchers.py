"""Watchers and views."""

from __future__ import annotations

import pytest

from unit_tests.fake_site import (
    FakeSite,
    Json,
    always,
    page,
    space,
)
from unit_tests.fakes import Setup, make_setup
from unit_tests.run_sync import entry, read_whole, run_sync, streams_of


def watch(account_id: str) -> Json:
    return {"type": "watch", "watcher": {"accountId": account_id, "displayName": "Ada"}}


def test_a_watch_has_the_account_of_its_watcher_at_the_top(site: FakeSite, setup: Setup) -> None:
    site.pages = [page(1), page(2)]
    site.lists["content/2/notification/child-created"] = [watch("a"), watch("b")]

    records = read_whole(streams_of(setup)["page_watchers"])

    assert [(r["pageId"], r["accountId"]) for r in records] == [("2", "a"), ("2", "b")]
    assert records[0]["watcher"]["displayName"] == "Ada"
    assert len(site.requests) == 3


def test_a_watch_without_a_watcher_is_a_record(site: FakeSite, setup: Setup) -> None:
    site.pages = [page(1)]
    site.lists["content/1/notification/child-created"] = [{"watcher": None}, {"type": "watch"}]

    records = read_whole(streams_of(setup)["page_watchers"])

    assert [record["accountId"] for record in records] == [None]


def test_watchers_of_a_space_are_requested_by_its_key(site: FakeSite, setup: Setup) -> None:
    site.spaces = [space(1), {"id": "2", "key": "~71ab", "status": "archived"}]
    site.lists["space/~71ab/watch"] = [watch("a")]

    (record,) = read_whole(streams_of(setup)["space_watchers"])

    assert record == {"spaceId": "2", "accountId": "a", **watch("a")}
    assert "key" not in record


def test_views_are_one_record_per_page(site: FakeSite, setup: Setup) -> None:
    site.pages = [page(1), page(2), page(3)]
    site.entities["analytics/content/2/views"] = {"id": 2, "count": 77}
    site.faults["analytics/content/3/views"] = always((404, {"message": "No content 3"}))

    records = read_whole(streams_of(setup)["page_views"])

    assert records == [
        {"pageId": "1", "id": 1, "count": 0},
        {"pageId": "2", "id": 2, "count": 77},
    ]


def test_views_that_a_space_denies_are_requested_for_a_few_pages_only(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    site.pages = [page(number) for number in range(1, 100)]
    for number in range(1, 100):
        site.faults[f"analytics/content/{number}/views"] = always((402, {"message": "No plan"}))

    outcome = run_sync(make_setup(num_workers=1), [entry("page_views")])

    assert outcome.statuses("page_views") == ["STARTED", "COMPLETE"]
    assert sum("analytics" in name for name in site.endpoints()) <= 30
    (warning,) = [one.message for one in caplog.records if one.levelname == "WARNING"]
    assert "page_views" in warning
    assert "No plan" in warning


@pytest.mark.parametrize("stream", ["space_watchers", "templates"])
def test_a_space_without_a_key_is_skipped_and_logged(
    site: FakeSite, stream: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    site.spaces = [{"id": "1", "status": "current"}, space(2)]
    site.lists["space/S2/watch"] = [watch("a")]
    site.lists["template/page of S2"] = [{"templateId": "t2"}]

    outcome = run_sync(make_setup(), [entry(stream)])

    assert outcome.statuses(stream)[-1] == "COMPLETE"
    assert len(outcome.records(stream)) == 1
    assert sum("record 1 of space" in line for line in caplog.messages) == 1
