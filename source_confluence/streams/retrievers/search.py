"""CQL searches that find each thing once, and say so if they found less than they counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from source_confluence.confluence.pagination import SearchPagination
from source_confluence.confluence.records import Record
from source_confluence.streams.retrievers.endpoint import cql_search
from source_confluence.streams.sync.run import StreamRun

ORDERS = ("created asc", "created desc")
"""The order of each pass. Without one, rows come in another order each time, and paging drops some
(measured by mozilla/markfluence: 289 of about 293). What one pass drops where two pages of results
meet, the reverse order has elsewhere."""
PARAMS = {"includeArchivedSpaces": "true", "excerpt": "none"}
"""content/search cannot see archived spaces; this one can (langchain-community #328)."""


class Search:
    """Finds content in current and in archived spaces. GET /wiki/rest/api/search."""

    def __init__(self) -> None:
        self.endpoint = cql_search("search", PARAMS)

    def pages(self, run: StreamRun, clauses: Iterable[str]) -> Iterator[list[Record]]:
        """Yield what some clauses find, as pages of `{"id": "1"}`; each id once.

        A search that sends fewer rows than it counts is repeated in reverse order. If it is still
        short, or if empty pages of results ended it, one warning says so. Raises ConfluenceError.
        """
        searches = []
        seen: set[str] = set()
        for clause in clauses:
            searches.append(_Passes(self, run, clause))
            for ids in searches[-1].pages():
                fresh = [content_id for content_id in dict.fromkeys(ids) if content_id not in seen]
                seen.update(fresh)
                yield [{"id": content_id} for content_id in fresh]
        if any(one.is_doubtful for one in searches):
            found = sum(one.found for one in searches)
            counted = sum(max(one.found, one.counted) for one in searches)
            run.logger.warning(
                f"A search for {run.name} ended after {found} of about {counted} results: "
                "content that Confluence's search leaves out may be missing."
            )


class _Passes:
    """One search, read once or twice, and how much of it came."""

    def __init__(self, search: Search, run: StreamRun, clause: str) -> None:
        self._search = search
        self._run = run
        self._clause = clause
        self._ids: set[str] = set()
        self._others = 0
        self.counted = 0
        """How many rows the last pass counts: an estimate."""
        self.is_doubtful = False
        """Whether rows are missing, or may be."""

    @property
    def found(self) -> int:
        """How many different rows came."""
        return len(self._ids) + self._others

    def pages(self) -> Iterator[list[str]]:
        """Yield the ids of the content on each page of results."""
        for order in ORDERS:
            pagination = SearchPagination()
            endpoint = replace(self._search.endpoint, pagination=pagination)
            cql = f"{self._clause} order by {order}"
            others = 0
            for page in endpoint.listing(self._run, {"cql": cql}, light=True).pages():
                ids = [found for row in page if (found := content_id_of(row)) is not None]
                others += len(page) - len(ids)
                self._others = max(self._others, others)
                self._ids.update(ids)
                yield ids
            self.counted = pagination.counted
            is_short = self.found < self.counted
            self.is_doubtful = is_short or pagination.ended_on_empty_pages
            if not is_short:
                return


def content_id_of(row: Any) -> str | None:
    """Return the id of the content in a row of a search; None for a row of anything else."""
    content = row.get("content") if isinstance(row, dict) else None
    found = content.get("id") if isinstance(content, dict) else None
    return str(found) if isinstance(found, str | int) and found else None
