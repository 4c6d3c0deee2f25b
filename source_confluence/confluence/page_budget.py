"""A bound on the bytes of answers that are held at once.

Workers that each hold a page of results of 250 long bodies would need far more memory than the
records that a destination takes in, so a worker asks before it requests another page. What a page
will weigh is guessed from those of the same stream that came before. A page is held until its last
record is on its way out: until then a worker may well read the next, as long as that fits, too.
Whoever holds a page must not wait for another one, and must come to its end: so light lists, which
are read in the midst of others, and not always to their end, have no part in this.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

HELD_BYTES = 48 * 1024 * 1024
FIRST_GUESS = HELD_BYTES // 2
FADING = 0.9
"""The last page of a list is often a short one: heavy ones are forgotten only by and by."""


class Reservation:
    """The bytes that one page of results may take."""

    def __init__(self, budget: PageBudget, stream: str, expected: int) -> None:
        self._budget = budget
        self._stream = stream
        self.held = expected

    def weighs(self, actual: int) -> None:
        """Tell what the page really weighs, in bytes."""
        self._budget.correct(self, actual)
        self._budget.remember(self._stream, actual)


class PageBudget:
    """Lets pages of results in as long as they fit; shared by all workers, thread-safe."""

    def __init__(self, limit: int = HELD_BYTES, first_guess: int = FIRST_GUESS) -> None:
        self._limit = limit
        self._first_guess = first_guess
        self._held = 0
        self._weights: dict[str, int] = {}
        self._changed = threading.Condition()
        self._when_done: Callable[[Callable[[], None]], None] = lambda release: release()

    def hold_until(self, when_done: Callable[[Callable[[], None]], None]) -> None:
        """Let pages go only when `when_done` calls what it is handed, not as soon as read."""
        self._when_done = when_done

    @contextmanager
    def page(self, stream: str) -> Iterator[Reservation]:
        """Wait until a page of `stream` fits, or nothing else is held; hold it inside the block.

        And, after the block, for as long as `hold_until` has it.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._admits(stream))
            reservation = Reservation(self, stream, self._guess(stream))
            self._held += reservation.held
        try:
            yield reservation
        finally:
            self._when_done(lambda: self.correct(reservation, 0))

    def correct(self, reservation: Reservation, actual: int) -> None:
        """Replace what a reservation holds by `actual` bytes."""
        with self._changed:
            self._held += actual - reservation.held
            reservation.held = actual
            self._changed.notify_all()

    def remember(self, stream: str, weight: int) -> None:
        """Take note of the weight of a page of a stream."""
        with self._changed:
            faded = int(self._weights.get(stream, 0) * FADING)
            self._weights[stream] = max(weight, faded)

    def _guess(self, stream: str) -> int:
        return self._weights.get(stream, self._first_guess)

    def _admits(self, stream: str) -> bool:
        return self._held == 0 or self._held + self._guess(stream) <= self._limit
