"""What one stream lacks, as one warning at its end. The lock guards the counts.

Some rights are set per space: analytics, permissions, watchers. So a denial is judged by its place,
which is a space. After a few denials in a space, and no success there, the rest of that space is
skipped without requests, and the others are read.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from source_confluence.confluence.errors import ConfluenceError

DENIALS_BEFORE_PLACE_IS_SKIPPED = 5
NAMED_AT_MOST = 10

PlaceNames = Callable[[], Mapping[str, str]]
"""Returns the name of each place by its id; called only if a name is needed."""


class Gaps:
    """Places that deny elements, and parents whose lists cannot be read; thread-safe."""

    def __init__(self, stream: str, logger: logging.Logger, names: PlaceNames) -> None:
        self._stream = stream
        self._logger = logger
        self._names = names
        self._lock = threading.Lock()
        self.readable: set[str] = set()
        """The places of which at least one element could be read."""
        self.has_any = False
        """Whether anything is missing so far. Nothing is in most runs."""
        self._denied: Counter[str] = Counter()
        self._skipped: Counter[str] = Counter()
        self._reason = ""
        self._unlisted: list[str] = []

    def denied(self, place: str, error: ConfluenceError) -> int:
        """Record the denial of one element; return how many places deny any."""
        with self._lock:
            self.has_any = True
            self._denied[place] += 1
            self._reason = error.message
            return len(self._denied)

    def skips(self, place: str) -> bool:
        """Return whether an element of a place need not be requested; it then counts as skipped."""
        with self._lock:
            is_closed = (
                self._denied[place] >= DENIALS_BEFORE_PLACE_IS_SKIPPED
                and place not in self.readable
            )
            self._skipped[place] += is_closed
            return is_closed

    def unlisted(self, parent_id: str) -> None:
        """Record a parent whose list Confluence does not show, or not to its end."""
        with self._lock:
            self.has_any = True
            self._unlisted.append(parent_id)

    def warn(self) -> None:
        """Log what is missing, if anything is, and forget it."""
        with self._lock:
            denied = {place: count + self._skipped[place] for place, count in self._denied.items()}
            unlisted, reason = sorted(self._unlisted), self._reason
            self._denied.clear()
            self._unlisted.clear()
        if denied:
            names = self._names()
            spaces = (f"{names.get(one, one)} ({count})" for one, count in sorted(denied.items()))
            self._logger.warning(
                f"Stream {self._stream} lacks the elements that these spaces deny to the account, "
                f"{sum(denied.values())} in all: {_some(spaces)}. {reason}"
            )
        if unlisted:
            self._logger.warning(
                f"Stream {self._stream} lacks what Confluence does not list, or not to its end, of "
                f"these trashed parents, {len(unlisted)} in all: {_some(unlisted)}."
            )


def _some(names: Iterable[str]) -> str:
    """Return the first names, and how many there are besides."""
    every = list(names)
    more = len(every) - NAMED_AT_MOST
    listed = ", ".join(every[:NAMED_AT_MOST])
    return f"{listed} and {more} more" if more > 0 else listed
