"""A record, as Confluence sends it and as the connector passes it on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Record = dict[str, Any]


def ids_of(records: Iterable[Record]) -> list[str]:
    """Return the ids of the records that have one: without an id nothing can be requested."""
    return [record["id"] for record in records if record.get("id")]


def objects_in(rows: Iterable[Any]) -> list[Record]:
    """Return the rows that are JSON objects: a list may hold null, or a number, or text.

    An empty object is no record either, and the CDK would take it for the end of the sync.
    """
    return [row for row in rows if row and isinstance(row, dict)]
