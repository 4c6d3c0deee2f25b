"""`source-confluence-catalog`: what `read` needs, made of what `discover` says."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from airbyte_cdk.models import ConfiguredAirbyteCatalogSerializer, DestinationSyncMode, SyncMode

from source_confluence import SourceConfluence
from source_confluence.configured_catalog import main
from unit_tests.fakes import RAW_CONFIG


def printed(capsys: pytest.CaptureFixture[str], *args: str) -> list[dict[str, object]]:
    main(args)
    streams: list[dict[str, object]] = orjson.loads(capsys.readouterr().out)["streams"]
    return streams


def test_every_stream_without_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    main([])

    catalog = ConfiguredAirbyteCatalogSerializer.load(orjson.loads(capsys.readouterr().out))

    names = [stream.name for stream in SourceConfluence().streams(RAW_CONFIG)]
    assert [one.stream.name for one in catalog.streams] == names
    for one in catalog.streams:
        can = SyncMode.incremental in (one.stream.supported_sync_modes or ())
        assert one.sync_mode is (SyncMode.incremental if can else SyncMode.full_refresh)
        assert one.destination_sync_mode is (
            DestinationSyncMode.append_dedup if can else DestinationSyncMode.overwrite
        )
        assert one.primary_key == one.stream.source_defined_primary_key


def test_the_streams_named_in_the_order_of_discover(capsys: pytest.CaptureFixture[str]) -> None:
    streams = printed(capsys, "users", "pages", "users")

    assert [one["stream"]["name"] for one in streams] == ["pages", "users"]  # type: ignore[index]
    assert streams[0]["cursor_field"] == ["lastModifiedAt"]


def test_a_config_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(orjson.dumps(RAW_CONFIG))

    assert len(printed(capsys, "--config", str(path), "space")) == 1


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["pagez"], "This connector has no stream named pagez: did you mean pages?"),
        (["--config", "nowhere.json"], "nowhere.json"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(args: list[str], sentence: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(args)

    assert sentence in str(ended.value.code)


def test_a_name_like_no_other_is_answered_with_all_that_exist() -> None:
    with pytest.raises(SystemExit, match="it has pages, blog_posts"):
        main(["xyzzy"])
