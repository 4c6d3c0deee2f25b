"""The files that a user passes: each problem becomes one message that names the file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from airbyte_cdk.models import AirbyteStateType, DestinationSyncMode, FailureType, SyncMode

from source_confluence.airbyte.inputs import read_catalog, read_config, read_state
from source_confluence.confluence.errors import ConfigError

CATALOG: dict[str, Any] = {
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
STREAM_STATE: dict[str, Any] = {
    "type": "STREAM",
    "stream": {
        "stream_descriptor": {"name": "pages"},
        "stream_state": {"lastModifiedAt": "2024-01-01T00:00:00.000Z"},
    },
}

Read = Callable[[str], object]
READERS: list[tuple[str, Read]] = [
    ("config", read_config),
    ("catalog", read_catalog),
    ("state", read_state),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "input.json"


def write(file: Path, content: object) -> str:
    file.write_text(json.dumps(content), encoding="utf-8")
    return str(file)


def error_of(read: Read, path: Path) -> str:
    """The message of the ConfigError that `read` raises: one line that names the file."""
    with pytest.raises(ConfigError) as raised:
        read(str(path))
    message = str(raised.value)
    assert raised.value.failure_type is FailureType.config_error
    assert str(path) in message
    assert "\n" not in message
    return message


@pytest.mark.parametrize(("kind", "read"), READERS)
def test_a_file_that_cannot_be_read(kind: str, read: Read, tmp_path: Path) -> None:
    assert kind in error_of(read, tmp_path / "missing.json")
    assert kind in error_of(read, tmp_path)


@pytest.mark.parametrize(("kind", "read"), READERS)
@pytest.mark.parametrize(
    "content",
    [b"{", b"{'a': 1}", b'{"a": NaN}', b'{"a": 1,}', b"\xff\xfe{\x00}\x00", b"[" * 5000],
    ids=["cut off", "single quotes", "NaN", "trailing comma", "UTF-16", "too deep"],
)
def test_invalid_json(kind: str, read: Read, content: bytes, file: Path) -> None:
    file.write_bytes(content)

    assert f"{kind} file" in error_of(read, file)


EMPTY = pytest.mark.parametrize(
    "content", [b"", b" \n", b"\xef\xbb\xbf"], ids=["0 bytes", "blank", "byte order mark"]
)


@EMPTY
@pytest.mark.parametrize(("kind", "read"), READERS[:2])
def test_an_empty_file_is_invalid_json(kind: str, read: Read, content: bytes, file: Path) -> None:
    file.write_bytes(content)

    assert f"{kind} file" in error_of(read, file)


@EMPTY
def test_an_empty_state_file_has_no_states(content: bytes, file: Path) -> None:
    file.write_bytes(content)

    assert read_state(str(file)) == []


@pytest.mark.parametrize(
    ("read", "content"), [(read_config, {"a": "ä"}), (read_catalog, CATALOG), (read_state, [])]
)
def test_a_byte_order_mark_is_ignored(read: Read, content: object, file: Path) -> None:
    without = read(write(file, content))
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())

    assert read(str(file)) == without


def test_a_config(file: Path) -> None:
    assert read_config(write(file, {"domain_name": "zoë"})) == {"domain_name": "zoë"}


@pytest.mark.parametrize("content", [[], None, "domain_name", 7, [{"domain_name": "a"}]])
def test_a_config_must_be_an_object(content: object, file: Path) -> None:
    write(file, content)

    assert "config" in error_of(read_config, file)


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
        (CATALOG["streams"], ""),
        (None, ""),
        ("pages", ""),
        (catalog_with(sync_mode="sometimes"), "streams/0/sync_mode"),
        (catalog_with(destination_sync_mode=None), "streams/0/destination_sync_mode"),
        (catalog_with(stream={"json_schema": {}}), "streams/0/stream/name"),
        ({"type": "CATALOG", "catalog": {"streams": []}}, "streams"),
    ],
)
def test_anything_but_a_catalog_is_rejected_at_the_first_fault(
    content: object, where: str, file: Path
) -> None:
    write(file, content)

    assert f"; {where}" in error_of(read_catalog, file)


def global_state(**shared: object) -> list[dict[str, Any]]:
    return [
        {"type": "GLOBAL", "global": {**shared, "stream_states": [STREAM_STATE["stream"]]}},
    ]


LONG = "hunter2" * 100_000


@pytest.mark.parametrize(
    ("read", "content"),
    [
        (read_catalog, LONG),
        (read_catalog, {"streams": [{"stream": LONG}]}),
        (read_catalog, catalog_with(sync_mode=LONG)),
        (read_catalog, catalog_with(cursor_field={LONG: 1})),
        (read_state, LONG),
        (read_state, [{"type": "STREAM", "stream": LONG}]),
        (read_state, [{"type": LONG}]),
        (read_state, global_state(shared_state={LONG: LONG})),
        (read_config, [LONG]),
        (read_config, LONG.encode()),
        (read_state, b'[{"type": ' + LONG.encode()),
    ],
)
def test_no_message_quotes_more_than_a_little_of_a_file(
    read: Read, content: object, file: Path
) -> None:
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        write(file, content)

    assert len(error_of(read, file)) < 600


@pytest.mark.parametrize("content", [[STREAM_STATE], STREAM_STATE])
def test_a_state(content: object, file: Path) -> None:
    (state,) = read_state(write(file, content))

    assert state.type is AirbyteStateType.STREAM
    assert state.stream is not None
    assert state.stream.stream_descriptor.name == "pages"
    assert state.stream.stream_state is not None
    assert vars(state.stream.stream_state) == {"lastModifiedAt": "2024-01-01T00:00:00.000Z"}


@pytest.mark.parametrize("shared", [{}, {"shared_state": None}, {"shared_state": {}}])
def test_a_global_state(shared: dict[str, object], file: Path) -> None:
    (state,) = read_state(write(file, global_state(**shared)))

    assert state.global_ is not None
    assert state.global_.shared_state is None
    assert state.global_.stream_states[0].stream_descriptor.name == "pages"


@pytest.mark.parametrize("content", [[], {}, None])
def test_no_states_yet(content: object, file: Path) -> None:
    assert read_state(write(file, content)) == []


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
        global_state(shared_state={"cdc": 7}),
    ],
)
def test_any_other_state_is_rejected(content: object, file: Path) -> None:
    write(file, content)

    assert "state" in error_of(read_state, file)
