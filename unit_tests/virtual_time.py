"""Workers that wait for one another in simulated time: minutes pass in milliseconds."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count
from threading import Event

from unit_tests.fakes import NOON

REAL_SECONDS_BEFORE_GIVING_UP = 30.0


class VirtualTime:
    """A clock under which real threads run one at a time, always the one that is due next.

    So a simulation is the same every time. A thread must not sleep while it holds a lock.
    """

    def __init__(self) -> None:
        self._now = 0.0
        self._order = count()
        self._sleepers: list[tuple[float, int, Event]] = []

    def monotonic(self) -> float:
        return self._now

    def utcnow(self) -> datetime:
        return NOON + timedelta(seconds=self._now)

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0, "time.sleep refuses a negative number"
        due = self._due_in(seconds)
        self._wake_next()
        self._await(due)

    def run(self, workers: Iterable[Callable[[], None]]) -> None:
        """Run the workers until all are done. Raises the error of the first that failed."""
        starts = [(worker, self._due_in(0)) for worker in workers]
        with ThreadPoolExecutor(max_workers=len(starts)) as pool:
            ends = [pool.submit(self._work, worker, start) for worker, start in starts]
            self._wake_next()
        for end in ends:
            end.result()

    def _work(self, worker: Callable[[], None], start: Event) -> None:
        try:
            self._await(start)
            worker()
        finally:
            self._wake_next()

    def _due_in(self, seconds: float) -> Event:
        event = Event()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._order), event))
        return event

    def _wake_next(self) -> None:
        if self._sleepers:
            self._now, _, event = heapq.heappop(self._sleepers)
            event.set()

    @staticmethod
    def _await(event: Event) -> None:
        assert event.wait(REAL_SECONDS_BEFORE_GIVING_UP), "the thread that should run does not"
