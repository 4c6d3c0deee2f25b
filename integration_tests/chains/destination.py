"""What a destination has after any number of syncs, finished or not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable
from datetime import datetime
from typing import Any

from integration_tests.truth import Json, key_of
from source_confluence.streams import STREAMS

Key = tuple[Hashable, ...]
Rank = tuple[bool, float, int]

KEYS = {stream.name: stream.key for stream in STREAMS}
"""The fields of each stream's primary key."""
CURSORS = {stream.name: stream.incremental_by.name for stream in STREAMS if stream.incremental_by}
"""The cursor field of each incremental stream."""


class Destination:
    """Tables by stream.

    An incremental stream is deduplicated by primary key: the newest cursor value wins, then what
    came last. A full refresh replaces its table once the stream is COMPLETE. A state counts as soon
    as it has arrived.
    """

    def __init__(self, incremental: Collection[str]) -> None:
        """`incremental` names the streams that are appended; the others are overwritten."""
        self.tables: dict[str, dict[Key, Json]] = defaultdict(dict)
        self.states: dict[str, Json] = {}
        """The last state of each incremental stream."""
        self.statuses: dict[str, str] = {}
        """The last status of each stream in the current sync."""
        self.repeated: set[tuple[str, Key]] = set()
        """The streams and keys of which a full refresh of the current sync had two records."""
        self._incremental = frozenset(incremental)
        self._ranks: dict[tuple[str, Key], Rank] = {}
        self._incoming: dict[str, dict[Key, Json]] = defaultdict(dict)
        self._arrived = 0

    def begin(self) -> None:
        """Begin a sync: drop what an unfinished full refresh left."""
        self._incoming.clear()
        self.statuses.clear()
        self.repeated.clear()

    def accept(self, message: Json) -> None:
        """Take one message of the connector."""
        if message["type"] == "RECORD":
            self.store(message["record"]["stream"], message["record"]["data"])
        elif message["type"] == "STATE":
            name = message["state"]["stream"]["stream_descriptor"]["name"]
            if name in self._incremental:
                self.states[name] = message["state"]
        elif message["type"] == "TRACE" and message["trace"]["type"] == "STREAM_STATUS":
            status = message["trace"]["stream_status"]
            self._set_status(status["stream_descriptor"]["name"], status["status"])

    def store(self, stream: str, record: Json) -> None:
        """Store one record."""
        self._arrived += 1
        key = key_of(record, KEYS[stream])
        if stream not in self._incremental:
            if key in self._incoming[stream]:
                self.repeated.add((stream, key))
            self._incoming[stream][key] = record
            return
        value = cursor_value(stream, record)
        rank = (value is not None, value or 0, self._arrived)
        known = self._ranks.get((stream, key))
        if known is None or rank > known:
            self._ranks[stream, key] = rank
            self.tables[stream][key] = record

    def _set_status(self, stream: str, status: str) -> None:
        self.statuses[stream] = status
        if status == "COMPLETE" and stream not in self._incremental:
            self.tables[stream] = self._incoming.pop(stream, {})


def cursor_value(stream: str, record: Json) -> float | None:
    """Return the cursor of an incremental stream's record in epoch milliseconds."""
    value: Any = record.get(CURSORS[stream])
    if value is None or isinstance(value, int):
        return value
    return round(datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp() * 1000)
