"""Compares a destination's tables with the site, record by record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from integration_tests.chains.destination import KEYS, Key
from integration_tests.chains.excuses import Excuse, Excuses
from integration_tests.confluence_emulator import Controls
from integration_tests.truth import Json, comparable, expected, key_of


@dataclass(frozen=True)
class Mismatch:
    """A row that differs from the truth without an excuse."""

    stream: str
    key: Key
    what: str
    """missing, extra, repeated, or the names of the fields that differ."""
    history: tuple[str, ...] = ()
    """What changed the row before."""


@dataclass
class Comparison:
    """What a comparison found."""

    mismatches: list[Mismatch] = field(default_factory=list)
    excused: Counter[str] = field(default_factory=Counter)
    """How many rows differ with an excuse, by its reasons."""
    rows: int = 0
    """How many rows the truth has."""


def truth_of(emulator: Controls, streams: Collection[str]) -> dict[str, dict[Key, Json]]:
    """Return what the account sees now: by stream, the comparable records by key."""
    return {
        stream: {
            key_of(record, KEYS[stream]): comparable(record)
            for record in expected(emulator, stream)
        }
        for stream in streams
    }


def compare(
    tables: Mapping[str, Mapping[Key, Json]],
    truth: Mapping[str, Mapping[Key, Json]],
    excuses: Excuses,
) -> Comparison:
    """Return how tables differ from the truth."""
    comparison = Comparison()
    for stream, rows in truth.items():
        table = tables.get(stream, {})
        comparison.rows += len(rows)
        for key in sorted({*rows, *table}, key=str):
            what, is_excused = _difference(table.get(key), rows.get(key), excuses.of(stream, key))
            if what and is_excused:
                comparison.excused[" + ".join(excuses.of(stream, key).reasons)] += 1
            elif what:
                history = excuses.history(stream, key)
                comparison.mismatches.append(Mismatch(stream, key, what, history))
    return comparison


def _difference(found: Json | None, wanted: Json | None, excuse: Excuse) -> tuple[str, bool]:
    """Return in what a row differs, empty if in nothing, and whether that is excused."""
    if found is None:
        return "missing", excuse.may_be_absent
    if wanted is None:
        return "extra", excuse.may_remain
    found = comparable(found)
    changed = {name for name in {**found, **wanted} if found.get(name) != wanted.get(name)}
    return ", ".join(sorted(changed)), excuse.may_be_absent or changed <= excuse.fields


def lines_about(mismatches: Iterable[Mismatch]) -> list[str]:
    """Return a line for each way in which rows of a stream are wrong, with some of their keys."""
    found: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for one in mismatches:
        kind = (one.stream, one.what, one.history)
        found.setdefault(kind, []).append("/".join(map(str, one.key)))
    return [
        f"{stream}: {len(keys)} {what}, after: {', '.join(history)}; {' '.join(keys[:3])}"
        for (stream, what, history), keys in found.items()
    ]
