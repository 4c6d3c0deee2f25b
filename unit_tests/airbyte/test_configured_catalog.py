"""Discover, turned into a configured catalog."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from airbyte_cdk.models import AirbyteStream, DestinationSyncMode, SyncMode
from requests_mock import Mocker

from source_confluence.airbyte.configured_catalog import configured, discovered, main
from source_confluence.airbyte.inputs import read_catalog
from source_confluence.airbyte.source import SourceConfluence
from unit_tests.fakes import RAW_CONFIG

INCREMENTAL = (SyncMode.incremental, DestinationSyncMode.append_dedup)
FULL = (SyncMode.full_refresh, DestinationSyncMode.overwrite)


@pytest.fixture(scope="module")
def found() -> list[AirbyteStream]:
    return discovered()


def stream(name: str, *modes: SyncMode, key: list[list[str]] | None = None) -> AirbyteStream:
    return AirbyteStream(
        name=name,
        json_schema={},
        supported_sync_modes=list(modes),
        source_defined_primary_key=key,
        default_cursor_field=["changed"],
    )


def refusal(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    """The sentence with which the command ends; it has printed nothing."""
    with pytest.raises(SystemExit) as ended:
        main(args)
    assert capsys.readouterr().out == ""
    return str(ended.value)


def test_every_stream_in_the_order_of_discover(found: list[AirbyteStream]) -> None:
    catalog = configured(found, [])

    assert [entry.stream for entry in catalog.streams] == found
    assert len(found) > 50


def test_incremental_exactly_where_the_stream_supports_it(found: list[AirbyteStream]) -> None:
    modes = {
        entry.stream.name: (entry.sync_mode, entry.destination_sync_mode)
        for entry in configured(found, []).streams
    }

    assert modes == {
        one.name: INCREMENTAL if SyncMode.incremental in one.supported_sync_modes else FULL
        for one in found
    }
    assert modes["pages"] == INCREMENTAL
    assert modes["users"] == FULL


def test_keys_and_cursors_are_those_of_the_stream() -> None:
    (entry,) = configured(
        [stream("s", SyncMode.full_refresh, SyncMode.incremental, key=[["a"], ["b"]])], []
    ).streams

    assert entry.cursor_field == ["changed"]
    assert entry.primary_key == [["a"], ["b"]]


def test_without_a_key_nothing_can_be_deduplicated() -> None:
    keyless = stream("s", SyncMode.full_refresh, SyncMode.incremental)

    (entry,) = configured([keyless], []).streams

    assert (entry.sync_mode, entry.destination_sync_mode) == FULL


def test_those_named_only_and_each_once(found: list[AirbyteStream]) -> None:
    catalog = configured(found, ["users", "pages", "users"])

    assert [entry.stream.name for entry in catalog.streams] == ["pages", "users"]


def test_what_it_prints_is_what_read_takes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, requests_mock: Mocker
) -> None:
    catalog = tmp_path / "catalog.json"

    main(["pages", "audit"])

    catalog.write_text(capsys.readouterr().out)
    entries = read_catalog(str(catalog)).streams
    assert [entry.stream.name for entry in entries] == ["pages", "audit"]
    assert all(entry.stream.json_schema["properties"] for entry in entries)
    assert not requests_mock.called


def test_an_unknown_stream_with_a_name_like_another(capsys: pytest.CaptureFixture[str]) -> None:
    assert refusal(capsys, "pages", "page_label") == (
        "This connector has no stream named page_label: did you mean page_labels?"
    )


def test_an_unknown_stream_like_none(capsys: pytest.CaptureFixture[str]) -> None:
    sentence = refusal(capsys, "xyz", "qqq")

    assert sentence.startswith(
        "This connector has no stream named xyz or qqq: it has pages, blog_posts, "
    )


def test_every_config_gives_the_same_streams(found: list[AirbyteStream]) -> None:
    """So the command has no need of a config."""
    config = {
        **RAW_CONFIG,
        "body_format": "none",
        "space_keys": ["DEV"],
        "cql": "type = page",
        "custom_content_types": ["ac:example:board"],
        "content_statuses": ["archived"],
    }

    assert SourceConfluence().discover(logging.getLogger("airbyte"), config).streams == found


def test_a_config_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert refusal(capsys, "--config", "config.json") == "2"
