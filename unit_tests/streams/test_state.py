"""The state of a stream: parsed, emitted, and rejected if it is not ours."""

from __future__ import annotations

from base64 import b85encode
from random import Random
from typing import Any
from zlib import compress

import orjson
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
FIRST_SYNC = {"startedAt": START, "upTo": "12", "fromOn": "89"}


def parsed(raw: dict[str, Any]) -> StreamState:
    return StreamState.parse("pages", "lastModifiedAt", timestamps.canonical, raw)


def test_an_empty_state_wants_a_first_sync() -> None:
    state = parsed({})

    assert state.wants_first_sync
    assert state.as_json("lastModifiedAt") == {}


def test_a_cursor_value_alone_wants_changes() -> None:
    state = parsed({"lastModifiedAt": NEWEST})

    assert not state.wants_first_sync
    assert state.newest == NEWEST


def test_a_cursor_value_is_normalized() -> None:
    assert parsed({"lastModifiedAt": "2025-01-31T10:15:00+01:00"}).newest == (
        "2025-01-31T09:15:00.000Z"
    )


def test_an_unfinished_first_sync_is_to_be_continued() -> None:
    state = parsed({"lastModifiedAt": NEWEST, "firstSync": FIRST_SYNC})

    assert state.wants_first_sync
    assert state.first_sync == FirstSync(START, "12", "89")


@pytest.mark.parametrize(
    ("done", "ids"),
    [
        pytest.param(FirstSync(START), "", id="nothing"),
        pytest.param(FirstSync(START, "20"), "3 19 20", id="up to"),
        pytest.param(FirstSync(START, None, "100"), "100 101 2000", id="from on"),
        pytest.param(FirstSync(START, "20", "100"), "3 19 20 100 101 2000", id="both"),
    ],
)
def test_a_first_sync_knows_what_is_done_by_the_order_of_ids(done: FirstSync, ids: str) -> None:
    assert [
        i for i in ["3", "19", "20", "21", "99", "100", "101", "2000"] if done.has(i)
    ] == ids.split()


def test_a_first_sync_reaches_further_but_never_back() -> None:
    begun = FirstSync(START, "20", "100")

    assert begun.reaching(up_to="30", from_on="99") == FirstSync(START, "30", "99")
    assert begun.reaching(up_to="9", from_on="1000") == begun
    assert FirstSync(START).reaching(from_on="9") == FirstSync(START, None, "9")


def test_a_first_sync_of_the_first_release_begins_again() -> None:
    state = parsed(
        {"lastModifiedAt": NEWEST, "firstSync": {"startedAt": START, "doneSpaceIds": []}}
    )

    assert state.wants_first_sync
    assert state.first_sync == FirstSync(START)


@pytest.mark.parametrize(
    "spaces",
    [
        pytest.param([], id="none"),
        pytest.param(["0"], id="zero"),
        pytest.param(["98306"], id="one"),
        pytest.param([str(7 * number * number + 98_306) for number in range(5000)], id="many"),
        pytest.param(["1", "256", "65536", str(2**64)], id="far apart"),
        pytest.param(["007", "7"], id="leading zeros"),
        pytest.param(["7", "~personal"], id="no number"),
        pytest.param(["", "7"], id="empty"),
    ],
)
def test_the_spaces_of_a_state_are_packed(spaces: list[str]) -> None:
    json = StreamState(NEWEST, None, frozenset(spaces)).as_json("lastModifiedAt")

    assert isinstance(json["spaces"], str)
    assert parsed(json).spaces == frozenset(spaces)


def test_a_state_with_5000_spaces_stays_small() -> None:
    spaces = frozenset(map(str, Random(1).sample(range(10**10), 5000)))
    state = StreamState(NEWEST, FirstSync(START, "1" * 12, "9" * 12), spaces)

    assert len(orjson.dumps(state.as_json("lastModifiedAt"))) < 20_000


def test_the_spaces_of_a_state_of_release_2_0_0_are_known() -> None:
    state = parsed({"spaces": "eNqztDA2MNMxtLQwNgYADZUCPw=="})

    assert state.spaces == frozenset({"98306", "19833"})


def test_a_state_without_spaces_does_not_say_which_it_covers() -> None:
    assert parsed({"lastModifiedAt": NEWEST}).spaces is None
    assert (
        parsed(StreamState(NEWEST, None, frozenset()).as_json("lastModifiedAt")).spaces
        == frozenset()
    )


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param({"lastModifiedAt": NEWEST}, id="finished"),
        pytest.param({"firstSync": {"startedAt": START}}, id="nothing done"),
        pytest.param({"lastModifiedAt": NEWEST, "firstSync": FIRST_SYNC}, id="half done"),
    ],
)
def test_an_emitted_state_equals_the_parsed_one(raw: dict[str, Any]) -> None:
    assert parsed(raw).as_json("lastModifiedAt") == raw


def test_null_is_like_an_absent_key() -> None:
    assert parsed({"lastModifiedAt": None, "firstSync": None}) == StreamState()


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param({"lastModifiedAt": "yesterday"}, id="no date"),
        pytest.param({"lastModifiedAt": ""}, id="empty"),
        pytest.param({"lastModifiedAt": "2025-02-30T00:00:00.000Z"}, id="no such day"),
        pytest.param({"lastModifiedAt": "0001-01-01T00:00:00+01:00"}, id="before year 1"),
        pytest.param({"lastModifiedAt": NEWEST, "firstSync": "yes"}, id="first sync a text"),
        pytest.param({"firstSync": 1}, id="first sync a number"),
        pytest.param({"firstSync": []}, id="first sync a list"),
        pytest.param({"firstSync": {}}, id="first sync empty"),
        pytest.param({"firstSync": {"upTo": "1"}}, id="no start"),
        pytest.param({"firstSync": {**FIRST_SYNC, "startedAt": "soon"}}, id="start no date"),
        pytest.param({"firstSync": {**FIRST_SYNC, "upTo": 1}}, id="up to a number"),
        pytest.param({"firstSync": {**FIRST_SYNC, "fromOn": ["1"]}}, id="from on a list"),
        pytest.param({"spaces": "1,2"}, id="spaces not packed"),
        pytest.param({"spaces": ["1"]}, id="spaces a list"),
        pytest.param({"spaces": "eJwz"}, id="spaces cut off"),
        pytest.param({"spaces": "#"}, id="no spaces"),
        pytest.param({"spaces": "#1,2"}, id="spaces not compressed"),
        pytest.param({"spaces": f"#{b85encode(compress(bytes([0, 1]))).decode()}"}, id="width"),
        pytest.param({"spaces": f"#{b85encode(compress(bytes([2, 1]))).decode()}"}, id="half"),
    ],
)
def test_a_key_of_ours_with_an_invalid_value_is_rejected(raw: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="pages"):
        parsed(raw)


def test_foreign_keys_are_sorted() -> None:
    raw = {"use_global_cursor": False, "lastModifiedAt": NEWEST, "firstSync": {}, "cursor": 1}

    assert foreign_keys("lastModifiedAt", raw) == ["cursor", "use_global_cursor"]


def test_the_markers_of_a_full_refresh_are_not_foreign() -> None:
    assert foreign_keys("lastModifiedAt", dict.fromkeys(FULL_REFRESH_MARKERS, True)) == []
    assert "__ab_full_refresh_sync_complete" in FULL_REFRESH_MARKERS


def test_foreign_keys_are_ignored() -> None:
    assert parsed({"cursor": "2030-01-01T00:00:00Z", "states": [1]}) == StreamState()


def test_a_long_value_is_not_quoted() -> None:
    with pytest.raises(ConfigError) as rejected:
        parsed({"lastModifiedAt": "x" * 10_000_000})

    assert len(rejected.value.message) < 200
