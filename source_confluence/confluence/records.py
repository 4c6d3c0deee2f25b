"""A record, as Confluence sends it and as the connector passes it on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

Record = dict[str, Any]


def id_of(record: Record) -> str | None:
    """Return the id of a record as text, or None: without an id nothing can be requested."""
    found = record.get("id")
    return str(found) if found and isinstance(found, str | int) else None


def ids_of(records: Iterable[Record]) -> list[str]:
    """Return the ids of the records that have one."""
    return [found for record in records if (found := id_of(record)) is not None]


def part_of(value: Any, *names: str) -> Any:
    """Return what is nested under some names, or None if any part of that is no object."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def encoded(value: Any, *, sort_keys: bool = False) -> bytes:
    """Return as JSON what was read as JSON, however deep it is nested.

    orjson reads 1,024 levels, but writes only 254.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS if sort_keys else None)
    except orjson.JSONEncodeError:
        return _encoded_without_recursion(value, sort_keys=sort_keys)


def _encoded_without_recursion(value: Any, *, sort_keys: bool) -> bytes:
    """Take one value after another from a stack; bytes on it are JSON already."""
    written: list[bytes] = []
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, bytes):
            written.append(item)
        elif isinstance(item, dict):
            keys = sorted(item) if sort_keys else list(item)
            parts = [part for key in keys for part in (b",", orjson.dumps(key), b":", item[key])]
            stack += [b"}", *reversed(parts[1:]), b"{"]
        elif isinstance(item, list):
            parts = [part for inner in item for part in (b",", inner)]
            stack += [b"]", *reversed(parts[1:]), b"["]
        else:
            written.append(orjson.dumps(item))
    return b"".join(written)


def drop_texts(value: Any) -> None:
    """Free the texts inside of a record that nobody reads any more; its own fields stay."""
    stack = list(value.values())
    while stack:
        inner = stack.pop()
        if isinstance(inner, dict):
            stack += inner.values()
            inner.clear()
        elif isinstance(inner, list):
            stack += inner
            inner.clear()


def objects_in(rows: Iterable[Any]) -> list[Record]:
    """Return the rows that are JSON objects: a list may hold null, or a number, or text.

    An empty object is no record either, and the CDK would take it for the end of the sync.
    """
    return [row for row in rows if row and isinstance(row, dict)]
