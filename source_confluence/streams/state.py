"""What the state of an incremental stream says."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from source_confluence.confluence.errors import ConfigError
from source_confluence.streams.packed_ids import packed, unpacked

FIRST_SYNC = "firstSync"
SPACES = "spaces"
FULL_REFRESH_MARKERS = frozenset(
    {"__ab_no_cursor_state_message", "__ab_full_refresh_sync_complete", "__ab_is_sync_complete"}
)

CursorValue = Any
"""A string or an integer: the values of one cursor field compare with each other."""
Comparable = Callable[[Any], CursorValue]
"""Makes values of a cursor field comparable; raises ValueError or TypeError for what is none."""


@dataclass(frozen=True)
class FirstSync:
    """A first sync that is not finished: when it began, by the server's clock, and what is done.

    It reads in the order of ids, from both ends: everything up to one id is done, and everything
    from another one on.
    """

    started_at: CursorValue
    up_to: str | None = None
    from_on: str | None = None

    @property
    def has_begun(self) -> bool:
        """Whether anything is done."""
        return (self.up_to, self.from_on) != (None, None)

    def has(self, record_id: str) -> bool:
        """Return whether a record with this id was there to be read, and was."""
        place = order_of(record_id)
        return (self.up_to is not None and place <= order_of(self.up_to)) or (
            self.from_on is not None and place >= order_of(self.from_on)
        )

    def reaching(self, up_to: str | None = None, from_on: str | None = None) -> FirstSync:
        """Return this first sync once it has read up to one id, or from another one on."""
        return FirstSync(
            self.started_at,
            max(filter(None, (self.up_to, up_to)), key=order_of, default=None),
            min(filter(None, (self.from_on, from_on)), key=order_of, default=None),
        )


@dataclass(frozen=True)
class StreamState:
    """The state of an incremental stream.

    As JSON `{"lastModifiedAt": "2024-01-31T09:15:00.123Z", "spaces": "#c-m..."}`, and while a first
    sync is unfinished also `"firstSync": {"startedAt": "...", "upTo": "123", "fromOn": "789"}`.
    """

    newest: CursorValue | None = None
    first_sync: FirstSync | None = None
    spaces: frozenset[str] | None = None
    """The ids of the spaces that it covers: any other space is new to the stream, however old its
    content is. None if the state does not say, as those of earlier releases."""

    @property
    def wants_first_sync(self) -> bool:
        """Whether a first sync has still to be begun or finished."""
        return self.newest is None or self.first_sync is not None

    @classmethod
    def parse(
        cls, stream: str, cursor_field: str, comparable: Comparable, raw: Mapping[str, Any]
    ) -> StreamState:
        """Return the state that `raw` holds; keys that are not ours count for nothing.

        Raises ConfigError if a key is ours, but its value is not what we write.
        """
        newest, first_sync, spaces = raw.get(cursor_field), raw.get(FIRST_SYNC), raw.get(SPACES)
        try:
            return cls(
                None if newest is None else comparable(newest),
                None if first_sync is None else _parse_first_sync(comparable, first_sync),
                None if spaces is None else unpacked(spaces),
            )
        except (KeyError, TypeError, ValueError, zlib.error) as error:
            raise ConfigError(
                f"The state of stream {stream} holds a value that this connector did not write: "
                "reset the state of that stream."
            ) from error

    def as_json(self, cursor_field: str) -> dict[str, Any]:
        """Return the state as it is emitted."""
        json: dict[str, Any] = {}
        if self.newest is not None:
            json[cursor_field] = self.newest
        if self.spaces is not None:
            json[SPACES] = packed(self.spaces)
        if self.first_sync is not None:
            done = {"upTo": self.first_sync.up_to, "fromOn": self.first_sync.from_on}
            json[FIRST_SYNC] = {
                "startedAt": self.first_sync.started_at,
                **{name: value for name, value in done.items() if value is not None},
            }
        return json


def order_of(record_id: str) -> tuple[int, str]:
    """Return where an id stands among others: Confluence's are numbers that grow."""
    return len(record_id), record_id


def foreign_keys(cursor_field: str, raw: Mapping[str, Any]) -> list[str]:
    """Return the keys of a state that neither this connector nor any full refresh writes."""
    return sorted(set(raw) - {cursor_field, FIRST_SYNC, SPACES} - FULL_REFRESH_MARKERS)


def _parse_first_sync(comparable: Comparable, raw: Any) -> FirstSync:
    """Release 0.1.0 wrote `doneSpaceIds` instead: such a first sync begins again."""
    if not isinstance(raw, dict):
        raise TypeError(FIRST_SYNC)
    done = [raw.get("upTo"), raw.get("fromOn")]
    if not all(one is None or isinstance(one, str) for one in done):
        raise TypeError(FIRST_SYNC)
    return FirstSync(comparable(raw["startedAt"]), *done)
