"""The way of states and logs to stdout, in the order in which they belong between the records."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from queue import Queue
from typing import cast

from airbyte_cdk.models import AirbyteMessage, Level
from airbyte_cdk.sources.message import InMemoryMessageRepository, MessageRepository
from airbyte_cdk.sources.message.repository import LogMessage
from airbyte_cdk.sources.streams.concurrent.partitions.types import QueueItem
from airbyte_cdk.sources.types import Record

RECORDS_PER_BUNDLE = 25


class ReaderGone(Exception):
    """Nobody reads the queue any more."""


class Bundle(list[Record]):
    """Records that travel together."""


class RecordQueue(Queue[QueueItem]):
    """The bounded way to stdout, on which records travel in bundles.

    A lock and a switch of threads for each record would take longer than all else that happens to
    it. What a worker puts stays in order: anything that is no record takes its bundle along.
    Once the reader has gone, nobody waits for room: a process whose stdout was closed would never
    end, because it waits for its workers.
    """

    def __init__(self, maxsize: int) -> None:
        """`maxsize` is in records, but for one bundle in the hands of each worker."""
        super().__init__(max(1, maxsize // RECORDS_PER_BUNDLE))
        self._is_abandoned = False
        self._unpacked: deque[QueueItem] = deque()
        self._packing = threading.local()
        self._put_so_far = 0
        self._got_so_far = 0
        self._due: deque[tuple[int, Callable[[], None]]] = deque()

    def put(self, item: QueueItem, block: bool = True, timeout: float | None = None) -> None:
        """Put an item behind what the same thread has put before. Raises ReaderGone."""
        bundle: Bundle = self._packing.__dict__.setdefault("bundle", Bundle())
        if isinstance(item, Record):
            bundle.append(item)
            if len(bundle) < RECORDS_PER_BUNDLE:
                return
        self._flush(block, timeout)
        if not isinstance(item, Record):
            super().put(item, block, timeout)

    def after(self, action: Callable[[], None]) -> None:
        """Call `action` once the reader has dealt with all that this thread has put before."""
        if not self._is_abandoned:
            self._flush()
        with self.mutex:
            if self._got_so_far < self._put_so_far:
                self._due.append((self._put_so_far, action))
                return
        action()

    def get(self, block: bool = True, timeout: float | None = None) -> QueueItem:
        """Return the next item; for one reader."""
        if not self._unpacked:
            self._act_on_what_is_due()
            item: object = super().get(block, timeout)
            self._unpacked.extend(item if isinstance(item, Bundle) else [cast("QueueItem", item)])
        return self._unpacked.popleft()

    def empty(self) -> bool:
        """Tell whether there is nothing to get."""
        return not self._unpacked and super().empty()

    def abandon(self) -> None:
        """Let whoever puts something, or is waiting to, run into ReaderGone."""
        with self.mutex:
            self._got_so_far = self._put_so_far
            self._is_abandoned = True
            self.queue.clear()
            self.not_full.notify_all()

    def _put(self, item: QueueItem) -> None:
        if self._is_abandoned:
            raise ReaderGone
        super()._put(item)
        self._put_so_far += 1

    def _flush(self, block: bool = True, timeout: float | None = None) -> None:
        bundle: Bundle | None = self._packing.__dict__.pop("bundle", None)
        if bundle:
            super().put(cast("QueueItem", bundle), block, timeout)

    def _act_on_what_is_due(self) -> None:
        """Whoever asks for more has dealt with everything before."""
        with self.mutex:
            self._got_so_far = self._put_so_far - self._qsize()
            due = []
            while self._due and self._due[0][0] <= self._got_so_far:
                due.append(self._due.popleft()[1])
        for action in due:
            action()


class Messages(MessageRepository):
    """Queues what workers say behind their records, and hands over at once what the reader says.

    With the CDK's own ConcurrentMessageRepository the last state of a stream follows the stream's
    COMPLETE status: the reader's thread would have to come back to the queue to see it.
    """

    def __init__(self, queue: Queue[QueueItem], level: Level) -> None:
        """Make it in the thread that reads the queue."""
        self._queue = queue
        self._level = level
        self._reader = threading.get_ident()
        self._said_by_reader: deque[AirbyteMessage] = deque()

    def emit_message(self, message: AirbyteMessage) -> None:
        """Put a message in its place."""
        if threading.get_ident() == self._reader:
            self._said_by_reader.append(message)
        else:
            self._queue.put(message)

    def log_message(self, level: Level, message_provider: Callable[[], LogMessage]) -> None:
        """Put a structured log line in its place, if it is severe enough."""
        filtered = InMemoryMessageRepository(self._level)
        filtered.log_message(level, message_provider)
        for message in filtered.consume_queue():
            self.emit_message(message)

    def consume_queue(self) -> Iterable[AirbyteMessage]:
        """Yield what the reader has said since the last call."""
        while self._said_by_reader:
            yield self._said_by_reader.popleft()
