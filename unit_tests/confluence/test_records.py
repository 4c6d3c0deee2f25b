"""Records as JSON, also those that orjson reads but does not write."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from source_confluence.confluence.records import encoded


def nested(levels: int) -> Any:
    """A value that is `levels` deep, of lists and objects in turn."""
    value: Any = {"text": 'a "quoted" word, ümlaut', "empty": [{}, [], None, True, 1.5, -7]}
    for level in range(levels - 3):
        value = [1, value, "after"] if level % 2 else {"before": 0, "inner": value, "after": None}
    return value


@pytest.mark.parametrize("levels", [3, 254, 255, 260, 1000])
def test_whatever_could_be_read_can_be_written(levels: int) -> None:
    value = nested(levels)

    assert orjson.loads(encoded(value)) == value


@pytest.mark.parametrize("levels", [3, 300])
def test_sorted_keys(levels: int) -> None:
    value = {"b": nested(levels), "a": 1, "c": {"z": 1, "y": 2}}

    text = encoded(value, sort_keys=True)

    assert text.startswith(b'{"a":1,"b":')
    assert text.endswith(b'"c":{"y":2,"z":1}}')
    assert orjson.loads(text) == value


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError):
        encoded({"value": object()})
