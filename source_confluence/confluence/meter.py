"""What a sync has cost so far, by stream.

The lock guards the two counters, which all workers update.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """The cost of a stream so far."""

    requests: int
    throttled_seconds: float
    """The time that its workers waited for the rate limiter, added up over the workers."""


class Meter:
    """Counts requests and waiting time; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[str] = Counter()
        self._waited: dict[str, float] = {}

    def requested(self, stream: str, waited: float = 0.0) -> None:
        """Count one request of `stream`, and the seconds that it waited for the rate limiter."""
        with self._lock:
            self._requests[stream] += 1
            self._waited[stream] = self._waited.get(stream, 0.0) + waited

    def cost(self, stream: str) -> Cost:
        """Return what `stream` has cost so far."""
        with self._lock:
            return Cost(self._requests[stream], self._waited.get(stream, 0.0))

    def streams(self) -> list[str]:
        """Return the names under which requests were counted."""
        with self._lock:
            return list(self._requests)

    def total(self) -> Cost:
        """Return what all streams together have cost so far."""
        with self._lock:
            return Cost(self._requests.total(), sum(self._waited.values()))
