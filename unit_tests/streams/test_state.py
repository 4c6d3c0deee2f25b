"""What a state says, and what is said of one that is not ours."""

from __future__ import annotations

from typing import Any

import pytest

from source_confluence.confluence import timestamps
from source_confluence.confluence.errors import ConfigError
from source_confluence.streams.state import (
    FULL_REFRESH_MARKERS,
    FirstSync,
    StreamState,
    foreign_keys,
)

NEWEST = "2025-01-31T09:15:00.123Z"
START = "2025-02-01T00:00:00.000Z"
FIRST_SYNC = {"startedAt": START, "doneSpaceIds": ["2", "1"]}


def parsed(raw: dict[str, Any]) -> StreamState:
    return StreamState.parse("pages", "lastModifiedAt", timestamps.canonical, raw)


def test_no_state_wants_a_first_sync_of_everything() -> None:
    state = parsed({})

    assert state.wants_first_sync
    assert state.done_space_ids == frozenset()
    assert state.as_json("lastModifiedAt") == {}


def test_a_cursor_value_alone_wants_what_has_changed() -> None:
    state = parsed({"lastModifiedAt": NEWEST})

    assert not state.wants_first_sync
    assert state.newest == NEWEST


def test_a_cursor_value_is_brought_into_the_form_that_compares() -> None:
    assert parsed({"lastModifiedAt": "2025-01-31T10:15:00+01:00"}).newest == (
        "2025-01-31T09:15:00.000Z"
    )


def test_an_unfinished_first_sync_is_to_be_finished() -> None:
    state = parsed({"lastModifiedAt": NEWEST, "firstSync": FIRST_SYNC})

    assert state.wants_first_sync
    assert state.first_sync == FirstSync(START, frozenset({"1", "2"}))
    assert state.done_space_ids == {"1", "2"}


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param({"lastModifiedAt": NEWEST}, id="finished"),
        pytest.param({"firstSync": {**FIRST_SYNC, "doneSpaceIds": []}}, id="nothing done"),
        pytest.param(
            {
                "lastModifiedAt": NEWEST,
                "firstSync": {"startedAt": START, "doneSpaceIds": ["1", "2"]},
            },
            id="half done",
        ),
    ],
)
def test_what_is_emitted_is_what_is_read(raw: dict[str, Any]) -> None:
    assert parsed(raw).as_json("lastModifiedAt") == raw


def test_null_counts_for_absent() -> None:
    assert parsed({"lastModifiedAt": None, "firstSync": None}) == StreamState()


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param({"lastModifiedAt": "yesterday"}, id="no date"),
        pytest.param({"lastModifiedAt": ""}, id="empty"),
        pytest.param({"lastModifiedAt": "2025-02-30T00:00:00.000Z"}, id="no such day"),
        pytest.param({"lastModifiedAt": "0001-01-01T00:00:00+01:00"}, id="before all time"),
        pytest.param({"lastModifiedAt": NEWEST, "firstSync": "yes"}, id="first sync a text"),
        pytest.param({"firstSync": 1}, id="first sync a number"),
        pytest.param({"firstSync": []}, id="first sync a list"),
        pytest.param({"firstSync": {}}, id="first sync empty"),
        pytest.param({"firstSync": {"startedAt": START}}, id="nothing said of what is done"),
        pytest.param({"firstSync": {"doneSpaceIds": []}}, id="nothing said of the start"),
        pytest.param({"firstSync": {**FIRST_SYNC, "startedAt": "soon"}}, id="start no date"),
        pytest.param({"firstSync": {**FIRST_SYNC, "doneSpaceIds": "12"}}, id="ids a text"),
        pytest.param({"firstSync": {**FIRST_SYNC, "doneSpaceIds": [1]}}, id="ids numbers"),
        pytest.param({"firstSync": {**FIRST_SYNC, "doneSpaceIds": None}}, id="ids null"),
    ],
)
def test_a_key_of_ours_with_a_value_that_is_not_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        parsed(raw)

    assert caught.value.sentence.startswith(
        "The state of stream pages holds a value that this connector did not write"
    )
    assert caught.value.sentence.endswith("reset the state of that stream.")


def test_keys_of_others_are_named_in_order() -> None:
    raw = {"use_global_cursor": False, "lastModifiedAt": NEWEST, "firstSync": {}, "cursor": 1}

    assert foreign_keys("lastModifiedAt", raw) == ["cursor", "use_global_cursor"]


def test_the_markers_of_a_full_refresh_are_nobodys_mistake() -> None:
    assert foreign_keys("lastModifiedAt", dict.fromkeys(FULL_REFRESH_MARKERS, True)) == []
    assert "__ab_full_refresh_sync_complete" in FULL_REFRESH_MARKERS


def test_keys_of_others_count_for_nothing() -> None:
    assert parsed({"cursor": "2030-01-01T00:00:00Z", "states": [1]}) == StreamState()
