"""Content that lies in spaces: pages and blog posts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from typing_extensions import override

from source_confluence.confluence.errors import NotFound
from source_confluence.confluence.records import Record, id_of, ids_of
from source_confluence.streams.kinds import Kind
from source_confluence.streams.retrievers.endpoint import BODY_PARAM, v2
from source_confluence.streams.retrievers.first_sync import (
    IDS_PER_PART,
    IDS_PER_REQUEST,
    Parts,
    Reach,
)
from source_confluence.streams.retrievers.newest_first import NewestFirst, add_time_of_version
from source_confluence.streams.retrievers.orders import BY_ID
from source_confluence.streams.state import FirstSync, order_of
from source_confluence.streams.sync.run import Slice, StreamRun
from source_confluence.streams.sync.shared_list import ReplayableList, each_once

MAX_SPACES_PER_REQUEST = 100
FEW_MISSING = 10
"""Up to this many are requested one by one: most were deleted since they were listed."""


class BySpace(NewestFirst):
    """Reads the pages or blog posts of the selected spaces, or those that the config's CQL finds.

    A first sync lists them without bodies, in the order of ids, and requests the bodies by id, many
    at the same time: neither a giant space nor a page that moves to another one changes that. A
    later sync reads what changed, newest first.
    """

    def __init__(self, kind: Kind, always: tuple[str, ...] = ()) -> None:
        """`always` names statuses that are read even if the config does not select them."""
        super().__init__(v2(kind.path, has_bodies=True), BY_ID)
        self.shared_lists = (kind.name,)
        self.kind = kind
        self._always = always
        self._by_id = v2(f"{kind.path}/{{id}}", has_bodies=True)

    def statuses(self, run: StreamRun) -> tuple[str, ...]:
        """Return the statuses to request."""
        return tuple(dict.fromkeys((*self._always, *self.selected_statuses(run))))

    def selected_statuses(self, run: StreamRun) -> list[str]:
        """Return the statuses of the config that this content can have."""
        return [one for one in run.config.content_statuses if one in self.kind.statuses]

    @override
    def slices(self, run: StreamRun) -> Iterator[Slice]:
        """Yield the parts that can be read at the same time.

        A first sync has a part for some ids, `{"ids": "1,2,3"}`, of the light list or of what the
        config's CQL found; without bodies it has one for each page of results of the light list,
        `{"listed": 3}`. In the order of ids they say how far they go,
        `{"upTo": "123"}` or `{"fromOn": "789"}`, so that the sync can be resumed; then it
        also reads what changed in what was done, `{"isDone": True, "modifiedSince": ...}`. A later
        sync has one part for what changed, and others for spaces that its state does not cover.
        """
        if not self.statuses(run):
            return
        if not run.state.wants_first_sync:
            yield from ({**run.bounds, **part} for part in few_spaces(run))
        elif run.config.cql is not None:
            found = self._found(run, IDS_PER_PART, run.state.first_sync)
            yield from ({**run.bounds, **part} for part in found)
        elif run.config.body_format == "none":
            yield from self._listed(run)
        else:
            yield from self._to_get(run)
        first_sync = run.state.first_sync
        if first_sync and first_sync.has_begun:
            yield {"isDone": True, "modifiedSince": first_sync.started_at}
        yield from self.arrived_slices(run)

    @override
    def arrived_slices(self, run: StreamRun) -> Iterator[Slice]:
        first_sync = run.state.first_sync
        if first_sync and not first_sync.has_begun:
            return
        done = {"isDone": True} if first_sync else {}
        for part in super().arrived_slices(run):
            for batch in batches(part["arrivedIn"]):
                yield {**part, **done, "arrivedIn": batch}

    @override
    def light_slices(self, run: StreamRun) -> Iterable[Slice]:
        if not self.statuses(run):
            return ()
        if run.config.cql is not None:
            return self._found(run, IDS_PER_REQUEST)
        return few_spaces(run)

    @override
    def read(self, run: StreamRun, part: Slice) -> Iterator[Record]:
        if "listed" in part:
            return self._read_listed(run, part)
        if "records" in part:
            return iter(part["records"])
        if "ids" in part:
            return self._with_bodies(run, part["ids"].split(","), part)
        return super().read(run, part)

    @override
    def light_pages(self, run: StreamRun, since: str | None = None) -> Iterator[list[Record]]:
        if since is not None:
            yield from super().light_pages(run, since)
            return
        for part in self.light_slices(run):
            yield from self.whole_pages(run, part, light=True)

    @override
    def light_pages_in(self, run: StreamRun, spaces: frozenset[str]) -> Iterator[list[Record]]:
        """Yield what lies in some spaces, in every status.

        What is selected may be contained in content that is not.
        """
        for batch in batches(sorted(spaces)):
            yield from self.pages(
                run, {"spaceIds": batch, "statuses": self.kind.statuses}, light=True
            )

    @override
    def pages_of_arrived(self, run: StreamRun, part: Slice) -> Iterator[list[Record]]:
        return self.pages(run, {"spaceIds": part["arrivedIn"]})

    @override
    def params(self, run: StreamRun, part: Slice) -> dict[str, Any]:
        params = {"status": ",".join(part.get("statuses") or self.statuses(run))}
        if "spaceIds" in part:
            params["space-id"] = ",".join(part["spaceIds"])
        if "ids" in part:
            params["id"] = part["ids"]
        return params

    @override
    def filtered(self, run: StreamRun, page: list[Record], part: Slice) -> list[Record]:
        if not part:  # a light list, which may hold every status
            statuses = (*self.statuses(run), None)
            page = [record for record in page if record.get("status") in statuses]
        spaces = run.sync.spaces
        if spaces.is_active and "spaceIds" not in part:
            page = [record for record in page if spaces.has(record.get("spaceId"))]
        if part.get("isDone"):
            page = [record for record in page if _is_done(run, record)]
        if run.config.cql is not None and "ids" not in part:
            found = run.sync.content.found_ids(self.kind) or ()
            page = [record for record in page if id_of(record) in found]
        return page

    @override
    def probe(self, run: StreamRun) -> None:
        """Request one record, unless there is no status to request."""
        if self.statuses(run):
            super().probe(run)

    def _list(self, run: StreamRun) -> ReplayableList:
        """Return the light list of all that a first sync wants, to be read page by page."""
        if self.is_for_others(run):
            return run.sync.list_of(self.kind).since(run.since)
        return run.sync.memo.once(
            (run.name, "light list"),
            lambda: ReplayableList(lambda: each_once(self.light_pages(run, run.since))),
        )

    def _listed(self, run: StreamRun) -> Iterator[Slice]:
        reach = Reach(is_in_order=not run.bounds)
        for number, page in enumerate(self._list(run).pages()):
            reached = reach.after(ids_of(page))
            out_of_order = {"isOutOfOrder": True} if reach.is_broken else {}
            yield {"listed": number, **run.bounds, **reached, **out_of_order}

    def _read_listed(self, run: StreamRun, part: Slice) -> Iterator[Record]:
        light = self._list(run)
        listed = self.select(run, light.page(part["listed"]), part)
        if not self.is_for_others(run):
            light.forget(part["listed"])  # with a million pages they would take 100 MB
        is_certain = "isOutOfOrder" not in part
        return (one for one in listed if not (is_certain and _is_done(run, one)))

    def _to_get(self, run: StreamRun) -> Iterator[Slice]:
        """Yield parts of the ids to request with bodies, while the light list is requested."""
        parts = Parts(Reach(is_in_order=not run.bounds), run.state.first_sync)
        for page in self._pages_to_get(run):
            wanted = self.select(run, page, run.bounds)
            without_id = [one for one in wanted if id_of(one) is None]
            if without_id:
                yield {"records": without_id}
            yield from parts.after(page, ids_of(wanted))
        yield from parts.rest()

    def _pages_to_get(self, run: StreamRun) -> Iterator[list[Record]]:
        if self.is_for_others(run):
            return self._list(run).pages()
        return each_once(self.light_pages(run, run.since))

    def _found(
        self, run: StreamRun, size: int, first_sync: FirstSync | None = None
    ) -> Iterator[Slice]:
        """Yield what the config's CQL found, except what an unfinished first sync has read."""
        ids = sorted(run.sync.content.found_ids(self.kind) or (), key=order_of)
        wanted = [one for one in ids if not (first_sync and first_sync.has(one))]
        for first in range(0, len(wanted), size):
            batch = wanted[first : first + size]
            yield {"ids": ",".join(batch), "upTo": batch[-1]}

    def _with_bodies(self, run: StreamRun, ids: list[str], part: Slice) -> Iterator[Record]:
        """Yield content by its ids.

        What a list of ids leaves out is listed again if it is much, as the server may take fewer
        ids than it is sent; then it is requested one by one. Content that was deleted since it was
        listed is skipped.
        """
        missing = dict.fromkeys(ids)
        recent = run.recent_keys()
        while ids:
            for page in self.pages(run, {"ids": ",".join(ids)}):
                for record in page:
                    missing.pop(id_of(record) or "", None)
                yield from recent.fresh(self.select(run, page, part))
                del page  # or it would be kept while the next one is awaited
            is_worth_it = FEW_MISSING < len(missing) < len(ids)
            ids = list(missing) if is_worth_it else []
        for content_id in missing:
            for record in self._one(run, content_id):
                yield from self.select(run, [record], part)

    def _one(self, run: StreamRun, content_id: str) -> Iterator[Record]:
        params: dict[str, Any] = {}
        if self.kind.by_id_takes_status:
            params["status"] = ",".join(self.statuses(run))
        if run.config.body_format != "none":
            params[BODY_PARAM] = run.config.body_format
        try:
            for record in self._by_id.at(id=content_id).entity(run, params):
                add_time_of_version([record])
                if record.get("status") in (*self.statuses(run), None):
                    yield record
        except NotFound as error:
            run.sync.skipped.denied(self.kind.name, content_id, error)


def _is_done(run: StreamRun, record: Record) -> bool:
    """Return whether an unfinished first sync has read a record."""
    first_sync, record_id = run.state.first_sync, id_of(record)
    return first_sync is not None and record_id is not None and first_sync.has(record_id)


def few_spaces(run: StreamRun) -> Iterable[Slice]:
    """Yield slices of the selected spaces if those are few, else one slice of everything."""
    spaces = run.sync.spaces
    if not spaces.is_active or not spaces.selects_at_most(MAX_SPACES_PER_REQUEST):
        return ({},)
    return ({"spaceIds": batch} for batch in batches(spaces.ids()))


def batches(space_ids: list[str]) -> Iterator[list[str]]:
    """Yield as many ids of spaces at a time as a request takes."""
    for first in range(0, len(space_ids), MAX_SPACES_PER_REQUEST):
        yield space_ids[first : first + MAX_SPACES_PER_REQUEST]
