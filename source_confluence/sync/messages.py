"""The way of states and logs to stdout, in the order in which they belong between the records."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from queue import Queue

from airbyte_cdk.models import AirbyteMessage, Level
from airbyte_cdk.sources.message import InMemoryMessageRepository, MessageRepository
from airbyte_cdk.sources.message.repository import LogMessage
from airbyte_cdk.sources.streams.concurrent.partitions.types import QueueItem


class ReaderGone(Exception):
    """Nobody reads the queue any more."""


class RecordQueue(Queue[QueueItem]):
    """The bounded way to stdout. Once its reader has gone, nobody waits for room in it.

    Otherwise a process whose stdout was closed would never end: it waits for its workers.
    """

    def __init__(self, maxsize: int) -> None:
        super().__init__(maxsize)
        self._is_abandoned = False

    def abandon(self) -> None:
        """Let whoever puts something, or is waiting to, run into ReaderGone."""
        with self.mutex:
            self._is_abandoned = True
            self.queue.clear()
            self.not_full.notify_all()

    def _put(self, item: QueueItem) -> None:
        if self._is_abandoned:
            raise ReaderGone
        super()._put(item)


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
