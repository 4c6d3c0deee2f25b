"""What one stream lacks, as one warning at its end. The lock guards the counts.

Some rights are set per space: analytics, permissions, watchers. So a denial is judged by its place,
which is a space. But a 403 may also be about one page. So after a few denials in a space, and no
success there, most of it is postponed, and a few elements throughout it are still requested. If one
of them is readable, what was postponed is read; if none is, it was denied in all likelihood.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from source_confluence.confluence.errors import ConfluenceError

DENIALS_BEFORE_DOUBT = 5
SHARE_IN_A_ROW = 10
"""At most a tenth of the elements that a place has shown so far are postponed in a row: all of ten
elements are requested, 29 of 100, and about 100 of 50,000."""
NAMED_AT_MOST = 10

PlaceNames = Callable[[], Mapping[str, str]]
"""Returns the name of each place by its id; called only if a name is needed."""
Postponed = tuple[Mapping[str, Any], list[str]]
"""A slice, and the ids of some of its elements."""


class Gaps:
    """Places that deny elements, and parents whose lists cannot be read; thread-safe."""

    def __init__(self, stream: str, logger: logging.Logger, names: PlaceNames) -> None:
        self._stream = stream
        self._logger = logger
        self._names = names
        self._lock = threading.Lock()
        self.has_any = False
        """Whether anything is missing so far. Nothing is in most runs."""
        self._denied: Counter[str] = Counter()
        self._readable: set[str] = set()
        self._postponed: dict[str, list[Postponed]] = defaultdict(list)
        self._postponed_count: Counter[str] = Counter()
        self._postponed_in_a_row: Counter[str] = Counter()
        self._reopened: list[Postponed] = []
        self._reason = ""
        self._unlisted: list[str] = []

    def denied(self, place: str, error: ConfluenceError) -> int:
        """Record the denial of one element; return how many places deny any."""
        with self._lock:
            self.has_any = True
            self._denied[place] += 1
            self._reason = error.message
            return len(self._denied)

    def readable(self, place: str) -> None:
        """Record that an element of a place could be read; what was postponed there is reopened."""
        if place in self._readable:
            return
        with self._lock:
            self._readable.add(place)
            self._reopened += self._postponed.pop(place, [])
            del self._postponed_count[place]

    def postpones(self, place: str, part: Mapping[str, Any], element_id: str) -> bool:
        """Return whether an element of a slice, `part`, need not be requested now."""
        with self._lock:
            seen = self._denied[place] + self._postponed_count[place]
            in_a_row = self._postponed_in_a_row[place]
            is_doubted = self._denied[place] >= DENIALS_BEFORE_DOUBT and place not in self._readable
            if not is_doubted or in_a_row >= seen // SHARE_IN_A_ROW:
                self._postponed_in_a_row[place] = 0
                return False
            self._postponed_in_a_row[place] += 1
            self._postponed_count[place] += 1
            postponed = self._postponed[place]
            if postponed and postponed[-1][0] is part:
                postponed[-1][1].append(element_id)
            else:
                postponed.append((part, [element_id]))
            return True

    def next_reopened(self) -> Postponed | None:
        """Return a slice and those of its elements that are to be read after all; None if none."""
        if not self._reopened:
            return None
        with self._lock:
            return self._reopened.pop() if self._reopened else None

    def unlisted(self, parent_id: str) -> None:
        """Record a parent whose list Confluence does not show, or not to its end."""
        with self._lock:
            self.has_any = True
            self._unlisted.append(parent_id)

    def warn(self) -> None:
        """Log what is missing, if anything is, and forget it."""
        with self._lock:
            denied = dict(self._denied + self._postponed_count)
            postponed = self._postponed_count.total()
            unlisted, reason = sorted(self._unlisted), self._reason
            self._denied.clear()
            self._postponed_count.clear()
            self._postponed.clear()
            self._unlisted.clear()
        if denied:
            names = self._names()
            spaces = (f"{names.get(one, one)} ({count})" for one, count in sorted(denied.items()))
            doubt = (
                f" ({postponed} of them were not requested, because no other in their spaces could "
                "be read.)"
                if postponed
                else ""
            )
            self._logger.warning(
                f"Stream {self._stream} lacks the elements that these spaces deny to the account, "
                f"{sum(denied.values())} in all: {_some(spaces)}. {reason}{doubt}"
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
