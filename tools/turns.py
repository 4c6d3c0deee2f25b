"""Lets the threads of a sync run one at a time, so that calls have the same order in every run.

Workers and the main thread meet at the queue. A worker that puts an item waits until the main
thread has handled it and needs the next one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Queue
from typing import Any
from unittest import mock

from airbyte_cdk.sources.streams.concurrent.abstract_stream import AbstractStream
from airbyte_cdk.sources.streams.concurrent.partition_enqueuer import PartitionEnqueuer

LONGEST_TURN = 30.0
"""Seconds after which a worker fails, because the main thread does not return to the queue."""


class Turns:
    """The turns of one sync, which has a single worker."""

    def __init__(self, on_stream: Callable[[str], None]) -> None:
        """`on_stream` is called with a stream's name before its slices are generated."""
        self._on_stream = on_stream
        self._changed = threading.Condition()
        self._is_workers = False
        self._is_over = False

    def end(self) -> None:
        """Let all threads run at the same time again."""
        self._is_over = True
        self._to_worker()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Patch the queue, the CDK and the clock while a sync runs."""
        put, get, generate = Queue.put, Queue.get, PartitionEnqueuer.generate_partitions
        monotonic = time.monotonic

        def put_and_wait(to: Queue[Any], *arguments: Any) -> None:
            is_worker = threading.current_thread() is not threading.main_thread()
            if is_worker and not self._is_over:
                self._is_workers = False
            put(to, *arguments)
            if is_worker:
                self._wait()

        def get_in_turn(of: Queue[Any], *arguments: Any) -> object:
            if not of.queue:  # empty() may be a function of the connector
                self._to_worker()
            return get(of, *arguments)

        def generate_in_turn(enqueuer: PartitionEnqueuer, stream: AbstractStream) -> None:
            self._wait()
            self._on_stream(stream.name)
            generate(enqueuer, stream)

        def slowed() -> float:
            """Ten seconds count as 0.1 s: when more time passes, Output makes additional calls."""
            return monotonic() / 100

        with (
            mock.patch.object(Queue, "put", put_and_wait),
            mock.patch.object(Queue, "get", get_in_turn),
            mock.patch.object(PartitionEnqueuer, "generate_partitions", generate_in_turn),
            mock.patch.object(time, "monotonic", slowed),
        ):
            yield

    def _to_worker(self) -> None:
        with self._changed:
            self._is_workers = True
            self._changed.notify_all()

    def _wait(self) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: self._is_workers, LONGEST_TURN):
                raise TimeoutError("the main thread does not return to the queue")
