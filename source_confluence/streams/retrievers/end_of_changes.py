"""Where a list that is sorted newest first holds nothing newer any more."""

from __future__ import annotations

from collections.abc import Callable

from source_confluence.confluence.records import Record
from source_confluence.streams.cursor_field import LAST_MODIFIED

OLDER_ROWS = 10
"""This many older records in a row end the changes: one of them may be out of place."""


class EndOfChanges:
    """Follows one list, newest first, page of results by page of results.

    Atlassian documents the order, but other connectors met lists that did not keep it and missed
    whatever stood behind the first old record. So the end counts only as long as the order held;
    else the list is read to its own end.
    """

    def __init__(self, since: str, warn: Callable[[], None]) -> None:
        """Records older than `since` are not wanted; `warn` is called if the order is broken."""
        self._since = since
        self._warn = warn
        self._previous: str | None = None
        self._older_in_a_row = 0
        self._is_ordered = True

    @property
    def was_reached(self) -> bool:
        """Whether nothing newer follows the pages of results so far."""
        return self._is_ordered and self._older_in_a_row >= OLDER_ROWS

    def is_reached(self, page: list[Record]) -> bool:
        """Return whether nothing newer follows the next page of results, `page`."""
        for record in page:
            self._follow(LAST_MODIFIED.value(record))
        return self.was_reached

    def _follow(self, modified_at: str | None) -> None:
        if modified_at is None:  # it counts as new
            self._older_in_a_row = 0
            return
        if self._is_ordered and self._previous is not None and modified_at > self._previous:
            self._is_ordered = False
            self._warn()
        self._previous = modified_at
        self._older_in_a_row = self._older_in_a_row + 1 if modified_at < self._since else 0
