"""The cursor of an incremental stream: when its state may advance, and how far.

Confluence sorts by modification date but does not filter by it, so a partition's dates say nothing
about those of others: the state advances once all of them were read to their ends. Until then only
what a first sync has done grows, from both ends of the list of ids. The state never passes the
server's own time at the start: edits made while a sync runs belong to the next one, because it may
have listed parts of the stream before them. A state that is ahead of that time is set back to it.
The lock guards the state and the count of open partitions, which all workers of the stream change.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, MutableMapping
from dataclasses import replace
from typing import Any, Protocol

from airbyte_cdk.models import (
    AirbyteMessage,
    AirbyteStateBlob,
    AirbyteStateMessage,
    AirbyteStateType,
    AirbyteStreamState,
    StreamDescriptor,
    Type,
)
from airbyte_cdk.sources.message import MessageRepository
from airbyte_cdk.sources.streams.concurrent.cursor import Cursor
from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.sources.types import Record
from typing_extensions import override

from source_confluence.airbyte.partitions import StreamPartition
from source_confluence.streams.state import CursorValue, FirstSync, StreamState

PARTITIONS_PER_STATE = 2
"""A first sync emits a state after as many partitions: a state may hold thousands of spaces."""


class Start(Protocol):
    """What a state needs to know of the start of a sync."""

    def started_at(self) -> CursorValue:
        """Return the server's time at the start, as a cursor value."""

    def covered_spaces(self) -> frozenset[str] | None:
        """Return the spaces that a stream which is listed from now on covers, if that matters."""


class IncrementalCursor(Cursor):
    """Keeps one stream's state; thread-safe. Partitions are announced, then closed one by one."""

    def __init__(  # noqa: PLR0913  # one is a keyword
        self,
        stream: str,
        cursor_field: str,
        incoming: StreamState,
        start: Start,
        messages: MessageRepository,
        *,
        flush: Callable[[], None],
    ) -> None:
        """`incoming` is the state to continue from; `start` knows the start of this sync.

        `flush` sends the records that the current thread has read so far.
        """
        self._stream = stream
        self._cursor_field = cursor_field
        self._state = incoming
        self._start = start
        self._messages = messages
        self._flush = flush
        self._lock = threading.Lock()
        self._newest_read: CursorValue | None = None
        self._open_partitions = 0
        self._all_announced = False
        self._has_emitted = False
        self._unemitted = 0
        self._covered: frozenset[str] | None = None
        self._ends = {"up_to": _End(), "from_on": _End()}

    @property
    @override
    def state(self) -> MutableMapping[str, Any]:
        """The state as it would be emitted now."""
        return self._state.as_json(self._cursor_field)

    @override
    def observe(self, record: Record) -> None:
        """Do nothing: a partition keeps its own newest value until it is closed."""

    @override
    def should_be_synced(self, record: Record) -> bool:
        """Return True: the stream selects its records."""
        return True

    def begin(self) -> None:
        """Record that the stream is going to be listed: what comes later may not be covered."""
        self._covered = self._start.covered_spaces()

    def announce(self, partition: StreamPartition) -> None:
        """Record a partition that is going to be read."""
        with self._lock:
            self._open_partitions += 1
            for name in partition.reach:
                self._begin_first_sync()
                self._ends[name].announce(partition)

    def all_announced(self) -> None:
        """Record that there are no more partitions."""
        with self._lock:
            self._all_announced = True

    @override
    def close_partition(self, partition: Partition) -> None:
        """Record that a partition was read to its end."""
        if not isinstance(partition, StreamPartition):
            raise TypeError(f"{partition!r} is not a partition of this connector")
        if partition.was_denied:
            return
        self._flush()  # or the next state, of whichever worker, might go before these records
        with self._lock:
            self._open_partitions -= 1
            if partition.newest is not None:
                self._newest_read = _latest(self._newest_read, partition.newest)
            self._unemitted += 1
            if self._advance(partition) and self._unemitted >= PARTITIONS_PER_STATE:
                self._emit()

    @override
    def ensure_at_least_one_state_emitted(self) -> None:
        """Emit the last state of the sync: the CDK calls this at the end, failed or not."""
        with self._lock:
            if self._all_announced and self._open_partitions == 0:
                self._state = StreamState(self._final_value(), None, self._covered)
                self._emit()
            elif self._unemitted or not self._has_emitted:
                self._emit()

    def _begin_first_sync(self) -> None:
        first_sync = self._state.first_sync
        if self._state.newest is None and not first_sync:
            self._state = StreamState(None, FirstSync(self._start.started_at()), self._covered)
        elif first_sync and self._state.spaces is None and not first_sync.has_begun:
            # Release 0.1.0 wrote that.
            self._state = replace(self._state, spaces=self._covered)

    def _advance(self, partition: StreamPartition) -> bool:
        """Return whether a first sync has come further by a partition that was read."""
        first_sync = self._state.first_sync
        done = {name: self._ends[name].close(partition) for name in partition.reach}
        if not first_sync or not any(done.values()):
            return False
        newest = self._reached(first_sync.started_at)
        self._state = replace(self._state, newest=newest, first_sync=first_sync.reaching(**done))
        return True

    def _final_value(self) -> CursorValue:
        first_sync = self._state.first_sync
        started_at = first_sync.started_at if first_sync else self._start.started_at()
        reached = self._reached(started_at)
        return started_at if reached is None else reached

    def _reached(self, started_at: CursorValue) -> CursorValue | None:
        newest = _latest(self._state.newest, self._newest_read)
        return None if newest is None else min(newest, started_at)

    def _emit(self) -> None:
        self._has_emitted = True
        self._unemitted = 0
        self._messages.emit_message(
            AirbyteMessage(
                type=Type.STATE,
                state=AirbyteStateMessage(
                    type=AirbyteStateType.STREAM,
                    stream=AirbyteStreamState(
                        stream_descriptor=StreamDescriptor(name=self._stream),
                        stream_state=AirbyteStateBlob(**self.state),
                    ),
                ),
            )
        )


def _latest(*values: CursorValue | None) -> CursorValue | None:
    return max((value for value in values if value is not None), default=None)


class _End:
    """The partitions from one end of a list, in order; it is done up to the first open one."""

    def __init__(self) -> None:
        self._open: deque[StreamPartition] = deque()
        self._closed: set[StreamPartition] = set()

    def announce(self, partition: StreamPartition) -> None:
        """Record the next partition."""
        self._open.append(partition)

    def close(self, partition: StreamPartition) -> str | None:
        """Record that a partition was read; return the id up to which all were, if that is new."""
        self._closed.add(partition)
        done = None
        while self._open and self._open[0] in self._closed:
            first = self._open.popleft()
            self._closed.remove(first)
            done = next(iter(first.reach.values()))
        return done
