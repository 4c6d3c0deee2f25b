"""The fields by which incremental streams measure how new a record is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from source_confluence.confluence import timestamps
from source_confluence.streams.state import CursorValue


@dataclass(frozen=True)
class CursorField:
    """A cursor field: its name, and how its values compare."""

    name: str
    comparable: Callable[[Any], CursorValue]
    """Returns a value such that older is less; raises TypeError or ValueError for any other."""
    at: Callable[[datetime], CursorValue]
    """Returns the value that a record changed at a moment would have."""

    def value(self, record: Mapping[str, Any]) -> CursorValue | None:
        """Return how new a record is, or None if it does not say."""
        value = record.get(self.name)
        try:
            return None if value is None else self.comparable(value)
        except (TypeError, ValueError):
            return None


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


LAST_MODIFIED = CursorField("lastModifiedAt", timestamps.canonical, timestamps.from_datetime)
"""The time of the current version, a copy of `version.createdAt`."""
UPDATED = CursorField("updatedAt", timestamps.canonical, timestamps.from_datetime)
CREATED = CursorField("createdAt", timestamps.canonical, timestamps.from_datetime)
RESOLVED = CursorField("resolutionLastModifiedAt", timestamps.canonical, timestamps.from_datetime)
"""When an inline comment was resolved or reopened: that makes no version."""
CREATED_IN_MILLISECONDS = CursorField("creationDate", int, _milliseconds)
"""The audit log counts milliseconds since 1970 UTC."""
