"""What a response takes in memory, before it is decoded."""

from __future__ import annotations

import errno
import json
import sys
from dataclasses import replace
from io import BytesIO
from typing import Any

import orjson
import pytest
import requests
from urllib3 import HTTPResponse

from source_confluence.confluence.body import (
    ALWAYS_FITS,
    LARGEST,
    LARGEST_PIECE,
    LONGEST_ERROR,
    MEGABYTE,
    SMALL,
    NoMemory,
    Room,
    TooLarge,
    read_body,
)


def sent(content: bytes, status: int = 200) -> requests.Response:
    raw = requests.Response()
    raw.status_code = status
    raw.raw = HTTPResponse(BytesIO(content), preload_content=False)
    return raw


@pytest.mark.parametrize("size", [0, 1, LARGEST_PIECE, LARGEST_PIECE + 1, 3 * LARGEST_PIECE + 7])
def test_a_body_of_any_length_is_read_as_it_is(size: int) -> None:
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)

    assert bytes(read_body(sent(content), Room(size, 100 * MEGABYTE)).content) == content


@pytest.mark.parametrize("size", [1, 3 * MEGABYTE])
def test_one_byte_more_is_too_large(size: int) -> None:
    raw = sent(b"x" * (size + 1))

    with pytest.raises(TooLarge):
        read_body(raw, Room(size, 100 * MEGABYTE))

    assert raw.raw.closed


def test_memory_that_the_system_does_not_give(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: int) -> None:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    monkeypatch.setattr("source_confluence.confluence.body.mmap", refuse)

    with pytest.raises(NoMemory):
        read_body(sent(b"x" * (2 * MEGABYTE)), SMALL)


def test_an_error_is_cut_off() -> None:
    assert bytes(read_body(sent(b"x", 404), SMALL).content) == b"x"
    assert len(read_body(sent(b"x" * 3 * LONGEST_ERROR, 404), SMALL).content) <= LONGEST_ERROR


def memory_of(value: Any) -> int:
    """The memory that decoded JSON takes."""
    parts = [*value, *value.values()] if isinstance(value, dict) else value
    inner = sum(map(memory_of, parts)) if isinstance(value, dict | list) else 0
    return sys.getsizeof(value) + inner


@pytest.mark.parametrize(
    "element",
    [
        "{}",
        "[]",
        '{"a":0}',
        "0.5",
        '"ab"',
        '[[[["a"]]]]',
        '"%s\U0001f600"' % ("x" * 500),
        '"\u0416xxx"',
    ],
)
def test_the_estimate_is_not_far_below_the_memory(element: str) -> None:
    content = ("[" + ",".join([element] * (ALWAYS_FITS // len(element) + 1)) + "]").encode()
    memory = memory_of(orjson.loads(content))

    with pytest.raises(TooLarge):
        read_body(sent(content), Room(LARGEST.decoded, memory * 2 // 3))


@pytest.mark.parametrize("text", ["{[,", '{"a":"b"},\\', '\\",{', "\\\\"])
def test_what_looks_like_json_in_a_text_does_not_count(text: str) -> None:
    content = json.dumps({"body": text * (2 * MEGABYTE // len(text))}).encode()

    body = read_body(sent(content), Room(LARGEST.decoded, 3 * len(content)))

    assert bytes(body.content) == content


@pytest.mark.parametrize(("end", "width"), [("", 1), ("\u00fc", 2), ("\U0001f600", 4)])
def test_the_cost_is_that_of_the_body_and_of_its_texts(end: str, width: int) -> None:
    content = orjson.dumps({"results": [{"body": "x" * MEGABYTE + end}]})

    assert read_body(sent(content), SMALL).cost == pytest.approx((1 + width) * MEGABYTE, rel=0.01)


def test_memory_is_reserved_while_a_body_is_read() -> None:
    reserved: list[int] = []
    content = b'{"a":"' + b"x" * 3 * LARGEST_PIECE + b'"}'

    def reserve(size: int) -> bool:
        reserved.append(size)
        return True

    body = read_body(sent(content), replace(LARGEST, reserve=reserve))

    assert reserved == sorted(reserved)
    assert reserved[0] <= 2 * LARGEST_PIECE
    assert reserved[-1] == body.cost


@pytest.mark.parametrize("most", [LARGEST_PIECE, 3 * LARGEST_PIECE])
def test_ends_as_soon_as_no_memory_can_be_reserved(most: int) -> None:
    raw = sent(b"x" * 20 * LARGEST_PIECE)

    with pytest.raises(TooLarge):
        read_body(raw, replace(LARGEST, reserve=lambda size: size <= most))

    assert raw.raw.closed


@pytest.mark.parametrize("text", ["x", '"', "\\", "{}[", "\U0001f600"])
@pytest.mark.parametrize("first", ["results", "meta"])
def test_says_how_many_records_were_complete(text: str, first: str) -> None:
    record = {"id": "1", "body": {"storage": {"value": text * (MEGABYTE // len(text) // 2)}}}
    page = {"results": [record] * 9, "_links": {"base": "x"}}
    content = json.dumps(page if first == "results" else {"meta": {"a": [{}]}, **page}).encode()
    size = len(json.dumps(record))

    with pytest.raises(TooLarge) as raised:
        read_body(sent(content), Room(4 * size + LARGEST_PIECE, 100 * MEGABYTE))

    assert raised.value.complete == 4 if first == "results" else raised.value.complete in (4, 5)
