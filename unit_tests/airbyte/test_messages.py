"""The order of what the workers and the reader of the queue say."""

from __future__ import annotations

from collections.abc import Callable
from queue import Full, Queue
from threading import Event, Thread
from typing import Any

import pytest
from airbyte_cdk.models import AirbyteLogMessage, AirbyteMessage, Level, Type
from airbyte_cdk.sources.streams.concurrent.partitions.types import QueueItem
from airbyte_cdk.sources.types import Record

from source_confluence.airbyte.messages import (
    RECORDS_PER_BUNDLE,
    Messages,
    ReaderGone,
    RecordQueue,
)


class ImpatientQueue(Queue[QueueItem]):
    """Refuses where another would wait: for ever, if it is the reader who puts."""

    def put(self, item: QueueItem, block: bool = True, timeout: float | None = None) -> None:  # noqa: ARG002
        super().put(item, block=False)


def log(text: str) -> AirbyteMessage:
    return AirbyteMessage(type=Type.LOG, log=AirbyteLogMessage(level=Level.INFO, message=text))


def in_a_worker(task: Callable[[], object]) -> None:
    worker = Thread(target=task)
    worker.start()
    worker.join()


def everything_in(queue: Queue[QueueItem]) -> list[Any]:
    return [queue.get_nowait() for _ in range(queue.qsize())]


def test_what_a_worker_says_waits_behind_its_records() -> None:
    queue: Queue[QueueItem] = Queue()
    messages = Messages(queue, Level.INFO)
    queue.put(log("a record"))

    in_a_worker(lambda: messages.emit_message(log("its state")))

    assert everything_in(queue) == [log("a record"), log("its state")]
    assert list(messages.consume_queue()) == []


def test_what_the_reader_says_is_handed_over_at_once_and_once() -> None:
    queue: Queue[QueueItem] = Queue()
    messages = Messages(queue, Level.INFO)

    messages.emit_message(log("first"))
    messages.emit_message(log("second"))

    assert list(messages.consume_queue()) == [log("first"), log("second")]
    assert list(messages.consume_queue()) == []
    assert queue.empty()


def test_the_reader_never_waits_for_the_queue_that_only_it_can_empty() -> None:
    queue = ImpatientQueue(maxsize=1)
    messages = Messages(queue, Level.INFO)
    queue.put(log("a record"))

    messages.emit_message(log("the last state"))

    assert list(messages.consume_queue()) == [log("the last state")]


def test_a_worker_waits_for_a_full_queue() -> None:
    queue = ImpatientQueue(maxsize=1)
    messages = Messages(queue, Level.INFO)
    queue.put(log("a record"))
    refusals: list[Full] = []

    def say() -> None:
        try:
            messages.emit_message(log("its state"))
        except Full as refusal:
            refusals.append(refusal)

    in_a_worker(say)

    assert len(refusals) == 1
    assert list(messages.consume_queue()) == []


@pytest.mark.parametrize(
    ("level", "said"),
    [(Level.DEBUG, []), (Level.INFO, ['{"slice": 1}']), (Level.ERROR, ['{"slice": 1}'])],
)
def test_a_structured_line_is_put_in_its_place_if_severe_enough(
    level: Level, said: list[str]
) -> None:
    queue: Queue[QueueItem] = Queue()
    messages = Messages(queue, Level.INFO)

    messages.log_message(level, lambda: {"slice": 1})
    in_a_worker(lambda: messages.log_message(level, lambda: {"slice": 1}))

    by_reader = [message.log for message in messages.consume_queue()]
    by_worker = [message.log for message in everything_in(queue)]
    assert [line.message for line in by_reader if line is not None] == said
    assert by_worker == by_reader


def test_a_queue_whose_reader_has_gone_takes_nothing_and_holds_nothing() -> None:
    queue = RecordQueue(2)
    queue.put(log("a record"))

    queue.abandon()

    assert queue.empty()
    for _ in range(3):
        with pytest.raises(ReaderGone):
            queue.put(log("another"))
    assert queue.empty()


def test_workers_that_wait_for_room_learn_that_the_reader_has_gone() -> None:
    queue = RecordQueue(1)
    queue.put(log("a record"))
    started, learned = Event(), []

    def work() -> None:
        started.set()
        try:
            queue.put(log("another"))
        except ReaderGone:
            learned.append(1)

    workers = [Thread(target=work, daemon=True) for _ in range(5)]
    for worker in workers:
        worker.start()
    assert started.wait(10)

    queue.abandon()

    for worker in workers:
        worker.join(10)
    assert len(learned) == len(workers)


def record(number: int) -> Record:
    return Record({"id": number}, "pages")


def taken_from(queue: RecordQueue) -> list[Any]:
    taken = []
    while not queue.empty():
        taken.append(queue.get_nowait())
    return taken


def test_records_travel_in_bundles_and_come_out_one_by_one_in_order() -> None:
    queue = RecordQueue(1000)
    count = 2 * RECORDS_PER_BUNDLE

    for number in range(count + 3):
        queue.put(record(number))

    assert queue.qsize() == 2
    assert taken_from(queue) == [record(number) for number in range(count)]


def test_what_is_no_record_takes_the_records_before_it_along() -> None:
    queue = RecordQueue(1000)
    said: list[QueueItem] = [
        record(1),
        record(2),
        log("a state"),
        log("a line"),
        record(3),
        log("the end"),
    ]

    for item in said:
        queue.put(item)

    assert queue.qsize() == 5
    assert taken_from(queue) == said
    assert queue.empty()


def test_each_worker_has_a_bundle_of_its_own() -> None:
    queue = RecordQueue(1000)
    queue.put(record(1))

    def work() -> None:
        queue.put(record(2))
        queue.put(log("of a worker"))

    in_a_worker(work)
    assert taken_from(queue) == [record(2), log("of a worker")]

    queue.put(log("mine"))
    assert taken_from(queue) == [record(1), log("mine")]


def test_a_queue_that_is_being_unpacked_is_not_empty() -> None:
    queue = RecordQueue(1000)
    queue.put(record(1))
    queue.put(record(2))
    queue.put(log("a state"))

    assert queue.get() == record(1)
    assert not queue.empty()
    assert taken_from(queue) == [record(2), log("a state")]


@pytest.mark.parametrize(("records", "bundles"), [(1, 1), (24, 1), (25, 1), (50, 2), (200, 8)])
def test_the_room_in_a_queue_is_counted_in_records(records: int, bundles: int) -> None:
    assert RecordQueue(records).maxsize == bundles


def test_an_action_waits_until_the_reader_asks_for_more_than_came_before_it() -> None:
    queue = RecordQueue(1000)
    done: list[str] = []
    queue.put(record(1))
    queue.after(lambda: done.append("after one"))
    queue.put(record(2))
    queue.put(log("a state"))
    queue.after(lambda: done.append("after two"))

    assert (queue.get(), done) == (record(1), [])
    assert (queue.get(), done) == (record(2), ["after one"])
    assert (queue.get(), done) == (log("a state"), ["after one"])
    queue.put(log("the end"))
    assert (queue.get(), done) == (log("the end"), ["after one", "after two"])


def test_an_action_with_nothing_before_it_is_done_at_once() -> None:
    done: list[str] = []

    RecordQueue(1000).after(lambda: done.append("at once"))

    assert done == ["at once"]


def test_an_action_is_done_at_once_when_the_reader_has_gone() -> None:
    queue = RecordQueue(1000)
    done: list[str] = []
    queue.put(log("a state"))
    queue.put(record(1))
    queue.abandon()

    queue.after(lambda: done.append("at once"))

    assert done == ["at once"]
