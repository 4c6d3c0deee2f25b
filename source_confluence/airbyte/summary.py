"""The table at the end of a sync: a log message for each row.

Airbyte shows a log line by line, and need not keep line breaks or spaces within a message. So each
row can be read by itself, and the padding alone makes a table of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from source_confluence.airbyte.figures import Figures, amount, duration

BEFORE = "(before the streams)"
"""What is needed to know what to read, such as the spaces that the config names."""
TOTAL = "total"


def table(figures: Figures, seconds: float) -> Iterator[str]:
    """Yield a title and the rows: each stream in order, then all of them.

    `seconds` is how long the sync took.
    """
    streams, meter, counts = figures.streams, figures.meter, figures.counts()
    requests = {name: meter.requests(name) for name in streams}
    others = meter.total() - sum(requests.values())
    statuses = Counter(one.status for one in streams.values())
    summed_up = ", ".join(f"{count} {status}" for status, count in statuses.items())
    names = [*streams, TOTAL, *([BEFORE] if others else [])]
    layout = _Layout(max(map(len, names)), sum(counts.values()), meter.total(), seconds)
    yield f"Read {amount(len(streams), 'stream')} in {duration(seconds)}: {summed_up or 'none'}."
    for name, one in streams.items():
        yield layout.row(name, counts[name], requests[name], one.seconds, one.status)
    if others:
        yield layout.row(BEFORE, 0, others, None, "")
    waited = f"waited {duration(figures.rate_limiter.waited)} for rate limits"
    yield layout.row(TOTAL, sum(counts.values()), meter.total(), seconds, waited)


class _Layout:
    """How wide the columns are: numbers end, and texts begin, below one another."""

    def __init__(self, name: int, records: int, requests: int, seconds: float) -> None:
        """`name` is the length of the longest name; the others are the largest numbers."""
        self._name = name
        self._records = len(f"{records:,}")
        self._requests = len(f"{requests:,}")
        self._seconds = len(f"{seconds:,.1f} s")

    def row(
        self, name: str, records: int, requests: int, seconds: float | None, status: str
    ) -> str:
        """Return a row; `seconds` is None for what was not begun."""
        took = "-" if seconds is None else f"{seconds:,.1f} s"
        cells = (
            f"{name:<{self._name}}",
            _cell(records, "record", self._records),
            _cell(requests, "request", self._requests),
            f"{took:>{self._seconds}}",
            status,
        )
        return "  ".join(cells).rstrip()


def _cell(count: int, noun: str, width: int) -> str:
    return f"{count:>{width},} {noun}{' ' if count == 1 else 's'}"
