"""`source-confluence-catalog`: discover, turned into a configured catalog."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from airbyte_cdk.models import AirbyteStream, DestinationSyncMode, SyncMode
from requests_mock import Mocker

from source_confluence.airbyte.configured_catalog import main
from source_confluence.airbyte.default_catalog import configure, discover_streams
from source_confluence.airbyte.inputs import read_catalog
from source_confluence.airbyte.source import SourceConfluence
from source_confluence.confluence.errors import ConfigError
from unit_tests.fakes import RAW_CONFIG

INCREMENTAL = (SyncMode.incremental, DestinationSyncMode.append_dedup)
FULL = (SyncMode.full_refresh, DestinationSyncMode.overwrite)


@pytest.fixture(scope="module")
def streams() -> list[AirbyteStream]:
    return discover_streams()


def stream(name: str, *modes: SyncMode, key: list[list[str]] | None = None) -> AirbyteStream:
    return AirbyteStream(
        name=name,
        json_schema={},
        supported_sync_modes=list(modes),
        source_defined_primary_key=key,
        default_cursor_field=["changed"],
    )


def test_every_stream_in_the_order_of_discover(streams: list[AirbyteStream]) -> None:
    catalog = configure(streams, [])

    assert [entry.stream for entry in catalog.streams] == streams
    assert len(streams) > 50


def test_incremental_exactly_where_the_stream_supports_it(streams: list[AirbyteStream]) -> None:
    modes = {
        entry.stream.name: (entry.sync_mode, entry.destination_sync_mode)
        for entry in configure(streams, []).streams
    }

    assert modes == {
        one.name: INCREMENTAL if SyncMode.incremental in one.supported_sync_modes else FULL
        for one in streams
    }
    assert modes["pages"] == INCREMENTAL
    assert modes["users"] == FULL


def test_the_key_and_the_cursor_field_come_from_the_stream() -> None:
    keyed = stream("s", SyncMode.full_refresh, SyncMode.incremental, key=[["a"], ["b"]])

    (entry,) = configure([keyed], []).streams

    assert entry.cursor_field == ["changed"]
    assert entry.primary_key == [["a"], ["b"]]


def test_a_stream_without_a_key_cannot_be_deduplicated() -> None:
    keyless = stream("s", SyncMode.full_refresh, SyncMode.incremental)

    (entry,) = configure([keyless], []).streams

    assert (entry.sync_mode, entry.destination_sync_mode) == FULL


def test_only_the_named_streams_each_once(streams: list[AirbyteStream]) -> None:
    catalog = configure(streams, ["users", "pages", "users"])

    assert [entry.stream.name for entry in catalog.streams] == ["pages", "users"]


def test_read_accepts_what_it_prints(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, requests_mock: Mocker
) -> None:
    catalog = tmp_path / "catalog.json"

    main(["pages", "audit"])

    catalog.write_text(capsys.readouterr().out)
    entries = read_catalog(str(catalog)).streams
    assert [entry.stream.name for entry in entries] == ["pages", "audit"]
    assert all(entry.stream.json_schema["properties"] for entry in entries)
    assert not requests_mock.called


@pytest.mark.parametrize(
    ("names", "mentioned", "not_mentioned"),
    [
        pytest.param(["pages", "page_label"], ["page_labels"], "users", id="suggests a name"),
        pytest.param(["xyz", "qqq"], ["xyz", "qqq", "pages", "users"], "?", id="lists all names"),
    ],
)
def test_unknown_streams(
    streams: list[AirbyteStream], names: list[str], mentioned: list[str], not_mentioned: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        configure(streams, names)

    assert all(name in str(raised.value) for name in mentioned)
    assert not_mentioned not in str(raised.value)


@pytest.mark.parametrize("args", [["pagez"], ["--config", "config.json"]])
def test_wrong_arguments_print_nothing_on_stdout(
    args: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exited:
        main(args)

    assert exited.value.code
    assert capsys.readouterr().out == ""


def test_every_config_has_the_same_streams(streams: list[AirbyteStream]) -> None:
    """So the command needs no config."""
    config = {
        **RAW_CONFIG,
        "body_format": "none",
        "space_keys": ["DEV"],
        "cql": "type = page",
        "custom_content_types": ["ac:example:board"],
        "content_statuses": ["archived"],
    }

    assert SourceConfluence().discover(logging.getLogger("airbyte"), config).streams == streams
