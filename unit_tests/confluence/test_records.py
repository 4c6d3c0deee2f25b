"""Records as JSON, also those that orjson reads but does not write."""

from __future__ import annotations

import orjson
import pytest

from source_confluence.confluence.records import drop_texts, encoded


def nested(levels: int) -> bytes:
    """JSON that is `levels` deep, of arrays and objects in turn."""
    text = '{"text":"a \\"quoted\\" word, ümlaut","empty":[{},[],null,true,1.5,-7]}'
    for level in range(levels - 3):
        text = f'[1,{text},"after"]' if level % 2 else f'{{"b":0,"inner":{text},"a":null}}'
    return text.encode()


@pytest.mark.parametrize("levels", [3, 254, 255, 260, 1024])
def test_whatever_could_be_read_can_be_written(levels: int) -> None:
    text = nested(levels)

    assert encoded(orjson.loads(text)) == text


@pytest.mark.parametrize("levels", [3, 300])
def test_sorted_keys(levels: int) -> None:
    value = orjson.loads(b'{"b":%b,"a":1,"c":{"z":1,"y":2}}' % nested(levels))

    text = encoded(value, sort_keys=True)

    assert text.startswith(b'{"a":1,"b":')
    assert text.endswith(b'"c":{"y":2,"z":1}}')
    assert orjson.loads(text) == value


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError):
        encoded({"value": object()})


def test_long_texts_of_a_written_record_are_freed_wherever_it_is_still_known() -> None:
    body = {"storage": {"value": "x"}, "others": [{"value": "x"}, ["x"]]}
    record = {"id": "1", "body": body}

    drop_texts(dict(record))

    assert orjson.dumps(body) == b"{}"
    assert record == {"id": "1", "body": {}}
