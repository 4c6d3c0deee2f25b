"""The order of records and messages between the workers and the consumer of the queue."""

from __future__ import annotations

from collections.abc import Callable
from queue import Full, Queue
from threading import Condition, Event, Thread
from typing import Any

import pytest
from airbyte_cdk.models import AirbyteLogMessage, AirbyteMessage, Level, Type
from airbyte_cdk.sources.streams.concurrent.partitions.types import QueueItem
from airbyte_cdk.sources.types import Record
from typing_extensions import override

from source_confluence.airbyte.messages import (
    RECORDS_PER_BATCH,
    OrderedMessageRepository,
    QueueClosed,
    RecordQueue,
)


class NonBlockingQueue(Queue[QueueItem]):
    """Raises Full where another queue would wait: forever, if the consumer itself puts."""

    @override
    def put(self, item: QueueItem, block: bool = True, timeout: float | None = None) -> None:
        super().put(item, block=False)


class AnnouncedWait(Condition):
    """Says when a thread has begun to wait."""

    def __init__(self, lock: Any) -> None:
        super().__init__(lock)
        self.is_waited_for = Event()

    @override
    def wait(self, timeout: float | None = None) -> bool:
        self.is_waited_for.set()
        return super().wait(timeout)


def log(text: str) -> AirbyteMessage:
    return AirbyteMessage(type=Type.LOG, log=AirbyteLogMessage(level=Level.INFO, message=text))


def record(number: int, stream: str = "pages") -> Record:
    return Record({"id": number}, stream)


def in_a_worker(task: Callable[[], object]) -> None:
    worker = Thread(target=task)
    worker.start()
    worker.join()


def drain(queue: Queue[QueueItem]) -> list[Any]:
    items = []
    while not queue.empty():
        items.append(queue.get_nowait())
    return items


def test_a_workers_message_follows_its_records() -> None:
    queue: Queue[QueueItem] = Queue()
    messages = OrderedMessageRepository(queue, Level.INFO)
    queue.put(log("a record"))

    in_a_worker(lambda: messages.emit_message(log("its state")))

    assert drain(queue) == [log("a record"), log("its state")]
    assert list(messages.consume_queue()) == []


def test_the_consumers_messages_skip_the_queue_even_if_it_is_full() -> None:
    queue = NonBlockingQueue(maxsize=1)
    messages = OrderedMessageRepository(queue, Level.INFO)
    queue.put(log("a record"))

    messages.emit_message(log("first"))
    messages.emit_message(log("second"))

    assert list(messages.consume_queue()) == [log("first"), log("second")]
    assert list(messages.consume_queue()) == []
    assert drain(queue) == [log("a record")]


def test_a_workers_message_waits_for_room_in_the_queue() -> None:
    queue = NonBlockingQueue(maxsize=1)
    messages = OrderedMessageRepository(queue, Level.INFO)
    queue.put(log("a record"))
    waited: list[Full] = []

    def emit() -> None:
        try:
            messages.emit_message(log("its state"))
        except Full as full:
            waited.append(full)

    in_a_worker(emit)

    assert len(waited) == 1
    assert list(messages.consume_queue()) == []


@pytest.mark.parametrize(
    ("level", "lines"),
    [(Level.DEBUG, []), (Level.INFO, ['{"slice": 1}']), (Level.ERROR, ['{"slice": 1}'])],
)
def test_a_structured_log_line_is_emitted_if_severe_enough(level: Level, lines: list[str]) -> None:
    queue: Queue[QueueItem] = Queue()
    messages = OrderedMessageRepository(queue, Level.INFO)

    messages.log_message(level, lambda: {"slice": 1})
    in_a_worker(lambda: messages.log_message(level, lambda: {"slice": 1}))

    by_consumer = [message.log for message in messages.consume_queue()]
    by_worker = [message.log for message in drain(queue)]
    assert [line.message for line in by_consumer if line is not None] == lines
    assert by_worker == by_consumer


def test_a_closed_queue_accepts_nothing_and_holds_nothing() -> None:
    queue = RecordQueue(2)
    queue.put(log("a record"))

    queue.close()

    assert queue.empty()
    for _ in range(3):
        with pytest.raises(QueueClosed):
            queue.put(log("another"))
    assert queue.empty()


def test_closing_a_queue_wakes_the_workers_that_wait_for_room() -> None:
    queue = RecordQueue(1)
    queue.put(log("a record"))
    started = Event()
    stopped: list[QueueClosed] = []

    def work() -> None:
        started.set()
        try:
            queue.put(log("another"))
        except QueueClosed as closed:
            stopped.append(closed)

    workers = [Thread(target=work, daemon=True) for _ in range(5)]
    for worker in workers:
        worker.start()
    assert started.wait(10)

    queue.close()

    for worker in workers:
        worker.join(10)
    assert len(stopped) == len(workers)


def test_records_cross_in_batches_and_come_out_one_by_one_in_order() -> None:
    queue = RecordQueue(1000)
    count = 2 * RECORDS_PER_BATCH

    for number in range(count + 3):
        queue.put(record(number))

    assert queue.qsize() == 2
    assert drain(queue) == [record(number) for number in range(count)]


def test_any_other_item_sends_the_records_before_it() -> None:
    queue = RecordQueue(1000)
    items: list[QueueItem] = [
        record(1),
        record(2),
        log("a state"),
        log("a line"),
        record(3),
        log("the end"),
    ]

    for item in items:
        queue.put(item)

    assert drain(queue) == items


def test_each_worker_has_its_own_batch() -> None:
    queue = RecordQueue(1000)
    queue.put(record(1))

    def work() -> None:
        queue.put(record(2))
        queue.put(log("of a worker"))

    in_a_worker(work)
    assert drain(queue) == [record(2), log("of a worker")]

    queue.put(log("mine"))
    assert drain(queue) == [record(1), log("mine")]


def test_a_queue_with_a_half_read_batch_is_not_empty() -> None:
    queue = RecordQueue(1000)
    queue.put(record(1))
    queue.put(record(2))
    queue.put(log("a state"))

    assert queue.get() == record(1)
    assert not queue.empty()
    assert drain(queue) == [record(2), log("a state")]


@pytest.mark.parametrize(("records", "batches"), [(1, 1), (24, 1), (25, 1), (50, 2), (200, 8)])
def test_the_size_of_a_queue_is_in_records(records: int, batches: int) -> None:
    assert RecordQueue(records).maxsize == batches


def test_the_records_that_the_consumer_has_received_are_counted_by_stream() -> None:
    queue = RecordQueue(1000)
    for number in range(RECORDS_PER_BATCH + 1):
        queue.put(record(number))
    queue.put(record(1, "space"))
    assert queue.record_counts == {}

    queue.put(log("a state"))
    drain(queue)

    assert queue.record_counts == {"pages": RECORDS_PER_BATCH + 1, "space": 1}


def test_a_callback_waits_until_the_consumer_gets_more_than_was_put_before() -> None:
    queue = RecordQueue(1000)
    called: list[int] = []
    queue.put(record(1))
    queue.call_when_consumed(lambda: called.append(1))
    queue.put(record(2))
    queue.put(log("a state"))
    queue.call_when_consumed(lambda: called.append(2))

    assert (queue.get(), called) == (record(1), [])
    assert (queue.get(), called) == (record(2), [1])
    assert (queue.get(), called) == (log("a state"), [1])
    queue.put(log("the end"))
    assert (queue.get(), called) == (log("the end"), [1, 2])


def test_closing_a_queue_calls_what_waits_for_the_consumer() -> None:
    """A worker may wait for that; the process could never end."""
    queue = RecordQueue(1000)
    called: list[int] = []
    for number in range(2):
        queue.put(record(number))
        queue.call_when_consumed(lambda number=number: called.append(number))  # type: ignore[misc]
    assert not called

    queue.close()

    assert called == [0, 1]


def test_a_callback_of_a_worker_that_waits_for_room_is_called_when_the_queue_closes() -> None:
    """Without it others would wait for the worker's memory, and the process for them."""
    queue = RecordQueue(1)
    queue.put(log("a record"))
    queue.not_full = AnnouncedWait(queue.mutex)
    called = Event()

    def work() -> None:
        queue.put(record(1))
        queue.call_when_consumed(called.set)

    worker = Thread(target=work, daemon=True)
    worker.start()
    assert queue.not_full.is_waited_for.wait(10)

    queue.close()

    worker.join(10)
    assert called.is_set()


@pytest.mark.parametrize("is_closed", [False, True])
def test_a_callback_with_nothing_left_to_consume_is_called_at_once(*, is_closed: bool) -> None:
    queue = RecordQueue(1000)
    called: list[int] = []
    if is_closed:
        queue.put(log("a state"))
        queue.put(record(1))
        queue.close()

    queue.call_when_consumed(lambda: called.append(1))

    assert called == [1]
