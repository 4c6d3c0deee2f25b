"""Counts what a site has with few requests: by a search, by first pages of results, by offsets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from math import sqrt
from typing import Any

from source_confluence.confluence.client import ATTEMPTS
from source_confluence.confluence.records import Record
from source_confluence.streams.kinds import Kind
from source_confluence.streams.retrievers.by_space import MAX_SPACES_PER_REQUEST
from source_confluence.streams.retrievers.endpoint import Endpoint, cql_search
from source_confluence.streams.retrievers.newest_first import NewestFirst
from source_confluence.streams.retrievers.shrink_guard import MOST_SPACE_KEYS, count_of, quoted
from source_confluence.streams.sync.run import Slice, StreamRun, Sync

ROWS = 250
MOST_PAGES_OF_RESULTS = 5
"""A list that nothing else counts is listed up to here: 1,250 labels, or 1,000 groups."""
PROBES = 4
"""How often the end of a list of REST v1 is narrowed down. Between 100 and 10,000 rows that leaves
an error of 15 %."""


@dataclass(frozen=True)
class Sample:
    """The first rows of a list, without bodies."""

    rows: list[Record]
    has_more: bool

    def of_status(self, *statuses: str) -> int:
        """Return how many rows have one of some statuses."""
        return sum(row.get("status") in statuses for row in self.rows)

    def edited(self) -> int:
        """Return how many rows are not at version 1."""
        versions = [version for row in self.rows if isinstance(version := row.get("version"), dict)]
        return sum(version.get("number") != 1 for version in versions)

    def created(self) -> list[str]:
        """Return when the rows were created, in order: those at version 1, which say so."""
        versions = [version for row in self.rows if isinstance(version := row.get("version"), dict)]
        moments = [one.get("createdAt") for one in versions if one.get("number") == 1]
        return sorted(str(moment) for moment in moments if moment)

    def share(self, count: int) -> float:
        """Return which share of the rows a number of them is."""
        return count / max(1, len(self.rows))

    def raised(self, found: int) -> float:
        """Return how many there are if a search finds the current ones, as many as here."""
        return found / max(0.1, self.share(self.of_status("current")))

    def __add__(self, other: Sample) -> Sample:
        """Return both together."""
        return Sample([*self.rows, *other.rows], self.has_more)


class Counting:
    """Counts within the spaces that the config selects, or on the whole site."""

    def __init__(self, sync: Sync) -> None:
        """Raises ConfigError if the config names a space that the account does not see."""
        self.sync = sync
        self._clause = ""
        keys, excluded = sync.spaces.named_keys(), sync.config.excluded_space_keys
        if keys and len(keys) <= MOST_SPACE_KEYS:
            self._clause = f" and space in ({','.join(map(quoted, keys))})"
        elif excluded and not keys and len(excluded) <= MOST_SPACE_KEYS:
            self._clause = f" and space not in ({','.join(map(quoted, excluded))})"
        is_few = 0 < len(keys) <= MAX_SPACES_PER_REQUEST
        self.spaces: Slice = {"spaceIds": sync.spaces.ids()} if is_few else {}
        """The spaces that a list can be filtered by; empty if it is not."""
        self.is_filtered = sync.spaces.is_active
        self.is_whole = self.is_filtered and not self._clause
        """Whether searches count the whole site, because the filter is too long for them."""
        self.lists_all = self.is_filtered and not is_few
        """Whether lists of pages and blog posts hold more than the filters select."""

    def found(self, of: str, *, everywhere: bool = False, attempts: int = ATTEMPTS) -> int:
        """Return how much current content a search counts, within the filter of spaces."""
        return count_of(self._run, of if everywhere else of + self._clause, attempts=attempts)

    def found_in_archived_spaces(self, of: str, found: int) -> int:
        """Return how many of those that a search has found lie in archived spaces.

        Another search does not know archived spaces.
        """
        params = {"cql": of + self._clause, "limit": 1}
        total = cql_search().get(self._run, params).body.get("totalSize")
        return max(0, found - total) if isinstance(total, int) else 0

    def rows_of(self, of: str) -> tuple[list[Any], int]:
        """Return the first rows of a search, and how many it counts."""
        params = {"cql": of + self._clause, "limit": ROWS, "includeArchivedSpaces": "true"}
        response = cql_search("search", {"excerpt": "none"}).get(self._run, params)
        total = response.body.get("totalSize")
        return response.results, total if isinstance(total, int) else len(response.results)

    def sample(self, kind: Kind, part: Slice | None = None, **params: str) -> Sample:
        """Return the first rows of a list, in the order that a full sync reads it."""
        run = self.sync.runs[kind.name]
        retriever = run.retriever
        if not isinstance(retriever, NewestFirst):
            raise TypeError(f"{kind.name} is no list of versions")
        wanted = {**retriever.all_params(run, part or {}), **params}
        listing = retriever.endpoint.listing(run, wanted, light=True)
        return Sample(*listing.first_page(ROWS))

    @property
    def _run(self) -> StreamRun:
        return self.sync.stream_runs[0]


def length(pages: Iterable[list[Record]], most: int = MOST_PAGES_OF_RESULTS) -> tuple[int, bool]:
    """Return how many rows a list has at least, and whether that is all of them."""
    sizes = [len(page) for page in islice(pages, most)]
    return sum(sizes), len(sizes) < most


def share_of(one: Sample, other: Sample) -> float:
    """Return the share of one kind among both, in the time that both samples cover."""
    first, second = one.created(), other.created()
    if not first or not second:
        return 0.5
    until = min(first[-1], second[-1])
    counts = [sum(moment <= until for moment in moments) for moments in (first, second)]
    return counts[0] / sum(counts)


def length_by_offset(
    run: StreamRun, endpoint: Endpoint, params: Slice, shortest: int, longest: int
) -> float:
    """Return about how many rows a list of REST v1 has, from `shortest` to `longest`."""
    low, high = float(shortest), float(longest)
    for _ in range(PROBES):
        middle = sqrt(low * high)
        rows = endpoint.get(run, {**params, "start": int(middle), "limit": 1}).results
        low, high = (middle, high) if rows else (low, middle)
    return sqrt(low * high)
