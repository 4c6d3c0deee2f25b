"""How far one stream has come, as its slices and its retriever report it.

A slice counts as many units as it has parents or spaces, or one. The total is known once all slices
have been listed, or once the retriever knows it: from a complete list of parents, or because
Confluence stated it. The lock guards everything: all workers of the stream report.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from source_confluence.confluence.clock import Clock

FEWEST_SLICES = 4
"""The share of fewer slices says little: a list that is a single slice would stay at 0 %."""


class StreamProgress:
    """What a person wants to know of a stream while it is read, and afterwards; thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._began_at: float | None = None
        self._reading_since: float | None = None
        self._ended_at: float | None = None
        self._open = 1  # the listing of the slices
        self._is_listing = self._is_listed = False
        self._slices = self._found = self._being_read = self._done = 0
        self._expected: int | None = None
        self._expected_records = 0
        self._has_failed = False
        self.was_denied = False
        """Whether the account may not read the stream, or the part of it that was left."""

    @property
    def status(self) -> str:
        """How the stream ended: complete, denied or incomplete; or not read."""
        with self._lock:
            if self._began_at is None:
                return "not read"
            if self._has_failed or self._ended_at is None:
                return "incomplete"
            return "denied" if self.was_denied else "complete"

    @property
    def has_ended(self) -> bool:
        """Whether all slices were listed and read, or have failed."""
        with self._lock:
            return self._ended_at is not None

    @property
    def is_running(self) -> bool:
        """Whether its slices are being listed or read; not while they only wait for a worker."""
        with self._lock:
            has_begun = self._is_listing or self._reading_since is not None
            return has_begun and self._ended_at is None

    @property
    def reading_since(self) -> float | None:
        """When the first slice was begun, on the monotonic clock."""
        with self._lock:
            return self._reading_since

    @property
    def seconds(self) -> float | None:
        """The seconds from the beginning to the end, or until now; None before the beginning."""
        with self._lock:
            if self._began_at is None:
                return None
            until = self._clock.monotonic() if self._ended_at is None else self._ended_at
            return until - self._began_at

    def share(self, records: int) -> float | None:
        """Return which share of the stream was read, 0 to 1; None while that is not known.

        `records` is how many records have arrived. It is an estimate: slices differ in size, and
        content changes while it is read. Slices count once they are done. So it says nothing while
        more is being read: with 40 workers on 400 pages, the last slice, of one page, ends first.
        """
        with self._lock:
            if self._slices == 1 and self._expected_records > records:
                return records / self._expected_records
            total = self._found if self._is_listed else self._expected
            if total is None or self._slices < FEWEST_SLICES:
                return None
            if self._done == 0 or self._done < self._being_read:
                return None
            return self._done / max(total, self._found)

    def expects(self, units: int) -> None:
        """Record how much there is in all, in what slices count: ids, or slices without any."""
        with self._lock:
            self._expected = units

    def expects_records(self, count: int) -> None:
        """Record how many records Confluence states for the only slice; 0 if it states nothing.

        As soon as that many have come, nothing is known: the user search states the rows of a page
        of results (measured by mozilla/markfluence).
        """
        with self._lock:
            self._expected_records = count

    @contextmanager
    def listing(self) -> Iterator[None]:
        """Surround the listing of the slices."""
        with self._lock:
            self._is_listing = True
            self._began_at = self._clock.monotonic()
        with self._closing():
            try:
                yield
                self._is_listed = True
            finally:
                self._is_listing = False

    def found(self, part: Mapping[str, Any]) -> None:
        """Record another slice that is going to be read."""
        with self._lock:
            self._open += 1
            self._slices += 1
            self._found += units_in(part)

    @contextmanager
    def reading(self, part: Mapping[str, Any]) -> Iterator[None]:
        """Surround the reading of a slice."""
        with self._lock:
            if self._reading_since is None:
                self._reading_since = self._clock.monotonic()
            self._being_read += units_in(part)
        with self._closing():
            try:
                yield
            finally:
                with self._lock:
                    self._being_read -= units_in(part)
            with self._lock:
                self._done += units_in(part)

    @contextmanager
    def _closing(self) -> Iterator[None]:
        """Count what is open, and remember the end of the last; a generator closed early is not."""
        try:
            yield
        except Exception:
            self._close(has_failed=True)
            raise
        self._close(has_failed=False)

    def _close(self, *, has_failed: bool) -> None:
        with self._lock:
            self._has_failed = self._has_failed or has_failed
            self._open -= 1
            if self._open == 0:
                self._ended_at = self._clock.monotonic()


def units_in(part: Mapping[str, Any]) -> int:
    """Return how much a slice counts: as many as its longest list has, or one.

    The parts of a first sync, `{"ids": "1,2,3"}`, are alike, so each of them is one.
    """
    return max((len(ids) for ids in part.values() if isinstance(ids, list)), default=1) or 1
