"""What the log says about a sync in numbers, and how it writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from source_confluence.confluence.meter import Meter
from source_confluence.confluence.rate_limiter import RateLimiter
from source_confluence.streams.sync.stream_progress import StreamProgress

UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
FEW_PER_SECOND = 10
"""Fewer than these are shown with a decimal."""


@dataclass(frozen=True)
class Figures:
    """Where the numbers of one sync come from."""

    streams: Mapping[str, StreamProgress]
    """The streams that are read, by name, in order."""
    record_counts: Mapping[str, int]
    """The records that have arrived, by stream."""
    meter: Meter
    rate_limiter: RateLimiter

    def counts(self) -> dict[str, int]:
        """Return how many records of each stream have arrived."""
        return {name: self.record_counts.get(name, 0) for name in self.streams}


def amount(count: int, noun: str) -> str:
    """Return a count with its noun, such as `1 record` or `1,200 records`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def rate(count: int, seconds: float) -> str:
    """Return a rate, such as `8.1/s` or `230/s`."""
    per_second = count / seconds if seconds > 0 else 0.0
    return f"{per_second:,.0f}/s" if per_second >= FEW_PER_SECOND else f"{per_second:.1f}/s"


def duration(seconds: float, parts: int = 2) -> str:
    """Return a time in at most `parts` of its largest units: `45 s`, `1 min 30 s`, `2 h 5 min`."""
    left = round(seconds)
    smallest = _units(left, parts)[-1][1]
    left = round(left / smallest) * smallest
    texts: list[str] = []
    for unit, length in _units(left, parts):
        count, left = divmod(left, length)
        if count or not texts:
            texts.append(f"{count} {unit}")
    return " ".join(texts)


def _units(seconds: int, parts: int) -> tuple[tuple[str, int], ...]:
    largest = next((n for n, (_, length) in enumerate(UNITS) if seconds >= length), len(UNITS) - 1)
    return UNITS[largest : largest + parts]
