"""The orders in which edits move nothing, so that a whole list can be read from both ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from source_confluence.confluence.records import Record, part_of
from source_confluence.streams.cursor_field import CREATED
from source_confluence.streams.state import order_of

PlaceOf = Callable[[Record], Any]
"""Returns where a record stands among others, or None if it does not say."""


@dataclass(frozen=True)
class Order:
    """An order of a list."""

    sort: str
    """The value of the parameter `sort`; a minus before it reverses the order."""
    place_of: PlaceOf


def _created_at(record: Record) -> Any:
    """Return when a record was created.

    Comments have no `createdAt`: what stands for it is the time of their first version, if that is
    the current one.
    """
    if record.get("createdAt") is None and part_of(record, "version", "number") == 1:
        return CREATED.value({CREATED.name: part_of(record, "version", "createdAt")})
    return CREATED.value(record)


def _number(record: Record) -> tuple[int, str] | None:
    record_id = record.get("id")
    return order_of(record_id) if isinstance(record_id, str) else None


BY_ID = Order("id", _number)
BY_CREATION = Order("created-date", _created_at)
