"""How many records to request at once."""

from __future__ import annotations

SUCCESSES_BEFORE_GROWTH = 8


class PageSize:
    """The `limit` of a list's requests: full, until the server cannot serve that many records.

    Every failure halves it. Successes double it again: at first only to sizes below the one that
    failed, and after a run of successes beyond, because other records may be lighter.
    """

    def __init__(self, full: int) -> None:
        self._full = full
        self.reset()

    def reset(self) -> None:
        """Begin anew, as other records follow."""
        self.current = self._full
        self._too_large = self._full + 1
        self._successes = 0

    def failed(self, requested: int) -> None:
        """Record that the server could not serve as many records as were requested."""
        self._too_large = requested
        self.current = max(1, requested // 2)
        self._successes = 0

    def served(self, requested: int) -> None:
        """Record that the server served as many records as were requested."""
        if requested < self.current or requested == self._full:
            return
        self._successes += 1
        if self._successes >= SUCCESSES_BEFORE_GROWTH:
            self._too_large = self._full + 1
            self._successes = 0
        doubled = min(self._full, self.current * 2)
        if doubled < self._too_large:
            self.current = doubled
