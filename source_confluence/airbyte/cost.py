"""`source-confluence cost`: how many requests a sync takes, and how long, before anyone starts it.

For people: a plain table on stdout, the expensive streams first. Log messages go to stderr.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from textwrap import fill

from source_confluence.airbyte.check import require_known_user
from source_confluence.airbyte.figures import amount
from source_confluence.streams.preview.cost import Costs, Part, SiteSizes, duration, total_of
from source_confluence.streams.preview.site_sizes import SizeEstimate
from source_confluence.streams.sync.run import Sync

WIDTH = 100
MOST_NAMES = 4
"""How many streams a row of the table names."""
COUNTED = {
    "P": "pages",
    "B": "blog posts",
    "A": "attachments",
    "C": "footer comments",
    "I": "inline comments",
    "K": "custom content",
    "S": "spaces",
    "L": "labels",
    "G": "groups",
    "U": "users",
    "T": "tasks",
}
"""What the sizes of a site are called in the report."""
LATER = (
    "A later sync is one in which nothing has changed since the first one. In a list, 250 changed "
    "records cost one request more; a changed parent costs one for its versions."
)


@dataclass(frozen=True)
class Rate:
    """How many requests a sync sends per second at most."""

    workers: int
    latency: float
    """Seconds from a request to its response."""
    ceiling: float | None
    """What the user allows; None leaves it to Confluence."""

    @property
    def per_second(self) -> float:
        """Return the smaller one of what the workers and the user allow."""
        reached = self.workers / max(self.latency, 0.001)
        return reached if self.ceiling is None else min(reached, self.ceiling)

    def __str__(self) -> str:
        """Return what it follows from, in a sentence."""
        allowed = (
            "No requests_per_second is set."
            if self.ceiling is None
            else f"requests_per_second allows {self.ceiling:g}."
        )
        return (
            f"Times are at {self.per_second:.3g} requests per second. {self.workers} workers reach "
            f"{self.workers / max(self.latency, 0.001):.3g} at {self.latency:.2f} s per response, "
            f"as measured now. {allowed} Confluence may limit the account to less."
        )


def report(sync: Sync, incremental: Collection[str], requests_per_second: float | None) -> str:
    """Return what a sync of the selected streams costs, as a text.

    `incremental` names those that continue from a state. Raises ConfluenceError if the site cannot
    be read, or if the config is wrong.
    """
    started_at = sync.connection.clock.monotonic()
    require_known_user(sync)
    first, later = (Costs(sync, incremental, is_first=is_first) for is_first in (True, False))
    estimate = SizeEstimate(sync, first.sizes() | later.sizes())
    sizes = estimate.measure()
    requests, limiter = sync.connection.meter.total(), sync.connection.client.rate_limiter
    elapsed = sync.connection.clock.monotonic() - started_at
    rate = Rate(
        sync.config.num_workers,
        max(0.0, elapsed - limiter.waited) / max(1, requests),
        requests_per_second or sync.config.requests_per_second,
    )
    parts = first.parts(sizes), later.parts(sizes)
    sentences = [str(rate), LATER, _basis(sizes, requests), *estimate.notes]
    paragraphs = [fill(one, WIDTH) for one in sentences]
    return "\n".join([*_table(*parts, rate.per_second), "", *paragraphs])


def _basis(sizes: SiteSizes, requests: int) -> str:
    counts = []
    for name, what in COUNTED.items():
        if name in sizes.selected:
            selected, listed = round(sizes.selected[name]), round(sizes.listed[name])
            of = "" if selected == listed else f" of {listed:,}"
            counts.append(f"{selected:,}{of} {what}")
    return (
        f"Estimated from {amount(requests, 'request')}: {', '.join(counts) or 'nothing to count'}. "
        "A search counts current content only; the rest follows from samples of 250 records."
    )


def _table(first: list[Part], later: list[Part], per_second: float) -> Iterator[str]:
    """Yield the lines of the table: what costs most comes first, the total last."""
    parts: dict[tuple[str, str], Part] = {}
    for one in (*first, *later):
        known = parts.setdefault((one.what, one.name), one).streams
        streams = tuple(dict.fromkeys((*known, *one.streams)))
        parts[one.what, one.name] = replace(one, streams=streams)
    costs = [{(one.what, one.name): one.requests for one in parts} for parts in (first, later)]
    yield f"{'first sync':>18} {'later sync':>19}"
    yield f"{'requests':>10} {'time':>8} {'requests':>10} {'time':>8}"
    for key in sorted(parts, key=lambda key: (-max(cost.get(key, 0) for cost in costs), key)):
        if any(cost.get(key) for cost in costs):
            cells = (_cells(cost.get(key, 0), per_second) for cost in costs)
            yield f"{' '.join(cells)}  {_label(parts[key])}"
    totals = (_cells(total_of(one), per_second) for one in (first, later))
    yield f"{' '.join(totals)}  total"
    free = _free(parts, costs)
    if free:
        yield f"\nNo further requests for: {', '.join(free)}."


def _free(
    parts: Mapping[tuple[str, str], Part], costs: Iterable[Mapping[tuple[str, str], int]]
) -> list[str]:
    """Return the streams that no row but that of a list counts."""
    paid = {
        stream
        for key, part in parts.items()
        if part.what != "list" and any(cost.get(key) for cost in costs)
        for stream in part.streams
    }
    named = dict.fromkeys(stream for part in parts.values() for stream in part.streams)
    return [stream for stream in named if stream not in paid]


def _cells(requests: int, per_second: float) -> str:
    return f"{requests:>10,} {duration(requests / per_second):>8}"


def _label(part: Part) -> str:
    if part.what == "list":
        return f"list {part.name}, for {_names(part.streams)}"
    if part.what == "by id":
        return f"one GET for each of the {part.name}: {_names(part.streams)}"
    return _names(part.streams)


def _names(streams: tuple[str, ...]) -> str:
    more = len(streams) - MOST_NAMES
    named = ", ".join(streams[:MOST_NAMES])
    return f"{named} and {more} more" if more > 0 else named
