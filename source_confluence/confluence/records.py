"""A record, as Confluence sends it and as the connector passes it on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Record = dict[str, Any]


def ids_of(records: Iterable[Record]) -> list[str]:
    """Return the ids of the records that have one: without an id nothing can be requested."""
    return [record["id"] for record in records if record.get("id")]
