"""What a sync has cost so far, stream by stream."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """The cost of a stream so far."""

    requests: int
    throttled_seconds: float
    """Time that its workers spent waiting for leave to send, added up over the workers."""


class Meter:
    """Counts requests and waiting time; shared by all workers, thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[str] = Counter()
        self._waited: dict[str, float] = {}

    def requested(self, stream: str) -> None:
        """Count one request on behalf of `stream`."""
        with self._lock:
            self._requests[stream] += 1

    def waited(self, stream: str, seconds: float) -> None:
        """Add to the time that `stream` was kept waiting."""
        with self._lock:
            self._waited[stream] = self._waited.get(stream, 0.0) + seconds

    def cost(self, stream: str) -> Cost:
        """Return what `stream` has cost so far."""
        with self._lock:
            return Cost(self._requests[stream], self._waited.get(stream, 0.0))

    def streams(self) -> list[str]:
        """Return on whose behalf requests were made."""
        with self._lock:
            return list(self._requests)

    def total(self) -> Cost:
        """Return what all streams together have cost so far."""
        with self._lock:
            return Cost(self._requests.total(), sum(self._waited.values()))
