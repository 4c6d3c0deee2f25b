"""What the state of an incremental stream says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from source_confluence.confluence.errors import ConfigError

FIRST_SYNC = "firstSync"
FULL_REFRESH_MARKERS = frozenset(
    {"__ab_no_cursor_state_message", "__ab_full_refresh_sync_complete", "__ab_is_sync_complete"}
)

CursorValue = Any
"""A string or an integer: the values of one cursor field compare with each other."""
Comparable = Callable[[Any], CursorValue]
"""Makes values of a cursor field comparable; raises ValueError or TypeError for what is none."""


@dataclass(frozen=True)
class FirstSync:
    """A first sync that is not finished: when it began, by the server's clock, and what is done."""

    started_at: CursorValue
    done_space_ids: frozenset[str] = frozenset()


@dataclass(frozen=True)
class StreamState:
    """The state of an incremental stream.

    As JSON `{"lastModifiedAt": "2024-01-31T09:15:00.123Z"}`, and while a first sync is unfinished
    also `"firstSync": {"startedAt": "...", "doneSpaceIds": ["1", "2"]}`.
    """

    newest: CursorValue | None = None
    first_sync: FirstSync | None = None

    @property
    def wants_first_sync(self) -> bool:
        """Whether a first sync has still to be begun or finished."""
        return self.newest is None or self.first_sync is not None

    @property
    def done_space_ids(self) -> frozenset[str]:
        """The spaces that an unfinished first sync has read."""
        return self.first_sync.done_space_ids if self.first_sync else frozenset()

    @classmethod
    def parse(
        cls, stream: str, cursor_field: str, comparable: Comparable, raw: Mapping[str, Any]
    ) -> StreamState:
        """Return the state that `raw` holds; keys that are not ours count for nothing.

        Raises ConfigError if a key is ours, but its value is not what we write.
        """
        newest, first_sync = raw.get(cursor_field), raw.get(FIRST_SYNC)
        try:
            return cls(
                None if newest is None else comparable(newest),
                None if first_sync is None else _parse_first_sync(comparable, first_sync),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(
                f"The state of stream {stream} holds a value that this connector did not write "
                f"({raw}): reset the state of that stream."
            ) from error

    def as_json(self, cursor_field: str) -> dict[str, Any]:
        """Return the state as it is emitted."""
        json: dict[str, Any] = {}
        if self.newest is not None:
            json[cursor_field] = self.newest
        if self.first_sync is not None:
            json[FIRST_SYNC] = {
                "startedAt": self.first_sync.started_at,
                "doneSpaceIds": sorted(self.first_sync.done_space_ids),
            }
        return json


def foreign_keys(cursor_field: str, raw: Mapping[str, Any]) -> list[str]:
    """Return the keys of a state that neither this connector nor any full refresh writes."""
    return sorted(set(raw) - {cursor_field, FIRST_SYNC} - FULL_REFRESH_MARKERS)


def _parse_first_sync(comparable: Comparable, raw: Any) -> FirstSync:
    ids = raw["doneSpaceIds"]
    if not isinstance(ids, list) or not all(isinstance(space_id, str) for space_id in ids):
        raise TypeError("doneSpaceIds")
    return FirstSync(comparable(raw["startedAt"]), frozenset(ids))
