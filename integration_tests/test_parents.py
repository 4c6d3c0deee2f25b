"""What belongs to a parent: long histories, trashed parents, and rights in some spaces only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integration_tests.confluence_emulator import Emulator, SiteSpec
from integration_tests.conftest import forked_for
from integration_tests.connector import Json, Run, catalog_of
from integration_tests.truth import all_streams, assert_same, expected

STREAMS = all_streams()
FULL = "full_refresh"
OF_PAGES = ("page_labels", "page_content_properties", "page_likes", "page_versions")
OF_BLOG_POSTS = tuple(f"blog_post_{name.removeprefix('page_')}" for name in OF_PAGES)
TRASHED_TOO = ["current", "archived", "trashed"]


@pytest.fixture
def site() -> Iterator[Emulator]:
    with Emulator(SiteSpec(pages=120, blog_posts=20)) as running:
        yield running


def wanted(site: Emulator, stream: str, **selection: Any) -> list[Json]:
    return expected(site, stream, body_format=None, **selection)


def read(site: Emulator, folder: Path, *streams: str, **config: Any) -> Run:
    return forked_for(site, folder).read(catalog_of(dict.fromkeys(streams, FULL)), **config)


def test_a_history_of_more_versions_than_are_included_is_read_whole(
    site: Emulator, tmp_path: Path
) -> None:
    page = next(p["id"] for p in wanted(site, "pages") if p["version"]["number"] < 10)
    for number in range(130):
        site.mutations.edit("page", page, text=f"Edit {number}")

    run = read(site, tmp_path, *OF_PAGES)

    assert run.returncode == 0
    for stream in OF_PAGES:
        assert_same(run.records[stream], wanted(site, stream), STREAMS[stream].key)


def test_a_site_may_behave_better_than_any_that_was_measured(tmp_path: Path) -> None:
    spec = SiteSpec(
        pages=120,
        blog_posts=20,
        archived_spaces_by_default=True,
        archived_spaces_searched=True,
        search_is_perfect=True,
        trashed_parents_have_lists=True,
        versions_newest_first=True,
    )
    streams = ("space", "folders", *OF_PAGES, *OF_BLOG_POSTS)
    with Emulator(spec) as site:
        run = read(site, tmp_path, *streams, content_statuses=TRASHED_TOO)

        assert run.statuses == dict.fromkeys(streams, "COMPLETE")
        for stream in streams:
            truth = wanted(site, stream, statuses=TRASHED_TOO)
            assert_same(run.records[stream], truth, STREAMS[stream].key)


@pytest.mark.parametrize("stream", [*OF_PAGES, *OF_BLOG_POSTS])
def test_one_stream_of_trashed_parents_alone_is_complete(
    site: Emulator, tmp_path: Path, stream: str
) -> None:
    run = read(site, tmp_path, stream, content_statuses=TRASHED_TOO)

    assert run.statuses == {stream: "COMPLETE"}
    assert_same(
        run.records[stream], wanted(site, stream, statuses=TRASHED_TOO), STREAMS[stream].key
    )


def test_the_rest_of_a_trashed_parents_long_list_is_named(site: Emulator, tmp_path: Path) -> None:
    page = wanted(site, "pages", statuses=["trashed"])[0]["id"]
    for number in range(70):
        site.mutations.edit("page", page, text=f"Edit {number}")

    run = read(site, tmp_path, "page_versions", content_statuses=TRASHED_TOO)

    assert run.statuses == {"page_versions": "COMPLETE"}
    of_page = [one for one in run.records["page_versions"] if one["pageId"] == page]
    assert len(of_page) == 50
    (warning,) = run.warnings_about("page_versions")
    assert page in warning


def by_space(site: Emulator) -> dict[str, list[Json]]:
    """The pages of the spaces that have any, those with the oldest page first."""
    keys = {space["id"]: space["key"] for space in wanted(site, "space")}
    found: dict[str, list[Json]] = {}
    for page in wanted(site, "pages"):
        found.setdefault(keys[page["spaceId"]], []).append(page)
    return found


@pytest.mark.parametrize("num_workers", [1, 4, 40])
@pytest.mark.parametrize(
    ("stream", "path"), [("page_views", "/analytics/"), ("page_watchers", "/notification/")]
)
def test_spaces_that_deny_a_right_are_named_and_the_others_are_read(
    tmp_path: Path, stream: str, path: str, num_workers: int
) -> None:
    with Emulator(SiteSpec(pages=300, spaces=6)) as site:
        pages = by_space(site)
        denied = list(pages)[:2]
        site.deny_in_spaces({path: denied})
        hidden = {page["id"] for key in denied for page in pages[key]}

        run = read(site, tmp_path, stream, "labels", num_workers=num_workers)

        assert run.statuses == {stream: "COMPLETE", "labels": "COMPLETE"}
        others = [one for one in wanted(site, stream) if one["pageId"] not in hidden]
        assert_same(run.records[stream], others, STREAMS[stream].key)
        (warning,) = run.warnings_about(stream)
        assert all(key in warning for key in denied)
        assert str(len(hidden)) in warning
        refused = [r for r in site.requests if r.status == 403]
        assert len(refused) <= len(denied) * (30 + num_workers)


@pytest.mark.parametrize("num_workers", [1, 40])
def test_restricted_pages_say_nothing_about_the_rest_of_their_space(
    tmp_path: Path, num_workers: int
) -> None:
    with Emulator(SiteSpec(pages=300, spaces=3)) as site:
        oldest = next(iter(by_space(site).values()))[:30]
        ids = "|".join(page["id"] for page in oldest)
        site.forbid({f"/analytics/content/({ids})/": 403})

        run = read(site, tmp_path, "page_views", num_workers=num_workers)

        hidden = {page["id"] for page in oldest}
        others = [one for one in wanted(site, "page_views") if one["pageId"] not in hidden]
        assert_same(run.records["page_views"], others, STREAMS["page_views"].key)
        (warning,) = run.warnings_about("page_views")
        assert str(len(hidden)) in warning


def test_a_right_that_no_space_grants_denies_the_stream_after_few_requests(
    tmp_path: Path,
) -> None:
    with Emulator(SiteSpec(pages=300, spaces=4)) as site:
        site.deny_in_spaces({"/analytics/": list(by_space(site))})
        connector = forked_for(site, tmp_path)

        checked = connector.check()
        site.requests.clear()
        run = connector.read(catalog_of(dict.fromkeys(("page_views", "labels"), FULL)))
        replaced = connector.read(catalog_of({"page_views": FULL}, "overwrite"))

        assert checked.connection_status["status"] == "SUCCEEDED"
        assert "page_views" in checked.connection_status["message"]
        assert run.statuses == {"page_views": "COMPLETE", "labels": "COMPLETE"}
        assert len(run.warnings_about("page_views")) == 1
        assert not run.records["page_views"]
        assert replaced.statuses == {"page_views": "INCOMPLETE"}
        refused = [r for r in site.requests if r.status == 403]
        assert len(refused) < 2 * 4 * 25


def test_check_says_in_which_space_a_right_is_missing(tmp_path: Path) -> None:
    with Emulator(SiteSpec(pages=100, spaces=4)) as site:
        first = next(iter(by_space(site)))
        site.deny_in_spaces({"/analytics/": [first]})

        checked = forked_for(site, tmp_path).check()

    status = checked.connection_status
    assert status["status"] == "SUCCEEDED"
    assert "page_views" in status["message"]
    assert first in status["message"]


LACKING = {
    "/space-roles": (400, "Space roles are not enabled"),
    "/classification-levels": (501, "Not implemented"),
    "/v2/tasks": (405, "Method Not Allowed"),
    "/v2/labels": (404, "Not Found"),
    "/v2/footer-comments": (500, "Internal Server Error"),
    "/api/group": (403, "Request rejected"),
    "/api/template": (410, "This API was removed"),
    "/api/search/user": (404, "Nothing here"),
    "/api/audit": (502, "Bad gateway"),
}
UNREADABLE = {
    "space_roles",
    "space_role_assignments",
    "classification_levels",
    "tasks",
    "labels",
    "page_footer_comments",
    "blog_post_footer_comments",
    "attachment_footer_comments",
    "custom_content_footer_comments",
    "comment_content_properties",
    "footer_comment_likes",
    "footer_comment_versions",
    "group",
    "group_members",
    "templates",
    "users",
    "audit",
}


@pytest.fixture
def lacking() -> Iterator[Emulator]:
    """A site whose account sees a single space, and where optional lists answer anything."""
    with Emulator(SiteSpec(spaces=1, pages=30, blog_posts=5)) as running:
        running.lack(LACKING)
        yield running


def test_check_succeeds_and_names_every_list_that_cannot_be_read(
    lacking: Emulator, tmp_path: Path
) -> None:
    checked = forked_for(lacking, tmp_path).check()

    assert checked.returncode == 0
    assert checked.connection_status["status"] == "SUCCEEDED"
    message = checked.connection_status["message"].replace(":", " ")
    assert set(STREAMS) & set(message.split()) == UNREADABLE


def test_every_stream_that_check_does_not_name_is_read(lacking: Emulator, tmp_path: Path) -> None:
    others = sorted(set(STREAMS) - UNREADABLE)

    run = read(lacking, tmp_path, *others)

    for stream in others:
        assert run.statuses[stream] == "COMPLETE"
        assert bool(run.records.get(stream)) == bool(wanted(lacking, stream)), stream


def test_lists_that_answer_anything_end_no_other_stream(lacking: Emulator, tmp_path: Path) -> None:
    names = ("space_roles", "space_role_assignments", "classification_levels", "page_likes")

    appended = read(lacking, tmp_path, *names)
    replaced = forked_for(lacking, tmp_path).read(
        catalog_of(dict.fromkeys(names, FULL), "overwrite")
    )

    assert set(appended.statuses.values()) == {"COMPLETE"}
    for stream in names[:3]:
        assert len(appended.warnings_about(stream)) == 1
        assert replaced.statuses[stream] == "INCOMPLETE"
    for run in (appended, replaced):
        assert_same(
            run.records["page_likes"], wanted(lacking, "page_likes"), STREAMS["page_likes"].key
        )
