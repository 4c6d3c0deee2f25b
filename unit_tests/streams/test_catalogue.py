"""The catalogue of streams, as discover publishes it."""

from __future__ import annotations

import pytest
from requests_mock import Mocker

from source_confluence.connection import Connection
from source_confluence.streams.base import ConfluenceStream
from source_confluence.streams.incremental import IncrementalStream
from unit_tests.fake_site import FakeSite, space
from unit_tests.run_sync import catalogue_of

NAMES = [
    *("pages", "blog_posts", "attachments", "custom_content"),
    *("whiteboards", "databases", "folders", "embeds", "tasks"),
    *("page_footer_comments", "blog_post_footer_comments", "attachment_footer_comments"),
    *("custom_content_footer_comments", "page_inline_comments", "blog_post_inline_comments"),
    *("space", "space_properties", "space_permissions", "space_role_assignments"),
    *("space_labels", "space_watchers", "space_roles", "child_pages"),
    *("page_labels", "page_content_properties", "page_likes", "page_versions"),
    *("page_restrictions", "page_watchers", "page_views"),
    *("blog_post_labels", "blog_post_content_properties", "blog_post_likes"),
    *("blog_post_versions", "blog_post_restrictions"),
    *("attachment_labels", "attachment_content_properties", "attachment_versions"),
    *("custom_content_labels", "custom_content_content_properties", "custom_content_versions"),
    *("comment_content_properties", "footer_comment_likes", "footer_comment_versions"),
    *("inline_comment_likes", "inline_comment_versions"),
    *("labels", "classification_levels", "templates"),
    *("group", "group_members", "users", "audit"),
]
INCREMENTAL = {
    *("pages", "blog_posts", "attachments", "custom_content", "tasks", "audit"),
    *(name for name in NAMES if name.endswith(("_footer_comments", "_inline_comments"))),
    *(name for name in NAMES if name.endswith("_versions")),
}
OWN_CURSOR_FIELDS = {"tasks": "updatedAt", "audit": "creationDate"}


@pytest.fixture
def streams(connection: Connection) -> list[ConfluenceStream]:
    return catalogue_of(connection).streams


def test_it_is_made_without_a_request(connection: Connection, requests_mock: Mocker) -> None:
    streams = catalogue_of(connection, *NAMES).streams

    assert [stream.name for stream in streams] == NAMES
    assert not requests_mock.called


def test_every_primary_key_and_cursor_field_is_in_the_schema(
    streams: list[ConfluenceStream],
) -> None:
    for stream in streams:
        properties = stream.get_json_schema()["properties"]
        assert set(stream.primary_key) <= set(properties)
        if isinstance(stream, IncrementalStream):
            assert stream.cursor_field in properties


def test_the_incremental_streams_say_so(streams: list[ConfluenceStream]) -> None:
    cursors = {
        stream.name: stream.as_airbyte_stream().default_cursor_field
        for stream in streams
        if stream.supports_incremental
    }

    assert cursors == {
        name: [OWN_CURSOR_FIELDS.get(name, "lastModifiedAt")] for name in INCREMENTAL
    }


def test_the_selection_knows_the_spaces_of_the_site(connection: Connection, site: FakeSite) -> None:
    site.spaces = [space(1), space(2, "archived")]

    assert catalogue_of(connection).selection.spaces.ids() == ["1", "2"]
    assert connection.meter.cost("space").requests == 2
