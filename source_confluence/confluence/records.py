"""A record, as Confluence sends it and as the connector passes it on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

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
