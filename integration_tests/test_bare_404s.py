"""A 404 of v2 that names no entity: a purged page, a missing right, or a revoked token."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_tests.confluence_emulator import Emulator, SiteSpec
from integration_tests.confluence_emulator.http import Request
from integration_tests.conftest import forked_for
from integration_tests.connector import catalog_of
from integration_tests.truth import assert_same, expected

USER = "/wiki/rest/api/user/current"


@pytest.fixture
def site() -> Iterator[Emulator]:
    with Emulator(SiteSpec(pages=30, blog_posts=5)) as running:
        yield running


@pytest.mark.parametrize("streams", [("page_likes",), ("page_likes", "page_content_properties")])
def test_pages_purged_during_a_sync_are_skipped(
    site: Emulator, tmp_path: Path, streams: tuple[str, ...]
) -> None:
    pages = [page["id"] for page in expected(site, "pages")]
    purged: list[str] = []

    def purge(request: Request) -> None:
        """Once pages are read one by one, purge the last three."""
        if not purged and f"/pages/{pages[0]}" in request.target:
            purged.extend(pages[-3:])
            for page_id in purged:
                site.mutations.purge("page", page_id)

    site.settings.on_request = purge
    run = forked_for(site, tmp_path).read(
        catalog_of(dict.fromkeys(streams, "full_refresh")), num_workers=1
    )

    assert run.returncode == 0
    assert purged
    assert set(run.statuses.values()) == {"COMPLETE"}
    assert 1 <= site.requests.counts()[USER] <= 2
    for stream in streams:
        assert_same(
            run.records[stream],
            expected(site, stream),
            ("pageId", "accountId") if stream == "page_likes" else ("pageId", "id"),
        )


def test_a_denied_stream_is_a_note_of_check_and_a_warning(site: Emulator, tmp_path: Path) -> None:
    site.forbid({"/spaces/[0-9]+/permissions|/wiki/api/v2/(tasks|space-roles)": 404})
    connector = forked_for(site, tmp_path)

    checked = connector.check()
    run = connector.read(
        catalog_of(dict.fromkeys(("tasks", "space_roles", "labels"), "full_refresh"))
    )

    assert checked.connection_status["status"] == "SUCCEEDED"
    for stream in ("tasks", "space_roles", "space_permissions"):
        assert stream in checked.connection_status["message"]
    assert run.returncode == 0
    assert len(run.warnings) == 2
    assert_same(run.records["labels"], expected(site, "labels"))


@pytest.mark.parametrize("verified_before", [False, True])
def test_a_token_revoked_during_a_sync_ends_it_as_incomplete(
    site: Emulator, tmp_path: Path, verified_before: bool
) -> None:
    if verified_before:
        site.forbid({"/wiki/api/v2/labels": 404})
    likes = 0

    def revoke(request: Request) -> None:
        nonlocal likes
        likes += "/likes" in request.target
        if likes == 5:
            site.settings.token = "another"

    site.settings.on_request = revoke
    run = forked_for(site, tmp_path).read(
        catalog_of(dict.fromkeys(("labels", "page_likes"), "full_refresh")), num_workers=1
    )

    assert run.returncode == 1
    assert run.statuses["page_likes"] == "INCOMPLETE"
    ((message, failure_type),) = run.errors_of("page_likes").items()
    assert failure_type == "config_error"
    assert "api_token" in message


def test_a_token_with_scopes_is_named(site: Emulator, tmp_path: Path) -> None:
    checked = forked_for(site, tmp_path).check(api_token=site.settings.scoped_token)

    assert checked.connection_status["status"] == "FAILED"
    assert "scopes" in checked.connection_status["message"]


def test_bad_credentials_fail_check(site: Emulator, tmp_path: Path) -> None:
    checked = forked_for(site, tmp_path).check(api_token="wrong")

    assert checked.connection_status["status"] == "FAILED"
    assert "api_token" in checked.connection_status["message"]
