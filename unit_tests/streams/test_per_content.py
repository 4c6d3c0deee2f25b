"""Watchers, views and templates."""

from __future__ import annotations

from typing import Any

import pytest

from source_confluence.connection import Connection
from unit_tests.fake_site import (
    BROKEN,
    GONE,
    NOT_AN_ADMIN,
    FakeSite,
    Json,
    always,
    page,
    space,
)
from unit_tests.fakes import make_config, make_connection
from unit_tests.run_sync import entry, read_whole, run_sync, streams_of


def watch(account_id: str) -> Json:
    return {"type": "watch", "watcher": {"accountId": account_id, "displayName": "Ada"}}


def test_a_watch_carries_the_watchers_account_on_top(
    site: FakeSite, connection: Connection
) -> None:
    site.pages = [page(1), page(2)]
    site.lists["content/2/notification/child-created"] = [watch("a"), watch("b")]

    records = read_whole(streams_of(connection)["page_watchers"])

    assert [(r["pageId"], r["accountId"]) for r in records] == [("2", "a"), ("2", "b")]
    assert records[0]["watcher"]["displayName"] == "Ada"
    assert len(site.requests) == 3


def test_a_watch_without_a_watcher_is_passed_on(site: FakeSite, connection: Connection) -> None:
    site.pages = [page(1)]
    site.lists["content/1/notification/child-created"] = [{"watcher": None}, {"type": "watch"}]

    records = read_whole(streams_of(connection)["page_watchers"])

    assert [record["accountId"] for record in records] == [None]


def test_a_space_is_asked_for_its_watchers_by_its_key(
    site: FakeSite, connection: Connection
) -> None:
    site.spaces = [space(1), {"id": "2", "key": "~71ab", "status": "archived"}]
    site.lists["space/~71ab/watch"] = [watch("a")]

    (record,) = read_whole(streams_of(connection)["space_watchers"])

    assert record == {"spaceId": "2", "accountId": "a", **watch("a")}
    assert "key" not in record


def test_views_are_one_record_for_each_page(site: FakeSite, connection: Connection) -> None:
    site.pages = [page(1), page(2), page(3)]
    site.entities["analytics/content/2/views"] = {"id": 2, "count": 77}
    site.faults["analytics/content/3/views"] = always((404, {"message": "No content 3"}))

    records = read_whole(streams_of(connection)["page_views"])

    assert records == [
        {"pageId": "1", "id": 1, "count": 0},
        {"pageId": "2", "id": 2, "count": 77},
    ]


def test_views_that_the_site_does_not_have_are_not_asked_for_page_by_page(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    site.pages = [page(number) for number in range(1, 100)]
    for number in range(1, 100):
        site.faults[f"analytics/content/{number}/views"] = always((402, {"message": "No plan"}))

    outcome = run_sync(make_connection(make_config(num_workers=1)), [entry("page_views")])

    assert outcome.statuses("page_views") == ["STARTED", "COMPLETE"]
    assert sum("analytics" in name for name in site.endpoints()) == 10
    (warning,) = [line for line in caplog.messages if "page_views has no records" in line]
    assert "No plan" in warning


def template(template_id: str) -> Json:
    return {"templateId": template_id, "name": f"Template {template_id}"}


@pytest.fixture
def templates(site: FakeSite) -> FakeSite:
    """Blueprints that every space repeats, and templates of the site and of one space."""
    site.spaces = [space(1), space(2)]
    site.lists["template/page"] = [template("t1")]
    site.lists["template/blueprint"] = [template("b1"), template("b2")]
    for key in ("S1", "S2"):
        site.lists[f"template/blueprint of {key}"] = [template("b1"), template("b2")]
    site.lists["template/page of S2"] = [template("t2")]
    site.lists["template/blueprint of S1"].append(template("b3"))
    return site


def placed(**config: Any) -> dict[str, str | None]:
    stream = streams_of(make_connection(make_config(**config)))["templates"]
    records = read_whole(stream)
    found = {record["templateId"]: record["spaceKey"] for record in records}
    assert len(found) == len(records)
    return found


def test_templates_of_the_site_and_of_every_space_come_once(templates: FakeSite) -> None:
    assert placed() == {"t1": None, "b1": None, "b2": None, "b3": "S1", "t2": "S2"}
    assert len(templates.asked("template/page")) == len(templates.asked("template/blueprint")) == 3
    assert templates.asked("template/page")[1] == {
        "expand": "body",
        "spaceKey": "S1",
        "limit": "100",
    }


def test_templates_of_spaces_that_are_left_out_are_not_asked_for(templates: FakeSite) -> None:
    assert placed(excluded_space_keys=["S1"]) == {"t1": None, "b1": None, "b2": None, "t2": "S2"}
    assert not any(params.get("spaceKey") == "S1" for _, params in templates.requests)


def test_templates_that_break_fail_the_stream(templates: FakeSite) -> None:
    templates.faults["template/blueprint"] = always(BROKEN)

    outcome = run_sync(make_connection(), [entry("templates")])

    assert outcome.statuses("templates")[-1] == "INCOMPLETE"
    assert outcome.records("templates")[0]["templateId"] == "t1"


@pytest.mark.parametrize("answer", [GONE, NOT_AN_ADMIN], ids=["404", "403"])
def test_a_space_whose_templates_are_refused_is_passed_over(
    templates: FakeSite, answer: tuple[int, Json], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    templates.faults["template/page"] = lambda p: answer if p.get("spaceKey") == "S1" else None

    outcome = run_sync(make_connection(), [entry("templates")])

    assert outcome.statuses("templates")[-1] == "COMPLETE"
    assert ids_of_templates(outcome.records("templates")) == ["t1", "b1", "b2", "t2"]
    assert sum(line.startswith("Record 1 of space is passed over") for line in caplog.messages) == 1
    asked = templates.asked("template/blueprint")
    assert [params.get("spaceKey") for params in asked] == [None, "S2"]


def test_the_lists_of_the_site_decide_whether_templates_are_refused(
    templates: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    templates.faults["template/page"] = always(NOT_AN_ADMIN)

    outcome = run_sync(make_connection(), [entry("templates")])

    assert outcome.statuses("templates") == ["STARTED", "COMPLETE"]
    assert any(line.startswith("Stream templates has no records") for line in caplog.messages)
    assert len(templates.asked("template/page")) == 1


def test_a_template_without_an_id_is_passed_on(templates: FakeSite) -> None:
    templates.lists["template/page"] = [{"name": "Nameless"}, {"name": "Another"}]

    records = run_sync(make_connection(), [entry("templates")]).records("templates")

    assert [record["name"] for record in records[:2]] == ["Nameless", "Another"]


@pytest.mark.parametrize("stream", ["space_watchers", "templates"])
def test_a_space_without_a_key_is_passed_over(
    site: FakeSite, stream: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    site.spaces = [{"id": "1", "status": "current"}, space(2)]
    site.lists["space/S2/watch"] = [watch("a")]
    site.lists["template/page of S2"] = [template("t2")]

    outcome = run_sync(make_connection(), [entry(stream)])

    assert outcome.statuses(stream)[-1] == "COMPLETE"
    assert len(outcome.records(stream)) == 1
    assert any(line.startswith("Record 1 of space is passed over") for line in caplog.messages)


def ids_of_templates(records: list[Json]) -> list[str]:
    return [record["templateId"] for record in records]
