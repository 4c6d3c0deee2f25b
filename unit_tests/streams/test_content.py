"""Pages and blog posts: the parameters of their requests."""

from __future__ import annotations

from typing import Any

import pytest

from source_confluence.airbyte.check import notes_on
from source_confluence.confluence.errors import ServerError
from unit_tests.fake_site import BROKEN, FakeSite, Params, always, page
from unit_tests.fakes import Setup, make_setup
from unit_tests.run_sync import entry, run_sync, sync_of

ENDPOINTS = {"pages": "pages", "blog_posts": "blogposts"}


def requests(site: FakeSite, name: str, **config: Any) -> list[Params]:
    """Return the parameters of all requests for content that a sync of one stream sends."""
    site.pages, site.blogposts = [page(1)], [page(2)]
    run_sync(make_setup(**config), [entry(name)])
    return site.requests_to(ENDPOINTS[name])


@pytest.mark.parametrize(
    ("statuses", "of_pages", "of_blog_posts"),
    [
        (None, "current,archived", "current"),
        (["current"], "current", "current"),
        (["trashed", "archived"], "trashed,archived", "trashed"),
        (["current", "archived", "trashed"], "current,archived,trashed", "current,trashed"),
        (["archived"], "archived", None),
    ],
)
def test_only_statuses_that_the_content_can_have_are_requested(
    site: FakeSite, statuses: list[str] | None, of_pages: str, of_blog_posts: str | None
) -> None:
    requested = {
        name: {params["status"] for params in requests(site, name, content_statuses=statuses)}
        for name in ENDPOINTS
    }

    assert requested == {
        "pages": {of_pages},
        "blog_posts": {of_blog_posts} if of_blog_posts else set(),
    }


@pytest.mark.parametrize("name", ENDPOINTS)
@pytest.mark.parametrize(
    ("body_format", "requested"),
    [
        (None, "storage"),
        ("storage", "storage"),
        ("atlas_doc_format", "atlas_doc_format"),
        ("none", None),
    ],
)
def test_bodies_are_requested_in_the_configured_format(
    site: FakeSite, name: str, body_format: str | None, requested: str | None
) -> None:
    listing = requests(site, name, body_format=body_format)[-1]

    assert listing.get("body-format") == requested
    assert listing["sort"] == "id"
    assert 1 <= int(listing["limit"]) <= 250


def test_check_does_not_probe_content_without_a_status(site: FakeSite) -> None:
    notes_on(sync_of(make_setup(content_statuses=["archived"])))

    assert "pages" in site.endpoints()
    assert "blogposts" not in site.endpoints()


def test_check_sends_one_request_without_bodies_and_no_retry(site: FakeSite, setup: Setup) -> None:
    site.pages = [page(1), page(2)]
    site.faults["pages"] = always(BROKEN)

    with pytest.raises(ServerError):
        sync_of(setup).runs["pages"].retriever.probe(sync_of(setup).runs["pages"])

    assert site.requests == [
        ("pages", {"sort": "id", "status": "current,archived", "limit": "1"}),
    ]
