"""Content that lies in spaces: pages and blog posts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from typing_extensions import override

from source_confluence.confluence.errors import ServerError
from source_confluence.confluence.records import Record
from source_confluence.streams.kinds import SPACE, Kind
from source_confluence.streams.retrievers.endpoint import v2
from source_confluence.streams.retrievers.newest_first import (
    NewestFirst,
    add_time_of_version,
    is_past,
)
from source_confluence.streams.sync.run import Slice, StreamRun

SLICES_PER_WORKER = 2
MAX_SPACES_PER_REQUEST = 100


class BySpace(NewestFirst):
    """Reads the pages or blog posts of the selected spaces, or those that the config's CQL finds.

    A first sync reads batches of spaces at the same time, in the order of ids; a later one reads
    what changed, newest first.
    """

    def __init__(self, kind: Kind, always: tuple[str, ...] = ()) -> None:
        """`always` names statuses that are read even if the config does not select them."""
        super().__init__(v2(kind.path, has_bodies=True), stable_order="id")
        self.shared_lists = (SPACE.name,)
        self.kind = kind
        self._always = always

    def statuses(self, run: StreamRun) -> tuple[str, ...]:
        """Return the statuses to request."""
        return tuple(dict.fromkeys((*self._always, *self.selected_statuses(run))))

    def selected_statuses(self, run: StreamRun) -> list[str]:
        """Return the statuses of the config that this content can have."""
        return [one for one in run.config.content_statuses if one in self.kind.statuses]

    @override
    def slices(self, run: StreamRun) -> Iterator[Slice]:
        """Yield the parts that can be read at the same time.

        They are batches of spaces, `{"spaceIds": [...]}`, or of what the config's CQL finds,
        `{"ids": [...]}`; with `{"modifiedSince": "..."}` if only what changed since then is wanted,
        and that alone if one list has all of it. A first sync that resumes also reads the edits of
        what it had done before, `{"isDone": True, ...}`: a space that can never be read must not
        keep the others from being updated.
        """
        if self.statuses(run):
            for part in self._slices(run):
                yield {**run.bounds, **part}

    @override
    def light_slices(self, run: StreamRun) -> Iterable[Slice]:
        if not self.statuses(run):
            return ()
        return self._found(run) if run.config.cql is not None else few_spaces(run)

    @override
    def params(self, run: StreamRun, part: Slice) -> dict[str, Any]:
        params = {"status": ",".join(self.statuses(run))}
        if "spaceIds" in part:
            params["space-id"] = ",".join(part["spaceIds"])
        if "ids" in part:
            params["id"] = ",".join(part["ids"])
        return params

    @override
    def filtered(self, run: StreamRun, page: list[Record], part: Slice) -> list[Record]:
        spaces = run.sync.spaces
        if spaces.is_active and "spaceIds" not in part:
            page = [record for record in page if spaces.has(record.get("spaceId"))]
        if part.get("isDone"):
            done = run.state.done_space_ids
            page = [record for record in page if record.get("spaceId") in done]
        if run.config.cql is not None and "ids" not in part:
            found = run.sync.content.found_ids(self.kind) or ()
            page = [record for record in page if record.get("id") in found]
        return page

    @override
    def probe(self, run: StreamRun) -> None:
        """Request one record, unless there is no status to request."""
        if self.statuses(run):
            super().probe(run)

    def _slices(self, run: StreamRun) -> Iterable[Slice]:
        state = run.state
        if not state.wants_first_sync:
            return few_spaces(run)
        if run.config.cql is not None:
            return self._found(run)
        if not state.first_sync and not run.sync.spaces.is_active and self._fits_one_page(run):
            return ({},)
        batches = run.sync.spaces.batches(
            done=state.done_space_ids,
            wanted=SLICES_PER_WORKER * run.config.num_workers,
            largest=MAX_SPACES_PER_REQUEST,
        )
        return chain(({"spaceIds": batch} for batch in batches), _edits_of_done(run))

    def _found(self, run: StreamRun) -> list[Slice]:
        ids = sorted(run.sync.content.found_ids(self.kind) or ())
        size = self.endpoint.page_size
        return [{"ids": ids[first : first + size]} for first in range(0, len(ids), size)]

    def _fits_one_page(self, run: StreamRun) -> bool:
        """One light request saves a small site a listing of spaces, and a request per batch."""
        listing = self.endpoint.listing(run, self.all_params(run, run.bounds))
        try:
            page, has_more = listing.first_page(self.endpoint.page_size)
        except ServerError:  # the listing will request smaller pages at once
            return False
        add_time_of_version(page)
        return not has_more or is_past(page, run.since)


def few_spaces(run: StreamRun) -> Iterable[Slice]:
    """Yield slices of the selected spaces if those are few, else one slice of everything."""
    spaces = run.sync.spaces
    if not spaces.is_active or not spaces.selects_at_most(MAX_SPACES_PER_REQUEST):
        return ({},)
    batches = spaces.batches(wanted=1, largest=MAX_SPACES_PER_REQUEST)
    return ({"spaceIds": batch} for batch in batches)


def _edits_of_done(run: StreamRun) -> Iterator[Slice]:
    first_sync = run.state.first_sync
    if first_sync and first_sync.done_space_ids:
        yield {"isDone": True, "modifiedSince": first_sync.started_at}
