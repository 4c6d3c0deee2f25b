"""The catalogue of streams, as discover publishes it."""

from __future__ import annotations

import pytest
from requests_mock import Mocker

from source_confluence.connection import Connection
from source_confluence.streams import catalogue
from source_confluence.streams.base import ConfluenceStream
from source_confluence.streams.incremental import IncrementalStream
from unit_tests.sync.fake_site import FakeSite, space

NAMES = ["pages", "blog_posts", "space", "group", "audit"]


@pytest.fixture
def streams(connection: Connection) -> list[ConfluenceStream]:
    return catalogue(connection)[0]


def test_it_is_made_without_a_request(connection: Connection, requests_mock: Mocker) -> None:
    streams, _ = catalogue(connection)

    assert [stream.name for stream in streams] == NAMES
    assert not requests_mock.called


def test_every_primary_key_and_cursor_field_is_in_the_schema(
    streams: list[ConfluenceStream],
) -> None:
    for stream in streams:
        properties = stream.get_json_schema()["properties"]
        assert stream.primary_key in properties
        if isinstance(stream, IncrementalStream):
            assert stream.cursor_field in properties


def test_the_incremental_streams_say_so(streams: list[ConfluenceStream]) -> None:
    cursors = {
        stream.name: stream.as_airbyte_stream().default_cursor_field
        for stream in streams
        if stream.supports_incremental
    }

    assert cursors == {
        "pages": ["lastModifiedAt"],
        "blog_posts": ["lastModifiedAt"],
        "audit": ["creationDate"],
    }


def test_the_selection_knows_the_spaces_of_the_site(connection: Connection, site: FakeSite) -> None:
    site.spaces = [space(1), space(2, "archived")]
    _, selection = catalogue(connection)

    assert selection.ids() == ["1", "2"]
    assert connection.meter.cost("space").requests == 2
