"""Circuit breaker: stops sending requests that cannot succeed.

There are three scopes, each with a breaker of its own:

- the run: `Client` opens it for as long as Confluence wants no requests, and for good after many
  rejections of the credentials in a row;
- a stream that sends one request per element: `read_elements` opens it for good after many failed
  elements in a row, in whichever workers;
- a list: `Listing` opens it when too many records are unreadable.

Denials have no breaker: `StreamHealth` counts them, because a success must outweigh them for good.

The lock guards the count of failures and the error with its end; workers share a breaker.
"""

from __future__ import annotations

import math
import threading
from copy import copy

from source_confluence.confluence.clock import Clock
from source_confluence.confluence.errors import ConfluenceError


class CircuitBreaker:
    """Open while requests cannot succeed; thread-safe."""

    def __init__(self, clock: Clock, threshold: int) -> None:
        """`threshold` is how many failures in a row open it for good."""
        self._clock = clock
        self._threshold = threshold
        self._lock = threading.Lock()
        self.failures = 0
        """Failures in a row so far: while there is none, a success need not be recorded."""
        self.has_opened = False
        """Whether it was ever opened. It never is in most runs, and then needs no further check."""
        self._error: ConfluenceError | None = None
        self._open_until = -math.inf

    @property
    def error(self) -> ConfluenceError | None:
        """What opened this breaker; None while it is closed."""
        with self._lock:
            error, open_until = self._error, self._open_until
        return error if self._clock.monotonic() < open_until else None

    def raise_if_open(self) -> None:
        """Raise a fresh copy of the error that opened this breaker, while it is open."""
        error = self.error
        if error is not None:
            raise copy(error)

    def succeeded(self) -> None:
        """Record a success: the count of failures starts again at 0."""
        with self._lock:
            self.failures = 0

    def failed(self, error: ConfluenceError) -> None:
        """Record a failure; the last one that the threshold allows opens the breaker for good."""
        with self._lock:
            self.failures += 1
            is_over = self.failures >= self._threshold
        if is_over:
            self.open(error)

    def open(self, error: ConfluenceError, seconds: float = math.inf) -> None:
        """Open the breaker with `error`, unless it is open for longer already."""
        until = self._clock.monotonic() + seconds
        with self._lock:
            if until > self._open_until:
                self._error, self._open_until = error, until
                self.has_opened = True
