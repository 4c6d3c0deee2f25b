"""How many requests everything costs: a tenth of the site that `make bench` counts them for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.requests import CONTENT_PROPERTIES, LISTED_BY_SLING
from integration_tests.confluence_emulator import Emulator, SiteSpec
from integration_tests.conftest import forked_for
from integration_tests.connector import catalog_of
from integration_tests.truth import all_streams, expected

PAGES, BLOG_POSTS, ATTACHMENTS, SPACES = 1_000, 100, 500, 10
ONE_FOR_EACH = 5 * PAGES + 4 * BLOG_POSTS + 2 * ATTACHMENTS + 3 * SPACES
"""Labels, versions, both kinds of comments and children of pages, and so on: without properties."""
ONE_FOR_EACH_PROPERTIES = PAGES + BLOG_POSTS + ATTACHMENTS
STREAMS = all_streams()


@pytest.fixture
def site() -> Iterator[Emulator]:
    spec = SiteSpec(
        pages=PAGES,
        blog_posts=BLOG_POSTS,
        attachments=ATTACHMENTS,
        spaces=SPACES,
        footer_comments=1_600,
        inline_comments=400,
        labels=50,
        archived_page_share=0,
        trashed_page_share=0,
        trashed_blog_post_share=0,
        removed_attachment_share=0,
    )
    with Emulator(spec) as running:
        yield running


def modes(names: tuple[str, ...]) -> dict[str, str]:
    return {
        name: "incremental" if STREAMS[name].supports_incremental else "full_refresh"
        for name in names
    }


def test_a_quarter_of_one_request_for_each_parent_and_stream(
    site: Emulator, tmp_path: Path
) -> None:
    run = forked_for(site, tmp_path).read(
        catalog_of(modes((*LISTED_BY_SLING, *CONTENT_PROPERTIES)))
    )

    assert run.returncode == 0
    assert len(site.requests) <= (ONE_FOR_EACH + ONE_FOR_EACH_PROPERTIES) / 4


def test_an_eighth_without_properties_and_later_what_changed(
    site: Emulator, tmp_path: Path
) -> None:
    connector = forked_for(site, tmp_path)

    first = connector.read(catalog_of(modes(LISTED_BY_SLING)))

    assert first.returncode == 0
    assert len(first.records["pages"]) == PAGES
    assert len(site.requests) <= ONE_FOR_EACH / 8 * 1.05, "5 % for what no parent needs"

    pages = [page["id"] for page in expected(site, "pages")]
    files = [attachment["id"] for attachment in expected(site, "attachments")]
    for page_id in pages[::50]:
        site.mutations.edit("page", page_id)
    comments = {site.mutations.comment("page", page_id)["id"] for page_id in pages[:10]}
    for attachment_id in files[:5]:
        site.mutations.edit("attachment", attachment_id)
    site.requests.clear()
    incremental = tuple(name for name in LISTED_BY_SLING if STREAMS[name].supports_incremental)

    second = connector.read(catalog_of(modes(incremental)), first.states.values())

    assert second.returncode == 0
    assert len(site.requests) <= 60
    assert {page["id"] for page in second.records["pages"]} >= set(pages[::50])
    assert {version["pageId"] for version in second.records["page_versions"]} >= set(pages[::50])
    assert {comment["id"] for comment in second.records["page_footer_comments"]} >= comments
    assert {file["id"] for file in second.records["attachments"]} >= set(files[:5])
    for name in ("pages", "page_footer_comments", "attachments", "page_versions"):
        assert len(second.records[name]) < 60, "unchanged records were read again"


def test_lists_of_the_whole_site_are_at_most_half_of_the_requests_for_one_space(
    site: Emulator, tmp_path: Path
) -> None:
    space = expected(site, "space")[0]
    full = dict.fromkeys(STREAMS, "full_refresh")

    run = forked_for(site, tmp_path).read(catalog_of(full), space_keys=[space["key"]])

    assert run.returncode == 0
    counts = site.requests.counts()
    whole_site = sum(
        number for path, number in counts.items() if "{" not in path and "/search" not in path
    )
    assert whole_site <= len(site.requests) / 2
    spaces = {
        record["spaceId"]
        for records in run.records.values()
        for record in records
        if record.get("spaceId") is not None
    }
    assert spaces == {space["id"]}
