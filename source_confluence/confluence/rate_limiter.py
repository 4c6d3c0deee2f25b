"""One budget of requests for the whole source.

Confluence's limits are shared by everything that talks to the site and are not published, so we
find the rate that it allows as TCP CUBIC (RFC 9438) finds the bandwidth of a path: unlimited until
the first 429; then all workers wait together for as long as the server says, go on at three
quarters of the rate that was refused, come back to it soon, stay near it, and only then try more.
"""

from __future__ import annotations

import math
import threading
from collections import deque

from source_confluence.confluence.clock import Clock

CUT = 0.75
SECONDS_TO_RECOVER = 12.0
"""Until the refused rate is reached again; it takes as long again to try a quarter more."""
MEASURED_SECONDS = 10.0
TELLING_COUNT = 10
"""Fewer successes than these say nothing about a rate."""
PLAUSIBLE = 1.5
"""A refused rate so many times above what got through was never made use of."""
FIRST_GUESS = 20.0
SLOWEST_RATE = 0.1
SHORTEST_PAUSE = 0.2


class RateLimiter:
    """Says when the next request may go out; shared by all workers, thread-safe."""

    def __init__(self, clock: Clock, ceiling: float | None = None) -> None:
        """`ceiling` is the user's own limit, in requests per second."""
        self._clock = clock
        self._ceiling = ceiling
        self._lock = threading.Lock()
        self._paused_until = 0.0
        self._next_free = 0.0
        self._refused_rate: float | None = None
        self._last_cut = float("-inf")
        self._successes: deque[float] = deque()

    def acquire(self) -> float:
        """Wait until a request may go out; return that moment on the monotonic clock."""
        while True:
            with self._lock:
                now = self._clock.monotonic()
                wait = max(self._paused_until, self._next_free) - now
                if wait <= 0:
                    rate = self._rate(now)
                    self._next_free = now if rate is None else max(now, self._next_free) + 1 / rate
                    return now
            self._clock.sleep(wait)

    def succeeded(self) -> None:
        """Tell that a request was let through."""
        with self._lock:
            now = self._clock.monotonic()
            self._successes.append(now)
            self._forget(now)

    def throttled(self, sent_at: float, wait: float) -> None:
        """Tell that a request that went out at `sent_at` was refused: all wait for `wait` seconds.

        Of several requests that were under way together, only the first slows the rate down.
        """
        with self._lock:
            now = self._clock.monotonic()
            if sent_at > self._last_cut:
                self._refused_rate = self._rate_that_was_refused(sent_at)
                self._last_cut = now
            self._paused_until = max(self._paused_until, now + max(wait, SHORTEST_PAUSE))

    def _rate_that_was_refused(self, sent_at: float) -> float:
        measured = self._measured(sent_at)
        allowed = self._rate(sent_at) or measured or FIRST_GUESS
        plausible = allowed if measured is None else min(allowed, PLAUSIBLE * measured)
        return max(SLOWEST_RATE, plausible)

    def _rate(self, now: float) -> float | None:
        if self._refused_rate is None:
            return self._ceiling
        calm = max(0.0, now - max(self._last_cut, self._paused_until))
        progress = math.pow(calm / SECONDS_TO_RECOVER - 1, 3)
        recovered = self._refused_rate * (1 + (1 - CUT) * progress)
        return recovered if self._ceiling is None else min(self._ceiling, recovered)

    def _measured(self, now: float) -> float | None:
        self._forget(now)
        if len(self._successes) < TELLING_COUNT:
            return None
        return len(self._successes) / max(1.0, now - self._successes[0])

    def _forget(self, now: float) -> None:
        while self._successes and self._successes[0] < now - MEASURED_SECONDS:
            self._successes.popleft()
