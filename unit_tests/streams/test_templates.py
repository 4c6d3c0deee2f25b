"""Templates and blueprints, of the site and of its spaces."""

from __future__ import annotations

from typing import Any

import pytest

from unit_tests.fake_site import BROKEN, NOT_AN_ADMIN, NOT_FOUND, FakeSite, Json, always, space
from unit_tests.fakes import make_setup
from unit_tests.run_sync import entry, read_whole, run_sync, streams_of


def template(template_id: str) -> Json:
    return {"templateId": template_id, "name": f"Template {template_id}"}


@pytest.fixture
def templates(site: FakeSite) -> FakeSite:
    """Blueprints that every space repeats, and templates of the site and of a space."""
    site.spaces = [space(1), space(2)]
    site.lists["template/page"] = [template("t1")]
    site.lists["template/blueprint"] = [template("b1"), template("b2")]
    for key in ("S1", "S2"):
        site.lists[f"template/blueprint of {key}"] = [template("b1"), template("b2")]
    site.lists["template/page of S2"] = [template("t2")]
    site.lists["template/blueprint of S1"].append(template("b3"))
    return site


def placed(**config: Any) -> dict[str, str | None]:
    stream = streams_of(make_setup(**config))["templates"]
    records = read_whole(stream)
    found = {record["templateId"]: record["spaceKey"] for record in records}
    assert len(found) == len(records)
    return found


def test_templates_of_the_site_and_of_every_space_are_read_once(templates: FakeSite) -> None:
    assert placed() == {"t1": None, "b1": None, "b2": None, "b3": "S1", "t2": "S2"}
    assert (
        len(templates.requests_to("template/page"))
        == len(templates.requests_to("template/blueprint"))
        == 3
    )
    assert templates.requests_to("template/page")[1] == {
        "expand": "body",
        "spaceKey": "S1",
        "limit": "100",
    }


def test_templates_of_excluded_spaces_are_not_requested(templates: FakeSite) -> None:
    assert placed(excluded_space_keys=["S1"]) == {"t1": None, "b1": None, "b2": None, "t2": "S2"}
    assert not any(params.get("spaceKey") == "S1" for _, params in templates.requests)


def test_templates_that_fail_fail_the_stream(templates: FakeSite) -> None:
    templates.faults["template/blueprint"] = always(BROKEN)

    outcome = run_sync(make_setup(), [entry("templates")])

    assert outcome.statuses("templates")[-1] == "INCOMPLETE"
    assert outcome.records("templates")[0]["templateId"] == "t1"


@pytest.mark.parametrize("answer", [NOT_FOUND, NOT_AN_ADMIN], ids=["404", "403"])
def test_a_space_whose_templates_are_denied_is_skipped_and_logged(
    templates: FakeSite, answer: tuple[int, Json], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    templates.faults["template/page"] = lambda p: answer if p.get("spaceKey") == "S1" else None

    outcome = run_sync(make_setup(), [entry("templates")])

    assert outcome.statuses("templates")[-1] == "COMPLETE"
    read = [record["templateId"] for record in outcome.records("templates")]
    assert read == ["t1", "b1", "b2", "t2"]
    assert sum("record 1 of space" in line for line in caplog.messages) == 1
    keys = [params.get("spaceKey") for params in templates.requests_to("template/blueprint")]
    assert keys == [None, "S2"]


def test_the_stream_is_denied_if_the_lists_of_the_site_are(
    templates: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    templates.faults["template/page"] = always(NOT_AN_ADMIN)

    outcome = run_sync(make_setup(), [entry("templates")])

    assert outcome.statuses("templates") == ["STARTED", "COMPLETE"]
    assert [one.levelname for one in caplog.records if "templates" in one.message] == ["WARNING"]
    assert len(templates.requests_to("template/page")) == 1


def test_templates_without_an_id_are_records(templates: FakeSite) -> None:
    templates.lists["template/page"] = [{"name": "Nameless"}, {"name": "Another"}]

    records = run_sync(make_setup(), [entry("templates")]).records("templates")

    assert [record["name"] for record in records[:2]] == ["Nameless", "Another"]
