"""Lists of records that carry a version, read newest first where only changes are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from typing_extensions import override

from source_confluence.confluence.records import Record
from source_confluence.streams.cursor_field import LAST_MODIFIED
from source_confluence.streams.retrievers.endpoint import Endpoint
from source_confluence.streams.sync.run import ListRetriever, Slice, StreamRun

NEWEST_FIRST = "-modified-date"


class NewestFirst(ListRetriever):
    """Reads one list of the site, or what changed in it.

    Confluence sorts by modification date, but does not filter by it. What changed is read newest
    first, until a page of results ends with something older than wanted: one request if nothing
    changed.
    """

    reserves = True
    """Whether its pages of results take part in the page budget; light ones never do."""

    def __init__(self, endpoint: Endpoint, stable_order: str = "created-date") -> None:
        """`stable_order` sorts the whole list such that edits move nothing."""
        self.endpoint = endpoint
        self.endpoints = (str(endpoint),)
        self._stable_order = stable_order

    @override
    def slices(self, run: StreamRun) -> Iterable[Slice]:
        return (run.bounds,)

    def light_slices(self, _run: StreamRun) -> Iterable[Slice]:
        """Yield the slices that hold the whole list, for streams that need it without bodies."""
        return ({},)

    @override
    def read(self, run: StreamRun, part: Slice) -> Iterator[Record]:
        """Yield the records of a slice, each with its `lastModifiedAt`."""
        recent = run.recent_keys()
        for page in self.pages(run, part):
            yield from recent.fresh(self.select(run, page, part))
            del page  # or it would be kept while the next one is awaited

    @override
    def light_pages(self, run: StreamRun, since: str | None = None) -> Iterator[list[Record]]:
        for part in self.light_slices(run):
            bounds = part if since is None else {**part, "modifiedSince": since}
            yield from self.pages(run, bounds, light=True)

    @override
    def selected(self, run: StreamRun, page: list[Record]) -> list[Record]:
        return self.select(run, page, {})

    @override
    def first_record(self, run: StreamRun) -> Record | None:
        return self.endpoint.first_record(run, self.all_params(run, {}))

    def pages(self, run: StreamRun, part: Slice, *, light: bool = False) -> Iterator[list[Record]]:
        """Yield the pages of results that can hold records of a slice."""
        since = part.get("modifiedSince")
        params = self.all_params(run, part)
        listing = self.endpoint.listing(run, params, light=light, reserves=self.reserves)
        for page in listing.pages():
            add_time_of_version(page)
            ends_here = is_past(page, since)
            yield page
            if ends_here:
                listing.require_readable()
                return
            del page  # or it would be kept while the next one is awaited

    def all_params(self, run: StreamRun, part: Slice) -> dict[str, Any]:
        """Return the parameters that list the records of a slice, in the order that it needs."""
        order = NEWEST_FIRST if "modifiedSince" in part else self._stable_order
        return {"sort": order, **self.params(run, part)}

    def params(self, _run: StreamRun, _part: Slice) -> dict[str, Any]:
        """Return the parameters that filter the list, none by default."""
        return {}

    def select(self, run: StreamRun, page: list[Record], part: Slice) -> list[Record]:
        """Return the records of a page of results that belong to a slice and are selected."""
        since = part.get("modifiedSince")
        if since is not None:
            page = [record for record in page if not is_older(record, since)]
        return self.filtered(run, page, part)

    def filtered(self, _run: StreamRun, page: list[Record], _part: Slice) -> list[Record]:
        """Return the records that the config's filters select, all by default."""
        return page


def is_older(record: Record, since: str) -> bool:
    """Return whether a record is older; one without a date never is."""
    modified_at = LAST_MODIFIED.value(record)
    return modified_at is not None and modified_at < since


def is_past(page: list[Record], since: str | None) -> bool:
    """Return whether a page of results, newest first, ends with something older than wanted."""
    return since is not None and bool(page) and is_older(page[-1], since)


def add_time_of_version(page: Iterable[Record]) -> None:
    """Add `lastModifiedAt` to records: a copy of their version's `createdAt`, or None."""
    for record in page:
        version = record.get("version")
        record["lastModifiedAt"] = version.get("createdAt") if isinstance(version, dict) else None
