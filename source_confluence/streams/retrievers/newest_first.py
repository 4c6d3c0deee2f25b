"""Lists of records that carry a version, read newest first where only changes are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from typing_extensions import override

from source_confluence.confluence.listing import Listing
from source_confluence.confluence.records import Record
from source_confluence.streams.cursor_field import LAST_MODIFIED
from source_confluence.streams.retrievers.both_ends import from_both_ends, pages_and_gaps
from source_confluence.streams.retrievers.end_of_changes import EndOfChanges
from source_confluence.streams.retrievers.endpoint import Endpoint
from source_confluence.streams.retrievers.orders import BY_CREATION, Order
from source_confluence.streams.sync.run import ListRetriever, Slice, StreamRun

NEWEST_FIRST = "-modified-date"


class NewestFirst(ListRetriever):
    """Reads one list of the site, or what changed in it.

    Confluence sorts by modification date, but does not filter by it. What changed is read newest
    first, until several records in a row are older than wanted: one request if nothing changed. In
    spaces that the state does not cover, older records are read as well.
    """

    follows_spaces = True
    reserves = True
    """Whether its pages of results take part in the page budget; light ones never do."""

    def __init__(self, endpoint: Endpoint, stable_order: Order = BY_CREATION) -> None:
        """`stable_order` sorts the whole list such that edits move nothing."""
        self.endpoint = endpoint
        self.endpoints = (str(endpoint),)
        self._stable_order = stable_order

    @override
    def slices(self, run: StreamRun) -> Iterable[Slice]:
        return chain((run.bounds,), self.arrived_slices(run))

    def arrived_slices(self, run: StreamRun) -> Iterator[Slice]:
        """Yield slices of what is older than wanted, in spaces that the state does not cover.

        They are `{"arrivedIn": ["1", "2"], "modifiedBefore": "..."}`, bounded by start_date.
        """
        if run.arrived:
            yield {"arrivedIn": sorted(run.arrived), **bounds_of_arrived(run)}

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
        if "arrivedIn" in part:
            return self.pages_of_arrived(run, part)
        return self.pages_until(self.end_of(run, part), run, part, light=light)

    def pages_until(
        self, end: EndOfChanges | None, run: StreamRun, part: Slice, *, light: bool
    ) -> Iterator[list[Record]]:
        """Yield the pages of results of a slice, until its end is reached, or all if it has none.

        With an end they are newest first, else in the stable order.
        """
        if end is None:
            yield from self.whole_pages(run, part, light=light)
            return
        listing = self._sorted(NEWEST_FIRST, run, part, light=light)
        for page in listing.pages():
            add_time_of_version(page)
            ends_here = end.is_reached(page)
            yield page
            if ends_here:
                listing.require_readable()
                return
            del page  # or it would be kept while the next one is awaited

    def whole_pages(self, run: StreamRun, part: Slice, *, light: bool) -> Iterator[list[Record]]:
        """Yield all pages of results of a slice, from both ends of a light list if it is long.

        In a light list an empty one stands before each that follows a gap: what the server could
        not send.
        """
        order = self._stable_order
        forward = self._sorted(order.sort, run, part, light=light)
        if not forward.is_light:
            # A worker that holds room in the page budget must not wait for more.
            pages = forward.pages()
        elif run.config.num_workers == 1:
            pages = pages_and_gaps(forward)
        else:
            backward = self._sorted(f"-{order.sort}", run, part, light=light)
            pages = from_both_ends(forward, backward, order.place_of)
        for page in pages:
            add_time_of_version(page)
            yield page
            del page  # or it would be kept while the next one is awaited

    def _sorted(self, sort: str, run: StreamRun, part: Slice, *, light: bool) -> Listing:
        params = {"sort": sort, **self.params(run, part)}
        return self.endpoint.listing(run, params, light=light, reserves=self.reserves)

    def is_for_others(self, run: StreamRun) -> bool:
        """Return whether anything besides a run needs its list."""
        sync = run.sync
        others = (one for one in sync.selected_runs if one is not run)
        is_read = any(run.name in one.retriever.shared_lists for one in others)
        return is_read or sync.content.is_active

    def end_of(self, run: StreamRun, part: Slice) -> EndOfChanges | None:
        """Return what finds where a list holds nothing wanted any more, if only changes are."""
        since = part.get("modifiedSince")
        return None if since is None else end_of_changes(run, since)

    def pages_of_arrived(self, run: StreamRun, part: Slice) -> Iterator[list[Record]]:
        """Yield the pages of results that can hold the old records of spaces."""
        spaces = frozenset(part["arrivedIn"])
        return run.sync.lists[run.name].in_spaces(spaces).pages()

    def all_params(self, run: StreamRun, part: Slice) -> dict[str, Any]:
        """Return the parameters that list the records of a slice, in the order that it needs."""
        order = NEWEST_FIRST if "modifiedSince" in part else self._stable_order.sort
        return {"sort": order, **self.params(run, part)}

    def params(self, _run: StreamRun, _part: Slice) -> dict[str, Any]:
        """Return the parameters that filter the list, none by default."""
        return {}

    def select(self, run: StreamRun, page: list[Record], part: Slice) -> list[Record]:
        """Return the records of a page of results that belong to a slice and are selected."""
        since, before = part.get("modifiedSince"), part.get("modifiedBefore")
        if since is not None:
            page = [record for record in page if not self.is_older(record, since)]
        if before is not None:
            page = [record for record in page if self.is_older(record, before)]
        return self.filtered(run, page, part)

    def is_older(self, record: Record, since: str) -> bool:
        """Return whether a record did not change since a moment; one without a date always did."""
        return is_older(record, since)

    def filtered(self, _run: StreamRun, page: list[Record], _part: Slice) -> list[Record]:
        """Return the records that the config's filters select, all by default."""
        return page


def end_of_changes(run: StreamRun, since: str) -> EndOfChanges:
    """Return what finds where a list holds nothing newer; it warns once for each stream."""

    def warn() -> None:
        run.logger.warning(
            f"Confluence did not send the list of {run.name} in the order of modification: it is "
            "read to its end, so that no change is missed."
        )

    return EndOfChanges(since, lambda: run.sync.memo.once((run.name, "disorder"), warn))


def bounds_of_arrived(run: StreamRun) -> Slice:
    """Return the bounds of the old records in spaces that the state does not cover."""
    start_date = run.config.start_date
    since = {} if start_date is None else {"modifiedSince": start_date}
    return {"modifiedBefore": run.continuation.arrived_before, **since}


def is_older(record: Record, since: str) -> bool:
    """Return whether a record is older; one without a date never is."""
    modified_at = LAST_MODIFIED.value(record)
    return modified_at is not None and modified_at < since


def add_time_of_version(page: Iterable[Record]) -> None:
    """Add `lastModifiedAt` to records: a copy of their version's `createdAt`, or None."""
    for record in page:
        version = record.get("version")
        record["lastModifiedAt"] = version.get("createdAt") if isinstance(version, dict) else None
