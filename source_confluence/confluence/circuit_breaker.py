"""What makes every further request of a run vain: then none is sent.

A sync asks for thousands of parents one by one. After the first that Confluence turns away for an
hour, or because the token was revoked, it need not be asked for each of the others, too.
"""

from __future__ import annotations

import math
import threading

from source_confluence.confluence.clock import Clock
from source_confluence.confluence.errors import ConfluenceError

MANY_REJECTIONS = 20
"""So many in a row are about the account: a few may be about one endpoint that v2 does not have."""


class CircuitBreaker:
    """Whether requests are in vain, and why; shared by all workers, thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._rejections = 0
        self._until = -math.inf
        self._error: ConfluenceError | None = None

    def require_hope(self) -> None:
        """Raise again what makes requests vain, for as long as it does."""
        with self._lock:
            error, is_vain = self._error, self._clock.monotonic() < self._until
        if error is not None and is_vain:
            raise type(error)(error.sentence)

    def throttled(self, error: ConfluenceError, wait: float) -> None:
        """Tell that Confluence wants to be left alone for so many seconds, longer than we wait."""
        with self._lock:
            until = self._clock.monotonic() + wait
            if until > self._until:
                self._error, self._until = error, until

    def rejected(self, error: ConfluenceError) -> None:
        """Tell that Confluence has rejected the credentials."""
        with self._lock:
            self._rejections += 1
            if self._rejections >= MANY_REJECTIONS:
                self._error, self._until = error, math.inf

    def answered(self) -> None:
        """Tell that a request was answered well."""
        with self._lock:
            self._rejections = 0
