"""Records that a list repeats."""

from __future__ import annotations

from typing import Any

import pytest

from source_confluence.streams.sync.recent_keys import RecentKeys


@pytest.fixture
def keys() -> RecentKeys:
    return RecentKeys(("id",))


def fresh(keys: RecentKeys, *record_ids: Any) -> list[Any]:
    return [record["id"] for record in keys.fresh([{"id": one} for one in record_ids])]


def test_records_of_the_page_before_are_dropped(keys: RecentKeys) -> None:
    assert fresh(keys, "1", "2", "3") == ["1", "2", "3"]
    assert fresh(keys, "3", "4") == ["4"]
    assert fresh(keys, "2", "5") == ["5"]


def test_repetitions_in_one_page_are_dropped(keys: RecentKeys) -> None:
    assert fresh(keys, "1", "2", "1") == ["1", "2"]


def test_only_two_pages_are_remembered(keys: RecentKeys) -> None:
    for record_id in ("1", "2", "3"):
        assert fresh(keys, record_id) == [record_id]

    assert fresh(keys, "2") == []
    assert fresh(keys, "1") == ["1"]


def test_what_every_page_repeats_is_dropped_every_time(keys: RecentKeys) -> None:
    assert [fresh(keys, "1", "2") for _ in range(5)] == [["1", "2"], [], [], [], []]


def test_records_without_a_key_are_always_new(keys: RecentKeys) -> None:
    assert fresh(keys, None, None) == [None, None]
    assert list(keys.fresh([{"title": "no id"}])) == [{"title": "no id"}]


def test_0_and_the_empty_string_are_keys(keys: RecentKeys) -> None:
    assert fresh(keys, 0, 0, "") == [0, ""]
