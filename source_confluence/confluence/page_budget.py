"""Bounds the bytes of pages of results that are in memory at once.

If every worker held a page of 250 long bodies, the sync would need far more memory than the records
themselves. So a worker reserves memory before it requests a page, for the body of the response and
for its decoded JSON, and requests no more records than its share of the budget holds. What they
weigh is learned from the earlier pages of the same stream. The memory is held until the last record
of the page has been written out.

A response that turns out larger takes what is free. If that is not enough, its connection is
closed, and fewer records or more room are requested: the worker waits without holding anything.

To avoid deadlock, a worker that holds a page never waits for another. Lists without bodies are
exempt: they are read while a page is held, and may be abandoned halfway. Workers wait in turn: else
many small pages could keep a large one out forever.

The condition guards the sum of the reservations and the turns; workers wait on it for room.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace

from source_confluence.confluence.body import LARGEST, MEGABYTE, SMALL, Room
from source_confluence.confluence.weights import Weights

BYTES = 96 * MEGABYTE
LARGEST_SHARE = 8 * MEGABYTE
"""What a page of results should take at most: 4 MB of JSON, and as much when it is decoded."""
SMALLEST_SHARE = 4 * MEGABYTE
"""With many workers the pages of results do not become smaller: they would be too many requests."""
TINY = 64 * 1024
"""A page of results of this size does not count: it waits for nobody, and nobody for it."""
WHOLE = LARGEST.decoded + LARGEST.memory
"""What the largest response takes. That is more than all pages together, so it is read alone."""


@dataclass
class Reservation:
    """The memory that one page of results takes."""

    budget: PageBudget
    stream: str
    held: int
    """The bytes that are reserved."""
    records: int
    """How many records to request."""
    most: int
    """How many bytes it may hold without having waited for them; 0 if it reserves none."""

    @property
    def is_whole(self) -> bool:
        """Whether even the largest response that is ever read fits."""
        return self.held >= WHOLE

    @property
    def room(self) -> Room:
        """How large the page may be."""
        return replace(LARGEST, reserve=self.reserve) if self.most else SMALL

    def reserve(self, size: int) -> bool:
        """Hold at least `size` bytes if that is possible without waiting; return whether it is."""
        return size <= self.held or (size <= self.most and self.budget.grow(self, size))

    def resize(self, actual: int) -> None:
        """Replace the estimate by what a page takes, in bytes."""
        if self.most:
            self.budget.resize(self, actual)


def share_of(workers: int) -> int:
    """Return how many bytes a page of results should take at most, for a number of workers."""
    return min(LARGEST_SHARE, max(SMALLEST_SHARE, BYTES // workers))


class PageBudget:
    """Gives room to pages of results while they fit; shared by all workers, thread-safe."""

    def __init__(self, limit: int = BYTES, share: int = LARGEST_SHARE, tiny: int = TINY) -> None:
        """All are bytes: `limit` in total, `share` for a page of results unless it is larger.

        One of `tiny` bytes or less does not count.
        """
        self.share = share
        self.weights = Weights()
        self._limit = limit
        self._tiny = tiny
        self._held = 0
        self._turns: deque[object] = deque()
        self._changed = threading.Condition()
        self._when_done: Callable[[Callable[[], None]], None] = lambda release: release()

    @property
    def held(self) -> int:
        """The bytes that are reserved now."""
        return self._held

    def hold_until(self, when_done: Callable[[Callable[[], None]], None]) -> None:
        """Release a page when `when_done` calls its argument, not as soon as the page is read."""
        self._when_done = when_done

    def records(self, stream: str, wanted: int) -> int:
        """Return how many records of a stream to request: `wanted` while nothing is known of them.

        A response that is larger than its share is cut off, and tells what they weigh. To begin
        with a few records would cost every light site a request more.
        """
        fitting = self.weights.records_in(self.share, stream)
        return wanted if fitting is None else min(wanted, fitting)

    def unreserved(self, stream: str, records: int) -> Reservation:
        """Return what a page of results gets that takes no part in the budget."""
        return Reservation(self, stream, held=0, records=records, most=0)

    def page(
        self,
        stream: str,
        wanted: int,
        *,
        is_heavy: bool = False,
        whole: bool = False,
    ) -> AbstractContextManager[Reservation]:
        """Wait for the room of a page of `stream`, or until nothing else is held; hold it inside.

        After the block it is held for as long as `hold_until` says. `wanted` is that
        of `records`. `is_heavy`: whether the records may be large; while nothing is known of
        them, a response takes no more than its share. `whole` waits for as much as the largest
        response takes.
        """

        def needed() -> Reservation:
            records = self.records(stream, wanted)
            size = self.weights.of_page(stream, records, self.share, is_heavy=is_heavy)
            is_unknown = is_heavy and not self.weights.is_known(stream)
            most = self.share if is_unknown else WHOLE
            return Reservation(self, stream, WHOLE if whole else min(size, WHOLE), records, most)

        return self._reserved(needed)

    def records_of(self, stream: str, size: int) -> AbstractContextManager[Reservation]:
        """Wait for the room of records that were requested before; then as `page`."""
        return self._reserved(lambda: Reservation(self, stream, min(size, WHOLE), 0, WHOLE))

    def resize(self, reservation: Reservation, actual: int) -> None:
        """Let a reservation hold `actual` bytes."""
        with self._changed:
            self._held += self._counted(actual) - self._counted(reservation.held)
            reservation.held = actual
            self._changed.notify_all()

    def grow(self, reservation: Reservation, size: int) -> bool:
        """Let a reservation hold `size` bytes if they are free; return whether they are."""
        with self._changed:
            held = self._held + self._counted(size) - self._counted(reservation.held)
            if held <= self._limit:
                self._held = held
                reservation.held = size
            return held <= self._limit

    @contextmanager
    def _reserved(self, needed: Callable[[], Reservation]) -> Iterator[Reservation]:
        turn = object()
        with self._changed:
            self._turns.append(turn)
            reservation = needed()
            while not self._fits(reservation.held, turn):
                self._changed.wait()
                reservation = needed()  # more is known by now
            self._turns.remove(turn)
            self._held += self._counted(reservation.held)
            self._changed.notify_all()
        try:
            yield reservation
        finally:
            self._when_done(lambda: self.resize(reservation, 0))

    def _fits(self, size: int, turn: object) -> bool:
        """Return whether it is the turn of a page, and there is room for it."""
        if size <= self._tiny:
            return True
        has_room = self._held == 0 or self._held + size <= self._limit
        return has_room and self._turns[0] is turn

    def _counted(self, size: int) -> int:
        return size if size > self._tiny else 0
