"""Streams that need a plan, a role or a scope that the account lacks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_tests.confluence_emulator import Emulator, SiteSpec
from integration_tests.confluence_emulator.kinds import TYPE_NOT_IN_V2
from integration_tests.conftest import forked_for
from integration_tests.connector import catalog_of
from integration_tests.truth import all_streams, assert_same, expected

NOT_IN_THE_PLAN = {
    "page_views": "analytics",
    "classification_levels": "classification",
    "space_roles": "roles",
    "space_role_assignments": "roles",
}
STREAMS = all_streams()
COMPARED = ("pages", "labels", "space_permissions", "group_members", "page_likes")


@pytest.fixture
def site() -> Iterator[Emulator]:
    with Emulator(SiteSpec(pages=30, blog_posts=5)) as running:
        yield running


def test_a_stream_that_the_plan_lacks_is_named_and_the_others_are_read(
    site: Emulator, tmp_path: Path
) -> None:
    site.remove_features(sorted(set(NOT_IN_THE_PLAN.values())))
    connector = forked_for(site, tmp_path)

    checked = connector.check()
    run = connector.read(catalog_of(dict.fromkeys(STREAMS, "full_refresh")))

    assert checked.returncode == run.returncode == 0
    noted = checked.connection_status["message"]
    for stream in NOT_IN_THE_PLAN:
        assert stream in noted
        assert len(run.warnings_about(stream)) == 1
        assert not run.records.get(stream)
    others = [line for line in run.warnings if TYPE_NOT_IN_V2 not in line]
    assert len(others) == len(NOT_IN_THE_PLAN)
    assert set(run.statuses.values()) == {"COMPLETE"}
    for stream in COMPARED:
        assert_same(run.records[stream], expected(site, stream), STREAMS[stream].key)


@pytest.mark.parametrize("status", [401, 403])
def test_a_missing_scope_or_permission_is_named(
    site: Emulator, tmp_path: Path, status: int
) -> None:
    site.forbid({"/spaces/[0-9]+/permissions|/wiki/api/v2/tasks": status})
    connector = forked_for(site, tmp_path)

    checked = connector.check()
    run = connector.read(
        catalog_of(dict.fromkeys(("tasks", "space_permissions", "labels"), "full_refresh"))
    )

    assert checked.connection_status["status"] == "SUCCEEDED"
    assert "tasks" in checked.connection_status["message"]
    assert "space_permissions" in checked.connection_status["message"]
    assert not run.records.get("tasks")
    assert not run.records.get("space_permissions")
    assert_same(run.records["labels"], expected(site, "labels"))
