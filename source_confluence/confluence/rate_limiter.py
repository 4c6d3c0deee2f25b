"""An adaptive rate limiter for the whole source, like the adaptive retry mode of botocore.

Everything that talks to the site shares Confluence's limits, and they are not published. So the
limiter finds the rate as TCP CUBIC (RFC 9438) finds the bandwidth of a path. The rate is unlimited
until the first 429. Then all workers wait for as long as the server says, continue at three
quarters of the rate that was rejected, return to that rate within seconds, stay near it for a
while, and only then try more.

The lock guards the pause, the next free moment, the measured successes, the rejected rate and the
time that was spent waiting; all workers share them.
"""

from __future__ import annotations

import math
import threading
from collections import deque

from source_confluence.confluence.clock import Clock

CUT = 0.75
SECONDS_TO_RECOVER = 12.0
"""Until the rejected rate is reached again; after the same time again it is exceeded by 25 %."""
MEASURED_SECONDS = 10.0
MIN_SUCCESSES = 10
"""Fewer successes than these are not enough to measure a rate."""
PLAUSIBLE = 1.5
"""An allowed rate this many times above the measured one was not in use when it was rejected."""
FIRST_ESTIMATE = 20.0
"""Requests per second, where nothing could be measured before the first 429."""
SLOWEST_RATE = 0.1
SHORTEST_PAUSE = 0.2
LONGER = 1.0
"""A pause that ends this many seconds later than it would have is worth another log line. Workers
that are refused together are not: each of them starts to count a moment later."""


class RateLimiter:
    """Decides when the next request may go out; shared by all workers, thread-safe."""

    def __init__(self, clock: Clock, ceiling: float | None = None) -> None:
        """`ceiling` is the user's own limit, in requests per second."""
        self._clock = clock
        self._ceiling = ceiling
        self._lock = threading.Lock()
        self._paused_until = 0.0
        self._next_free = 0.0
        self._rejected_rate: float | None = None
        self._last_cut = float("-inf")
        self._successes: deque[float] = deque()
        self._is_extended = False
        self._waiting = 0
        self._waiting_since = 0.0
        self._waited = 0.0

    @property
    def waited(self) -> float:
        """Seconds so far during which any worker waited, however many did at the same time."""
        with self._lock:
            return self._waited + self._current_wait()

    @property
    def pause_left(self) -> float:
        """Seconds until Confluence wants requests again; 0 if it does now."""
        with self._lock:
            return max(0.0, self._paused_until - self._clock.monotonic())

    def acquire(self) -> float:
        """Wait until a request may go out; return that moment on the monotonic clock."""
        is_waiting = False
        while True:
            with self._lock:
                now = self._clock.monotonic()
                wait = max(self._paused_until, self._next_free) - now
                if wait <= 0:
                    rate = self._rate(now)
                    self._next_free = now if rate is None else max(now, self._next_free) + 1 / rate
                    if is_waiting:
                        self._end_wait()
                    return now
                if not is_waiting:
                    is_waiting = True
                    self._begin_wait(now)
            self._clock.sleep(wait)

    def succeeded(self) -> None:
        """Record that the server served a request."""
        with self._lock:
            now = self._clock.monotonic()
            self._successes.append(now)
            while self._successes[0] < now - MEASURED_SECONDS:
                self._successes.popleft()

    def throttled(self, sent_at: float, wait: float) -> bool:
        """Make all workers wait `wait` seconds: a request sent at `sent_at` came too early.

        Of several requests that were under way together, only the first lowers the rate. Returns
        whether this is news: it begins a pause, or is the first that makes it clearly longer.
        """
        with self._lock:
            now = self._clock.monotonic()
            if sent_at > self._last_cut:
                self._rejected_rate = self._rate_when_rejected(sent_at)
                self._last_cut = now
            until = now + max(wait, SHORTEST_PAUSE)
            is_new = now >= self._paused_until
            is_longer = until >= self._paused_until + LONGER and not self._is_extended
            self._is_extended = not is_new and (self._is_extended or is_longer)
            self._paused_until = max(self._paused_until, until)
            return is_new or is_longer

    def _begin_wait(self, now: float) -> None:
        if self._waiting == 0:
            self._waiting_since = now
        self._waiting += 1

    def _end_wait(self) -> None:
        self._waiting -= 1
        if self._waiting == 0:
            self._waited += self._clock.monotonic() - self._waiting_since

    def _current_wait(self) -> float:
        return self._clock.monotonic() - self._waiting_since if self._waiting else 0.0

    def _rate_when_rejected(self, sent_at: float) -> float:
        measured = self._measured(sent_at)
        allowed = self._rate(sent_at) or measured or FIRST_ESTIMATE
        plausible = allowed if measured is None else min(allowed, PLAUSIBLE * measured)
        return max(SLOWEST_RATE, plausible)

    def _rate(self, now: float) -> float | None:
        if self._rejected_rate is None:
            return self._ceiling
        calm = max(0.0, now - max(self._last_cut, self._paused_until))
        progress = math.pow(calm / SECONDS_TO_RECOVER - 1, 3)
        recovered = self._rejected_rate * (1 + (1 - CUT) * progress)
        return recovered if self._ceiling is None else min(self._ceiling, recovered)

    def _measured(self, now: float) -> float | None:
        while self._successes and self._successes[0] < now - MEASURED_SECONDS:
            self._successes.popleft()
        if len(self._successes) < MIN_SUCCESSES:
            return None
        return len(self._successes) / max(1.0, now - self._successes[0])
