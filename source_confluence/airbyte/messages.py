"""The queue that carries records and messages from the workers to stdout, in order.

Many workers put, one consumer gets: the thread in which the CDK's engine yields messages. The lock
of `queue.Queue`, its `mutex`, guards the items, the two counts of items and the callbacks that wait
for one of these counts. Everything else belongs to one thread: the batch that a worker fills, the
batch that the consumer unpacks, the errors it has seen, and its own messages.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from operator import attrgetter
from queue import Queue
from typing import cast

from airbyte_cdk.models import AirbyteMessage, Level
from airbyte_cdk.sources.concurrent_source.stream_thread_exception import StreamThreadException
from airbyte_cdk.sources.message import InMemoryMessageRepository, MessageRepository
from airbyte_cdk.sources.message.repository import LogMessage
from airbyte_cdk.sources.streams.concurrent.partitions.types import QueueItem
from airbyte_cdk.sources.types import Record
from typing_extensions import override

RECORDS_PER_BATCH = 25

_stream_name = attrgetter("stream_name")


class QueueClosed(Exception):
    """The consumer has stopped reading the queue."""


class RecordBatch(list[Record]):
    """Records that cross the queue as one item."""


class _CurrentBatch(threading.local):
    """The batch that the current thread is filling."""

    def __init__(self) -> None:
        self.records = RecordBatch()


class RecordQueue(Queue[QueueItem]):
    """A bounded queue on which records travel in batches.

    Locking and switching threads for every single record would take longer than everything else
    that happens to it. A worker's items stay in order: any other item sends the batch before it.
    """

    def __init__(self, max_records: int) -> None:
        """Hold `max_records` at most, plus one unfinished batch per worker."""
        super().__init__(max(1, max_records // RECORDS_PER_BATCH))
        self.record_counts: Counter[str] = Counter()
        """Records per stream that the consumer has received."""
        self.is_closed = False
        """Whether the consumer has stopped reading."""
        self._current = _CurrentBatch()
        self._unpacked: deque[Record] = deque()
        self._put_count = 0
        self._consumed_count = 0
        self._callbacks: deque[tuple[int, Callable[[], None]]] = deque()
        self._seen_errors: set[tuple[str, str]] = set()

    @override
    def put(self, item: QueueItem, block: bool = True, timeout: float | None = None) -> None:
        """Add an item after everything that this thread has put. Raises QueueClosed."""
        if isinstance(item, Record):
            batch = self._current.records
            batch.append(item)
            if len(batch) == RECORDS_PER_BATCH:
                self._send_batch(block, timeout)
        else:
            self._send_batch(block, timeout)
            super().put(item, block, timeout)

    def flush(self) -> None:
        """Send the records that this thread has put. Raises QueueClosed."""
        self._send_batch()

    @override
    def get(self, block: bool = True, timeout: float | None = None) -> QueueItem:
        """Return the next item. Only the consumer may call this.

        If a stream fails with the same error in many partitions, only the first one is an item:
        each would be logged, be a message of its own, and be named again at the end.
        """
        if not self._unpacked:
            self._run_callbacks()
            item: object = super().get(block, timeout)
            while isinstance(item, StreamThreadException) and self._is_seen(item):
                item = super().get(block, timeout)  # at least the end of the partition follows
            if not isinstance(item, RecordBatch):
                return cast("QueueItem", item)
            self.record_counts.update(map(_stream_name, item))
            self._unpacked.extend(item)
        return self._unpacked.popleft()

    @override
    def empty(self) -> bool:
        """Return whether there is nothing to get."""
        return not self._unpacked and super().empty()

    def call_when_consumed(self, callback: Callable[[], None]) -> None:
        """Call `callback` once the consumer has dealt with everything that this thread has put.

        That is when the consumer gets the next item: until then a record may still be written. The
        callback runs in the consumer's thread; at once, in this one, if nothing is left to consume.
        """
        with suppress(QueueClosed):  # as this worker may wait for room while it is closed
            self._send_batch()
        with self.mutex:
            if self._consumed_count < self._put_count:
                self._callbacks.append((self._put_count, callback))
                return
        callback()

    def close(self) -> None:
        """Discard all items and let every `put`, waiting ones too, raise QueueClosed.

        Otherwise a process whose stdout was closed would never end: it waits for its workers, and
        they for room. This is what `Queue.shutdown(immediate=True)` of Python 3.13 does, by the
        same attributes.
        """
        with self.mutex:
            self._consumed_count = self._put_count
            self.is_closed = True
            self.queue.clear()
            self.not_full.notify_all()
            callbacks = [callback for _, callback in self._callbacks]
            self._callbacks.clear()
        for callback in callbacks:
            callback()  # a worker may wait for the memory that it frees

    @override
    def _put(self, item: QueueItem) -> None:
        """Add an item; `Queue` calls this with its lock held, once there is room."""
        if self.is_closed:
            raise QueueClosed
        super()._put(item)
        self._put_count += 1

    def _send_batch(self, block: bool = True, timeout: float | None = None) -> None:
        batch = self._current.records
        if batch:
            self._current.records = RecordBatch()
            super().put(cast("QueueItem", batch), block, timeout)

    def _is_seen(self, error: StreamThreadException) -> bool:
        """Remember an error; return whether the stream has raised the same one before."""
        named = (error.stream_name, repr(error.exception))
        is_seen = named in self._seen_errors
        self._seen_errors.add(named)
        return is_seen

    def _run_callbacks(self) -> None:
        """Run what waits for items already consumed: a consumer that returns for more is done."""
        with self.mutex:
            self._consumed_count = self._put_count - self._qsize()
            due = []
            while self._callbacks and self._callbacks[0][0] <= self._consumed_count:
                due.append(self._callbacks.popleft()[1])
        for callback in due:
            callback()


class OrderedMessageRepository(MessageRepository):
    """Keeps each message in its place between the records.

    A worker's message goes on the queue, after the worker's records. The consumer's own messages
    skip the queue: it would wait for itself if the queue was full. The CDK's
    ConcurrentMessageRepository queues both, so that the last state of a stream would follow the
    stream's COMPLETE status.
    """

    def __init__(self, queue: Queue[QueueItem], level: Level) -> None:
        """Must be called in the consumer's thread, which is recognized by its id."""
        self._queue = queue
        self._level = level
        self._consumer = threading.get_ident()
        self._own_messages: deque[AirbyteMessage] = deque()

    @override
    def emit_message(self, message: AirbyteMessage) -> None:
        """Emit a message after everything that this thread has emitted. Raises QueueClosed."""
        if threading.get_ident() == self._consumer:
            self._own_messages.append(message)
        else:
            self._queue.put(message)

    @override
    def log_message(self, level: Level, message_provider: Callable[[], LogMessage]) -> None:
        """Emit a structured log line if it is severe enough. Raises QueueClosed."""
        # The CDK's repository filters by level and formats the line.
        formatted = InMemoryMessageRepository(self._level)
        formatted.log_message(level, message_provider)
        for message in formatted.consume_queue():
            self.emit_message(message)

    @override
    def consume_queue(self) -> Iterable[AirbyteMessage]:
        """Yield the messages that the consumer has emitted since the last call."""
        while self._own_messages:
            yield self._own_messages.popleft()
