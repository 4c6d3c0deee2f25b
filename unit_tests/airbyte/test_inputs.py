"""The files that a user hands over: what is wrong with one is said in a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from airbyte_cdk.models import AirbyteStateType, DestinationSyncMode, SyncMode

from source_confluence.airbyte.inputs import read_catalog, read_config, read_state
from source_confluence.confluence.errors import ConfigError

CATALOG = {
    "streams": [
        {
            "stream": {
                "name": "pages",
                "json_schema": {},
                "supported_sync_modes": ["full_refresh", "incremental"],
            },
            "sync_mode": "incremental",
            "destination_sync_mode": "append_dedup",
        }
    ]
}
STREAM_STATE = {
    "type": "STREAM",
    "stream": {
        "stream_descriptor": {"name": "pages"},
        "stream_state": {"lastModifiedAt": "2024-01-01T00:00:00.000Z"},
    },
}
CATALOG_FORM = (
    "a configured catalog, with stream, sync_mode and destination_sync_mode for each stream"
)
STATE_FORM = "a list of Airbyte state messages of type STREAM or GLOBAL"

READERS = [("config", read_config), ("catalog", read_catalog), ("state", read_state)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "input.json"


def write(file: Path, content: object) -> str:
    file.write_text(json.dumps(content), encoding="utf-8")
    return str(file)


@pytest.mark.parametrize(("kind", "read"), READERS)
def test_a_file_that_is_not_there(kind: str, read: Callable[[str], object], file: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        read(str(file))

    assert refused.value.sentence == (
        f"The {kind} file {file} cannot be read: No such file or directory."
    )


@pytest.mark.parametrize(("kind", "read"), READERS)
def test_a_directory(kind: str, read: Callable[[str], object], tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        read(str(tmp_path))

    assert refused.value.sentence == f"The {kind} file {tmp_path} cannot be read: Is a directory."


@pytest.mark.parametrize(("kind", "read"), READERS[:2])
@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf"], ids=["0 bytes", "line", "BOM"])
def test_an_empty_file(
    kind: str, read: Callable[[str], object], content: bytes, file: Path
) -> None:
    file.write_bytes(content)

    with pytest.raises(ConfigError) as refused:
        read(str(file))

    assert refused.value.sentence.startswith(f"The {kind} file {file} is not valid JSON: ")


@pytest.mark.parametrize(
    ("read", "content"), [(read_config, {"a": "ä"}), (read_catalog, CATALOG), (read_state, [])]
)
def test_a_byte_order_mark_changes_nothing(
    read: Callable[[str], object], content: object, file: Path
) -> None:
    without = read(write(file, content))
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())

    assert read(str(file)) == without


@pytest.mark.parametrize(("kind", "read"), READERS)
@pytest.mark.parametrize(
    "content",
    [b"{", b"{'a': 1}", b'{"a": NaN}', b'{"a": 1,}', b"\xff\xfe{\x00}\x00", b"[" * 5000],
    ids=["cut off", "single quotes", "NaN", "trailing comma", "UTF-16", "too deep"],
)
def test_invalid_json(kind: str, read: Callable[[str], object], content: bytes, file: Path) -> None:
    file.write_bytes(content)

    with pytest.raises(ConfigError) as refused:
        read(str(file))

    assert refused.value.sentence.startswith(f"The {kind} file {file} is not valid JSON: ")
    assert refused.value.sentence.endswith(".")
    assert "\n" not in refused.value.sentence


def test_a_config(file: Path) -> None:
    assert read_config(write(file, {"domain_name": "zoë"})) == {"domain_name": "zoë"}


@pytest.mark.parametrize("content", [[], None, "domain_name", 7, [{"domain_name": "a"}]])
def test_a_config_that_is_no_object(content: object, file: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        read_config(write(file, content))

    assert refused.value.sentence == f"The config in {file} must be a JSON object."


def test_a_catalog(file: Path) -> None:
    (entry,) = read_catalog(write(file, CATALOG)).streams

    assert entry.stream.name == "pages"
    assert entry.sync_mode is SyncMode.incremental
    assert entry.destination_sync_mode is DestinationSyncMode.append_dedup


def catalog_with(**changes: object) -> dict[str, Any]:
    (entry,) = CATALOG["streams"]
    return {"streams": [{**entry, **changes}]}


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ({}, "streams"),
        ({"streams": None}, "streams"),
        ({"streams": ["pages"]}, "streams/0"),
        ({"streams": [{}]}, "streams/0/stream"),
        (CATALOG["streams"], "at its top"),
        (None, "at its top"),
        ("pages", "at its top"),
        (catalog_with(sync_mode="sometimes"), "streams/0/sync_mode"),
        (catalog_with(destination_sync_mode=None), "streams/0/destination_sync_mode"),
        (catalog_with(stream={"json_schema": {}}), "streams/0/stream/name"),
        ({"type": "CATALOG", "catalog": {"streams": []}}, "streams"),
    ],
)
def test_what_is_no_catalog(content: object, where: str, file: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        read_catalog(write(file, content))

    assert refused.value.sentence.startswith(
        f"The catalog in {file} must be {CATALOG_FORM}; {where}: "
    )
    assert "\n" not in refused.value.sentence


@pytest.mark.parametrize("content", [[STREAM_STATE], STREAM_STATE])
def test_a_state(content: object, file: Path) -> None:
    (state,) = read_state(write(file, content))

    assert state.type is AirbyteStateType.STREAM
    assert state.stream is not None
    assert state.stream.stream_descriptor.name == "pages"
    assert state.stream.stream_state is not None
    assert vars(state.stream.stream_state) == {"lastModifiedAt": "2024-01-01T00:00:00.000Z"}


def global_state(**shared: object) -> list[dict[str, Any]]:
    return [
        {"type": "GLOBAL", "global": {**shared, "stream_states": [STREAM_STATE["stream"]]}},
    ]


@pytest.mark.parametrize("shared", [{}, {"shared_state": None}, {"shared_state": {}}])
def test_a_global_state(shared: dict[str, object], file: Path) -> None:
    (state,) = read_state(write(file, global_state(**shared)))

    assert state.global_ is not None
    assert state.global_.shared_state is None
    assert state.global_.stream_states[0].stream_descriptor.name == "pages"


def test_a_global_state_with_something_that_streams_share(file: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        read_state(write(file, global_state(shared_state={"cdc": 7})))

    assert refused.value.sentence == (
        f"The state in {file} holds a shared_state, which this connector did not write: "
        "reset the state of the connection."
    )


@pytest.mark.parametrize("content", [[], {}, None])
def test_no_state_yet(content: object, file: Path) -> None:
    assert read_state(write(file, content)) == []


@pytest.mark.parametrize("content", [b"", b" \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_no_state_yet(content: bytes, file: Path) -> None:
    file.write_bytes(content)

    assert read_state(str(file)) == []


@pytest.mark.parametrize(
    "content",
    [
        {"pages": {"lastModifiedAt": "2024-01-01T00:00:00.000Z"}},
        [{"type": "LEGACY", "data": {"pages": {}}}],
        [STREAM_STATE, {"type": "STREAM"}],
        ["pages"],
        "pages",
        7,
        [{"type": "STREAM", "stream": {}}],
        [{"type": "STREAM", "stream": {"stream_descriptor": {}}}],
        [{"type": "NONSENSE"}],
    ],
)
def test_what_is_no_state(content: object, file: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        read_state(write(file, content))

    assert refused.value.sentence.startswith(f"The state in {file} must be {STATE_FORM}")
    assert "\n" not in refused.value.sentence
