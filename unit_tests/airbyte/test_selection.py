"""How a configured catalog and its states select streams."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from airbyte_cdk.models import ConfiguredAirbyteStream, DestinationSyncMode, SyncMode

from source_confluence.airbyte import inputs
from source_confluence.airbyte.selection import replaces_table, selected_streams
from source_confluence.confluence.errors import ConfigError
from source_confluence.streams.state import FULL_REFRESH_MARKERS, FirstSync, StreamState
from source_confluence.streams.sync.run import Selected
from unit_tests.run_sync import LOGGER, Raw, entry, state_messages

MAY, JUNE = "2025-05-01T00:00:00.000Z", "2025-06-01T00:00:00.000Z"


def selected(
    *entries: ConfiguredAirbyteStream, states: Mapping[str, Raw] | None = None
) -> dict[str, Selected]:
    messages = None if states is None else state_messages(states)
    return selected_streams(entries, messages, LOGGER)


def test_each_known_stream_is_selected_with_its_own_state() -> None:
    states: dict[str, Raw] = {
        "pages": {
            "lastModifiedAt": "2025-05-01T02:00:00+02:00",
            "firstSync": {"startedAt": JUNE, "upTo": "12"},
        },
        "audit": {"creationDate": 1_700_000_000_000},
    }

    assert selected(
        *(entry(name) for name in ("pages", "blog_posts", "group", "audit", "pagez")), states=states
    ) == {
        "pages": Selected(StreamState(MAY, FirstSync(JUNE, "12"))),
        "blog_posts": Selected(),
        "group": Selected(),
        "audit": Selected(StreamState(1_700_000_000_000)),
    }


def test_without_states_everything_is_read_whole() -> None:
    assert selected(entry("pages")) == {"pages": Selected()}


def test_a_full_refresh_ignores_its_state(caplog: pytest.LogCaptureFixture) -> None:
    whole = entry("audit", SyncMode.full_refresh)

    assert selected(whole, states={"audit": {"creationDate": "?", "x": 1}}) == {"audit": Selected()}
    assert caplog.records == []


def test_foreign_keys_are_ignored_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    state = {"use_global_cursor": False, "cursor": "x", "lastModifiedAt": JUNE}

    assert selected(entry("pages"), states={"pages": state})["pages"].state == StreamState(JUNE)

    (warning,) = caplog.records
    assert warning.levelno == logging.WARNING
    assert all(name in warning.getMessage() for name in ("pages", "use_global_cursor", "cursor"))
    assert "lastModifiedAt" not in warning.getMessage()


@pytest.mark.parametrize("name", ["pages", "group"])
@pytest.mark.parametrize("marker", sorted(FULL_REFRESH_MARKERS))
def test_the_markers_of_a_full_refresh_are_no_state(
    name: str, marker: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert selected(entry(name), states={name: {marker: True}}) == {name: Selected()}
    assert caplog.records == []


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("audit", {"creationDate": "June"}),
        ("pages", {"lastModifiedAt": 7}),
        ("pages", {"firstSync": {"startedAt": JUNE, "upTo": 1}}),
    ],
)
def test_a_state_with_wrong_values_is_an_error(name: str, state: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        selected(entry("space"), entry(name), states={name: state})

    assert name in caught.value.message


@pytest.mark.parametrize("destination", DestinationSyncMode)
@pytest.mark.parametrize(
    ("generations", "drops"),
    [
        ({}, False),
        ({"minimum_generation_id": 3, "generation_id": 3}, True),
        ({"minimum_generation_id": 0, "generation_id": 3}, False),
        ({"minimum_generation_id": 0, "generation_id": 0}, False),
        ({"minimum_generation_id": 2, "generation_id": 3}, False),
    ],
)
def test_a_table_is_replaced_by_an_overwrite_and_by_a_refresh_in_any_mode(
    tmp_path: Path, destination: DestinationSyncMode, generations: dict[str, int], drops: bool
) -> None:
    """From the file that the platform writes: the CDK must hand the generations on."""
    configured = {
        "stream": {"name": "audit", "json_schema": {}, "supported_sync_modes": ["full_refresh"]},
        "sync_mode": "full_refresh",
        "destination_sync_mode": destination.value,
        "sync_id": 7,
        **generations,
    }
    path = tmp_path / "catalog.json"
    path.write_text(json.dumps({"streams": [configured]}))
    (one,) = inputs.read_catalog(str(path)).streams
    replaces = drops or destination.value in ("overwrite", "overwrite_dedup")

    assert replaces_table(one) == replaces
    assert selected(one)["audit"].replaces == replaces
