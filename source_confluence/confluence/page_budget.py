"""Bounds the bytes of pages of results that are in memory at once.

If every worker held a page of 250 long bodies, the sync would need far more memory than the records
themselves. So a worker reserves room before it requests a page. How much it needs is estimated from
the earlier pages of the same stream. The room is held until the last record of the page has been
written out.

To avoid deadlock, a worker that holds a page never waits for another. Lists without bodies are
exempt: they are read while a page is held, and may be abandoned halfway.

The condition guards the sum of the reservations and the estimates; workers wait on it for room.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from source_confluence.confluence.body import Room

BYTES = 48 * 1024 * 1024
FIRST_ESTIMATE = BYTES // 2
DECAY = 0.9
"""The last page of a list is often short, so the estimate decays slowly."""


class Reservation:
    """The room that one page of results takes."""

    def __init__(self, budget: PageBudget, stream: str, estimate: int) -> None:
        self._budget = budget
        self.stream = stream
        self.held = estimate

    @property
    def room(self) -> Room:
        """How large the page may be."""
        return Room.reserved(self.held)

    def resize(self, actual: int) -> None:
        """Replace the estimate by the real size of the page, in bytes."""
        self._budget.resize(self, actual)


class PageBudget:
    """Gives room to pages of results while they fit; shared by all workers, thread-safe."""

    def __init__(self, limit: int = BYTES, first_estimate: int = FIRST_ESTIMATE) -> None:
        """Both are bytes; a stream's first page takes `first_estimate`."""
        self._limit = limit
        self._first_estimate = first_estimate
        self._held = 0
        self._estimates: dict[str, int] = {}
        self._changed = threading.Condition()
        self._when_done: Callable[[Callable[[], None]], None] = lambda release: release()

    @property
    def held(self) -> int:
        """The bytes that are reserved now."""
        return self._held

    def hold_until(self, when_done: Callable[[Callable[[], None]], None]) -> None:
        """Release a page when `when_done` calls its argument, not as soon as the page is read."""
        self._when_done = when_done

    @contextmanager
    def page(self, stream: str) -> Iterator[Reservation]:
        """Wait until a page of `stream` fits, or nothing else is held; hold it inside the block.

        After the block it is held for as long as `hold_until` says.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._fits(stream))
            reservation = Reservation(self, stream, self._estimate(stream))
            self._held += reservation.held
        try:
            yield reservation
        finally:
            self._when_done(lambda: self._release(reservation))

    def resize(self, reservation: Reservation, actual: int) -> None:
        """Let a reservation hold `actual` bytes, and learn from that for its stream."""
        with self._changed:
            decayed = int(self._estimates.get(reservation.stream, 0) * DECAY)
            self._estimates[reservation.stream] = max(actual, decayed)
            self._hold(reservation, actual)

    def _release(self, reservation: Reservation) -> None:
        with self._changed:
            self._hold(reservation, 0)

    def _hold(self, reservation: Reservation, size: int) -> None:
        self._held += size - reservation.held
        reservation.held = size
        self._changed.notify_all()

    def _estimate(self, stream: str) -> int:
        return self._estimates.get(stream, self._first_estimate)

    def _fits(self, stream: str) -> bool:
        return self._held == 0 or self._held + self._estimate(stream) <= self._limit
