"""How many records to ask for at once."""

from __future__ import annotations

SUCCESSES_BEFORE_GROWTH = 8


class PageSize:
    """The `limit` of a list's requests: full, until the server cannot serve that much.

    It is halved at every failure; it grows again by doubling, at first only up to below the size
    that failed, and after a run of successes beyond, because what was too heavy there need not be
    so here.
    """

    def __init__(self, full: int) -> None:
        self.current = full
        self._full = full
        self._too_much = full + 1
        self._successes = 0

    def failed(self) -> None:
        """Tell that a page of the current size could not be served."""
        self._too_much = self.current
        self.current = max(1, self.current // 2)
        self._successes = 0

    def served(self) -> None:
        """Tell that a page of the current size was served."""
        self._successes += 1
        if self._successes >= SUCCESSES_BEFORE_GROWTH:
            self._too_much = self._full + 1
            self._successes = 0
        doubled = min(self._full, self.current * 2)
        if doubled < self._too_much:
            self.current = doubled
