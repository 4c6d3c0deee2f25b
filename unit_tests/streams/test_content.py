"""Pages and blog posts: what is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from source_confluence.streams.content import SpaceContent
from unit_tests.fake_site import FakeSite
from unit_tests.fakes import make_config, make_connection
from unit_tests.run_sync import streams_of


def content(name: str, **config: Any) -> SpaceContent:
    stream = streams_of(make_connection(make_config(**config)))[name]
    assert isinstance(stream, SpaceContent)
    return stream


@pytest.mark.parametrize(("name", "endpoint"), [("pages", "pages"), ("blog_posts", "blogposts")])
def test_where_they_are(name: str, endpoint: str) -> None:
    stream = content(name)

    assert stream.listing({}).url.endswith(f"/wiki/api/v2/{endpoint}")
    assert stream.cursor_field == "lastModifiedAt"
    assert stream.page_size == 250


@pytest.mark.parametrize(
    ("statuses", "of_pages", "of_blog_posts"),
    [
        (None, "current,archived", "current"),
        (["current"], "current", "current"),
        (["trashed", "archived"], "trashed,archived", "trashed"),
        (["current", "archived", "trashed"], "current,archived,trashed", "current,trashed"),
    ],
)
def test_statuses_are_asked_for_that_the_content_can_have(
    statuses: list[str] | None, of_pages: str, of_blog_posts: str
) -> None:
    asked = {
        name: content(name, content_statuses=statuses).request_params(None)["status"]
        for name in ("pages", "blog_posts")
    }

    assert asked == {"pages": of_pages, "blog_posts": of_blog_posts}


@pytest.mark.parametrize(
    ("body_format", "asked"),
    [
        (None, {"body-format": "storage"}),
        ("storage", {"body-format": "storage"}),
        ("atlas_doc_format", {"body-format": "atlas_doc_format"}),
        ("none", {}),
    ],
)
@pytest.mark.parametrize("name", ["pages", "blog_posts"])
def test_bodies_are_asked_for_only_when_wanted(
    name: str, body_format: str | None, asked: dict[str, str]
) -> None:
    params = content(name, body_format=body_format).request_params(None, {})

    assert {key: value for key, value in params.items() if key == "body-format"} == asked


@pytest.mark.parametrize(
    ("stream_slice", "asked"),
    [
        (None, {"sort": "id"}),
        ({}, {"sort": "id"}),
        ({"spaceIds": ["1"]}, {"sort": "id", "space-id": "1"}),
        ({"modifiedSince": "2025"}, {"sort": "-modified-date"}),
        (
            {"modifiedSince": "2025", "spaceIds": ["1", "2"]},
            {"sort": "-modified-date", "space-id": "1,2"},
        ),
    ],
)
def test_a_slice_is_asked_for_in_the_order_that_it_needs(
    stream_slice: dict[str, Any] | None, asked: dict[str, str]
) -> None:
    params = content("pages", body_format="none").request_params(None, stream_slice)

    assert params == {"status": "current,archived", **asked}


def test_what_has_no_status_that_fits_is_not_probed(site: FakeSite) -> None:
    content("blog_posts", content_statuses=["archived"]).probe()
    content("pages", content_statuses=["archived"]).probe()

    assert [endpoint for endpoint, _ in site.requests] == ["pages"]
