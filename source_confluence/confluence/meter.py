"""How many requests a sync has sent, by the stream that caused them.

A request is charged to the stream for which the current worker lists or reads a slice. A list that
several streams share is charged to the first of them that needed it. The lock guards the counts,
which all workers update.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


class _Worker(threading.local):
    """What the current thread works for."""

    stream: str | None = None


class Meter:
    """Counts requests by stream; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[str] = Counter()
        self._worker = _Worker()

    @property
    def payer(self) -> str | None:
        """The stream that this thread's requests are charged to; None if nobody has said."""
        return self._worker.stream

    def charge_to(self, stream: str | None) -> None:
        """Charge the requests that this thread sends from now on to `stream`."""
        self._worker.stream = stream

    @contextmanager
    def charging(self, stream: str | None) -> Iterator[None]:
        """Inside the block, charge the requests of this thread to `stream`."""
        before = self._worker.stream
        self._worker.stream = stream
        try:
            yield
        finally:
            self._worker.stream = before

    def to_first(self, parts: Callable[..., Iterable[T]], *args: object) -> Iterator[T]:
        """Yield what `parts` returns for `args`, such as pages of results.

        All requests for it are charged to the stream that needs the first part.
        """
        payer = self.payer
        following = iter(parts(*args))
        while True:
            with self.charging(payer):
                try:
                    part = next(following)
                except StopIteration:
                    return
            yield part
            del part  # or it would be kept while the next one is awaited

    def requested(self, stream: str) -> None:
        """Count one request; it is charged to `stream` if this thread works for no other."""
        with self._lock:
            self._requests[self.payer or stream] += 1

    def requests(self, stream: str) -> int:
        """Return how many requests `stream` has caused so far."""
        with self._lock:
            return self._requests[stream]

    def total(self) -> int:
        """Return how many requests all streams together have caused so far."""
        with self._lock:
            return self._requests.total()
