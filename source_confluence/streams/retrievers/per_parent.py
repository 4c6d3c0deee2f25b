"""Lists of children: one request for each parent that may have any.

Partitioned by parent as the CDK's SubstreamPartitionRouter does, but in batches, so that a message
for each parent does not become the cost; and the parents are listed once for all their children.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from typing_extensions import override

from source_confluence.confluence.errors import NotFound
from source_confluence.confluence.records import Record, ids_of
from source_confluence.streams.kinds import Kind
from source_confluence.streams.retrievers.batches import Batch, IncludeBatcher, Member
from source_confluence.streams.retrievers.elements import Places, Unlisted, read_elements
from source_confluence.streams.retrievers.endpoint import Endpoint, key_of, v2
from source_confluence.streams.retrievers.included_lists import get_lists, is_hidden
from source_confluence.streams.retrievers.newest_first import (
    bounds_of_arrived,
    end_of_changes,
    is_older,
)
from source_confluence.streams.retrievers.other_spaces import probe_parents
from source_confluence.streams.retrievers.whole_list import ToRecord
from source_confluence.streams.sync.run import Retriever, Slice, StreamRun, Sync

PARENTS_PER_SLICE = 25
FEW_PAGES = 40
"""Pages of results whose slices are all made at once. More have to wait: there may be 10,000."""
OnlyChild = Callable[[Record, str | None], Record | None]
"""Returns the only child of a parent that is not older than a moment, if its own row has it."""
LIST_PATHS = {"likes": "likes/users"}
"""Where a section is listed, if not under its own name."""


class Window(NamedTuple):
    """Which children are wanted, by their dates."""

    since: str | None
    before: str | None

    @classmethod
    def of(cls, run: StreamRun, part: Slice) -> Window:
        """Return what is wanted of a slice."""
        before = part.get("modifiedBefore")
        return cls(run.since if before is None else part.get("modifiedSince"), before)

    def reaches(self, parent: Record) -> bool:
        """Return whether a parent can have children that are wanted."""
        return self.since is None or not is_older(parent, self.since)

    def has(self, child: Record) -> bool:
        """Return whether a child is wanted."""
        return self.reaches(child) and (self.before is None or is_older(child, self.before))


class PerParent(Retriever):
    """Reads a list of each parent; the parent's id is added to each record.

    If the stream is incremental, only parents that changed are requested.
    """

    reads_elements = True
    follows_spaces = True
    parents_per_slice = PARENTS_PER_SLICE

    def __init__(
        self,
        *kinds: Kind,
        section: str = "",
        endpoint: Endpoint | None = None,
        to_record: ToRecord | None = None,
        only_child: OnlyChild | None = None,
        requires: str = "",
    ) -> None:
        """`kinds` are the parents, which share the field that holds their id.

        `section` is what a GET of a parent by id calls the list, empty if it cannot include it;
        `endpoint` is where the list is, if not at `{parent's path}/{id}/{section}`. `only_child`
        returns the only child of a parent if the list of parents holds it. `requires` is a list
        that must be readable first: its denial is the stream's, not that of each parent.
        """
        self.kinds = kinds
        self.section = section
        path = LIST_PATHS.get(section, section)
        self.endpoint = endpoint or v2(f"{kinds[0].path}/{{id}}/{path}")
        self.endpoints = (str(self.endpoint),)
        self.needs = (*(kind.name for kind in kinds), *((requires,) if requires else ()))
        self.shared_lists = self.needs
        self.parent_field = kinds[0].id_field
        self._to_record = to_record
        self._only_child = only_child
        self._requires = requires

    @override
    def slices(self, run: StreamRun) -> Iterator[Slice]:
        """Yield batches of parents: `{"parent": "pages", "page": 0, "pageId": ["1", "2"]}`."""
        if self._requires:
            next(run.sync.lists[self._requires].pages(), None)
        for kind in self.kinds:
            parents = run.sync.lists[kind.name]
            for number, page in enumerate(parents.since(run.since).pages()):
                yield from self.slices_of(kind, number, ids_of(parents.selected(page)))
                if number >= FEW_PAGES and not run.arrived:
                    self._report_total(run)
            if run.arrived:
                yield from self._arrived_slices(run, kind)

    def slices_of(self, kind: Kind, number: int, ids: list[str]) -> Iterator[Slice]:
        """Yield batches of the parents on one page of results of their list."""
        for first in range(0, len(ids), self.parents_per_slice):
            batch = ids[first : first + self.parents_per_slice]
            yield {"parent": kind.name, "page": number, self.parent_field: batch}

    def _report_total(self, run: StreamRun) -> None:
        """Report how many parents there are, once all of them are listed."""
        totals = [run.sync.lists[kind.name].total(run.since) for kind in self.kinds]
        known = [total for total in totals if total is not None]
        if len(known) == len(totals):
            run.progress.expects(sum(known))

    def _arrived_slices(self, run: StreamRun, kind: Kind) -> Iterator[Slice]:
        """Yield batches of parents in spaces that the state does not cover."""
        parents, bounds = run.sync.lists[kind.name], bounds_of_arrived(run)
        arrived = parents.in_spaces(run.arrived)
        for number, page in enumerate(arrived.pages()):
            for part in self.slices_of(kind, number, ids_of(parents.selected(page))):
                yield {**part, **bounds}

    @override
    def read(self, run: StreamRun, part: Slice) -> Iterator[Record]:
        """Yield the children of a batch of parents.

        A parent that was deleted is skipped; one whose children cannot be read is named. What was
        postponed in a space that turned out to be readable follows. Raises as `read_elements`.
        """
        yield from self.read_batch(run, part)
        while (reopened := run.health.gaps.next_reopened()) is not None:
            origin, ids = reopened
            yield from self.read_batch(run, {**origin, self.parent_field: ids})

    def read_batch(self, run: StreamRun, part: Slice) -> Iterator[Record]:
        """Yield the children of a batch of parents, but of those that are postponed."""
        kind, parents = self.kind_of(part), self.parents_in(run, part)
        window = Window.of(run, part)
        batcher = batcher_of(run.sync, kind)
        if batcher.serves(run.name):
            key = part["page"], part[self.parent_field][0]
            charging = partial(run.sync.connection.meter.charging, run.name)
            with batcher.batch(key, parents, charging) as batch:
                yield from self._read_each(run, part, parents, window, batch)
        else:
            yield from self._read_each(run, part, parents, window)

    @override
    def probe(self, run: StreamRun) -> None:
        """Request the children of one parent, if those who see it may not see them.

        Raises DeniedInSpace if only the space of that parent denies it.
        """
        if run.facts.right:
            probe_parents(run, self.kinds[0], lambda parent: self.probe_parent(run, parent))

    def probe_parent(self, run: StreamRun, parent: Record) -> None:
        """Request the first child of a parent, without retries. Raises what reading it would."""
        self.endpoint_of(parent).first_record(run)

    def members(self, run: StreamRun) -> Iterator[Member]:
        """Yield what the batches of GETs by id need to know of a run, if it can take part."""
        if self.section and run.since is None:
            yield Member(run.name, self.section, self._wants if self._only_child else None)

    def kind_of(self, part: Slice) -> Kind:
        """Return the kind of the parents of a slice."""
        return next(kind for kind in self.kinds if kind.name == part["parent"])

    def parents_in(self, run: StreamRun, part: Slice) -> list[Record]:
        """Return the parents of a slice, as they were listed."""
        ids, has_arrived = set(part[self.parent_field]), "modifiedBefore" in part
        shared = run.sync.lists[part["parent"]]
        parents = shared.in_spaces(run.arrived) if has_arrived else shared.since(run.since)
        listed = parents.page(part["page"])
        return [{**one, "id": str(one["id"])} for one in listed if str(one.get("id")) in ids]

    def children_of(self, run: StreamRun, parent: Record) -> Iterator[Record]:
        """Yield the children of one parent, requested from their own endpoint."""
        for page in self.endpoint_of(parent).listing(run).pages():
            yield from map(self._to_record, page) if self._to_record else page

    def changed_children_of(self, run: StreamRun, parent: Record, since: str) -> Iterator[Record]:
        """Yield the children of one parent, newest first, at least as far as they are wanted."""
        end = end_of_changes(run, since)
        listing = self.endpoint_of(parent).listing(run)
        for page in listing.pages():
            children = list(map(self._to_record, page)) if self._to_record else page
            yield from children
            if end.is_reached(children):
                listing.require_readable()
                return

    def endpoint_of(self, parent: Record) -> Endpoint:
        """Return where the children of one parent are listed.

        Raises NotFound if REST v1 wants the key of a space that has none.
        """
        if "{key}" not in self.endpoint.path:
            return self.endpoint.at(id=parent["id"])
        return self.endpoint.at(key=key_of(parent))

    def _read_each(
        self,
        run: StreamRun,
        part: Slice,
        parents: list[Record],
        window: Window,
        batch: Batch | None = None,
    ) -> Iterator[Record]:
        kind, requested = self.kind_of(part), []
        for parent in filter(window.reaches, parents):
            if self._wants(parent, window.since):
                elements = self._elements_of(run, kind, parent, window.since, batch)
                children = filter(window.has, self._children(run, parent, elements))
                requested.append((parent["id"], children))
            else:
                yield from filter(window.has, self._listed_child(parent, window.since))
        # A batch has requested all of its parents, so nothing is left to postpone.
        places = Places.of(kind, parents, part if batch is None else None)
        yield from read_elements(run, kind.name, requested, places=places)

    def _children(
        self, run: StreamRun, parent: Record, elements: Iterator[Record]
    ) -> Iterator[Record]:
        """Yield the children of a parent, each once, with the parent's id."""
        seen = set()
        for element in elements:
            child = {self.parent_field: parent["id"], **element}
            key = tuple([str(child.get(name)) for name in run.primary_key])
            if key not in seen:
                seen.add(key)
                yield child

    def _elements_of(
        self, run: StreamRun, kind: Kind, parent: Record, since: str | None, batch: Batch | None
    ) -> Iterator[Record]:
        """Yield what a GET of the parent by id includes, then the rest of its own list.

        The rest is read from the start of its own list: an included list has the default order, and
        its cursor does not fit another one.
        """
        only_by_id = is_hidden(kind, parent)
        included = batch.details_of(parent).get(self.section) if batch is not None else None
        if included is None and only_by_id and self.section:
            included = get_lists(run, kind, parent, [self.section]).get(self.section)
        if included is not None:
            yield from self._of_included(included)
            meta = included.get("meta")
            if not isinstance(meta, dict) or not meta.get("hasMore"):
                return
        try:
            if since is None:
                yield from self.children_of(run, parent)
            else:
                yield from self.changed_children_of(run, parent, since)
        except NotFound as error:
            raise Unlisted(error.message) if only_by_id else error from error

    def _of_included(self, included: Record) -> Iterator[Record]:
        for one in included["results"]:
            if isinstance(one, dict):
                yield self._to_record(one) if self._to_record else one

    def _wants(self, parent: Record, since: str | None = None) -> bool:
        return self._only_child is None or self._only_child(parent, since) is None

    def _listed_child(self, parent: Record, since: str | None) -> Iterator[Record]:
        child = self._only_child(parent, since) if self._only_child else None
        if child is not None:
            record = self._to_record(child) if self._to_record else child
            yield {self.parent_field: parent["id"], **record}


def batcher_of(sync: Sync, kind: Kind) -> IncludeBatcher:
    """Return what fetches the lists of the parents of a kind together."""
    return sync.memo.once(("batcher", kind.name), lambda: _make_batcher(sync, kind))


def _make_batcher(sync: Sync, kind: Kind) -> IncludeBatcher:
    members = [
        member
        for run in sync.selected_runs
        if isinstance(run.retriever, PerParent) and kind in run.retriever.kinds
        for member in run.retriever.members(run)
    ]
    return IncludeBatcher(members, partial(get_lists, sync.runs[kind.name], kind))
