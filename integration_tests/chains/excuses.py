"""Which rows of incremental streams may differ from the site, because no date shows the change.

Nothing here knows what a change of the site does: the truth before it and after it says so. A row
that changed, appeared or vanished without a new date is excused, for the fields that changed, until
an edit gives it a new date. Not excused is what the connector must find in another way: everything
in a space that was imported or granted, and the resolution of inline comments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from integration_tests.chains.destination import CURSORS, Key, cursor_value
from integration_tests.truth import Json

Rows = Mapping[str, Mapping[Key, Json]]
"""The truth: by stream, the comparable records by key."""

FOUND_WITHOUT_A_DATE = ("import space", "grant space", "resolve", "reopen")
"""The changes whose rows must arrive although they are old."""


@dataclass(frozen=True)
class Excuse:
    """In what a row may differ from the truth, and which changes of the site are the reason."""

    reasons: tuple[str, ...] = ()
    fields: frozenset[str] = frozenset()
    """The fields that may be out of date."""
    may_be_absent: bool = False
    """Whether it may be absent, or wholly out of date."""
    may_remain: bool = False
    """Whether it may be there although the truth has no such row."""

    def because(self, reason: str) -> Excuse:
        """Return the excuse with one more reason."""
        return replace(self, reasons=tuple(dict.fromkeys((*self.reasons, reason))))


class Excuses:
    """The excuses so far, by stream and key."""

    def __init__(self) -> None:
        self._excuses: dict[tuple[str, Key], Excuse] = {}
        self._before_vanishing: dict[tuple[str, Key], Excuse | None] = {}
        self._changes: dict[tuple[str, Key], list[str]] = {}

    def of(self, stream: str, key: Key) -> Excuse:
        """Return the excuse of a row; one that excuses nothing if there is none."""
        return self._excuses.get((stream, key), Excuse())

    def allow_absence(self, stream: str, keys: Iterable[Key], reason: str) -> None:
        """Excuse rows that may be absent, for a reason that is no change of the site."""
        for key in keys:
            self._excuses[stream, key] = Excuse((reason,), may_be_absent=True)

    def history(self, stream: str, key: Key) -> tuple[str, ...]:
        """Return what changed a row, in order, excused or not; a change that came again once."""
        return tuple(dict.fromkeys(self._changes.get((stream, key), ())))

    def observe(
        self, change: str, moment: float, before: Rows, after: Rows, when: str = ""
    ) -> None:
        """Record what a change of the site did to the rows.

        Args:
            change: What happened, for the summary.
            moment: The time of the change by the site's clock, in epoch milliseconds; a row whose
                cursor value is not older was edited by the change.
            before: The truth before the change.
            after: The truth after it.
            when: Said in the history of a row behind the change.
        """
        for stream in CURSORS:
            old, new = before.get(stream, {}), after.get(stream, {})
            for key in {**old, **new}:
                if old.get(key) != new.get(key):
                    self._changes.setdefault((stream, key), []).append(change + when)
                    self._observe_row((stream, key), change, moment, old.get(key), new.get(key))

    def _observe_row(
        self,
        row: tuple[str, Key],
        change: str,
        moment: float,
        old: Json | None,
        new: Json | None,
    ) -> None:
        known = self._excuses.get(row)
        if new is None:
            self._before_vanishing[row] = known
            self._set(row, replace(known or Excuse(), may_remain=True).because(change))
            return
        value = cursor_value(row[0], new)
        if value is not None and value >= moment:
            self._set(row, None)
        elif change in FOUND_WITHOUT_A_DATE:
            # What vanished with its space comes back with the excuse that it had.
            self._set(row, self._before_vanishing.pop(row, None) if old is None else None)
        elif old is None:
            excuse = replace(known or Excuse(), may_be_absent=True, may_remain=False)
            self._set(row, excuse.because(change))
        else:
            changed = {name for name in {**old, **new} if old.get(name) != new.get(name)}
            excuse = known or Excuse()
            self._set(row, replace(excuse, fields=excuse.fields | changed).because(change))

    def _set(self, row: tuple[str, Key], excuse: Excuse | None) -> None:
        if excuse is None:
            self._excuses.pop(row, None)
        else:
            self._excuses[row] = excuse
