"""Streams of what hangs on a parent: one request for each parent that may have any.

Partitioned by parent as the CDK's SubstreamPartitionRouter does, but in groups, so that a message
for each parent does not become the cost; and the parents are listed once for all their children.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from airbyte_cdk.models import SyncMode

from source_confluence.confluence.listing import Record, ids_of
from source_confluence.confluence.pagination import Token
from source_confluence.streams.base import CursorList, Slice
from source_confluence.streams.elements import ElementByElement
from source_confluence.streams.family import Group
from source_confluence.streams.retrievers.replayable_list import ReplayableList

PARENTS_PER_PARTITION = 25


class Children(ElementByElement, ABC):
    """A list for each parent; the parent's id comes with each record."""

    parents: ClassVar[tuple[str, ...]]
    """The streams that the parents come from."""
    parent_key: ClassVar[str]
    """The field of the record, and of the slice, that holds the parent's id."""
    section: ClassVar[str] = ""
    """What a GET of the parent by id calls the list, if it can include it."""
    needs_a_right_of_its_own: ClassVar[bool] = False
    """Whether an account that may read the parents may yet not read these."""
    wants_every_parent: ClassVar[bool] = False
    """Whether a request for each parent is needed, whatever its listing says."""
    parents_per_partition: ClassVar[int] = PARENTS_PER_PARTITION

    def path(self, *, stream_slice: Slice | None = None, **_: Any) -> str:
        """Return the endpoint of the one parent that the slice names."""
        return self.endpoint.format(**(stream_slice or {}))

    def probe(self) -> None:
        """Ask for the children of one parent, where those that read parents may not read them."""
        if not self.needs_a_right_of_its_own:
            return
        kind = self.parents[0]
        parent = self._shared.stream(kind).first_record()
        if parent is not None:
            next(self.children_of(parent, kind), None)

    def takes_part(self) -> bool:
        """Tell whether the parents can include the lists, and all of them are wanted."""
        return bool(self.section)

    def wants(self, parent: Record) -> bool:  # noqa: ARG002  # for overriding
        """Tell whether a request is needed to know the children of a parent."""
        return True

    def known(self, parent: Record) -> Iterable[Record]:  # noqa: ARG002  # for overriding
        """Return the children of a parent for which none is."""
        return ()

    def parent_list(self, kind: str) -> ReplayableList:
        """Return the list of the parents of a kind."""
        return self._shared.list_of(kind)

    def stream_slices(self, **_: Any) -> Iterator[Slice]:
        """Yield groups of parents: `{"parent": "pages", "page": 0, "pageId": ["1", "2"]}`."""
        for kind in self.parents:
            stream = self._shared.stream(kind)
            for number, page in enumerate(self.parent_list(kind).pages()):
                ids = ids_of(stream.select(page, {}))
                for first in range(0, len(ids), self.parents_per_partition):
                    group = ids[first : first + self.parents_per_partition]
                    yield {"parent": kind, "page": number, self.parent_key: group}

    def read_records(
        self,
        sync_mode: SyncMode,  # noqa: ARG002  # the CDK's contract
        cursor_field: list[str] | None = None,  # noqa: ARG002  # the CDK's contract
        stream_slice: Slice | None = None,
        stream_state: Mapping[str, Any] | None = None,  # noqa: ARG002  # the CDK's contract
    ) -> Iterator[Record]:
        """Yield the children of a group of parents.

        A parent that is gone is passed over; one whose children cannot be read is named. Raises as
        `one_by_one`, and whatever else `Listing.pages` raises.
        """
        wanted = stream_slice or {}
        kind, parents = wanted["parent"], self.parents_in(wanted)
        family = self._shared.family(kind)
        if family.shares(self):
            key = (wanted["page"], wanted[self.parent_key][0])
            with family.group(key, parents) as group:
                yield from self.each(parents, kind, group)
        else:
            yield from self.each(parents, kind)

    def parents_in(self, stream_slice: Slice) -> list[Record]:
        """Return the parents of a slice, as they were listed."""
        ids = set(stream_slice[self.parent_key])
        listed = self.parent_list(stream_slice["parent"]).page(stream_slice["page"])
        return [parent for parent in listed if parent.get("id") in ids]

    def each(
        self, parents: list[Record], kind: str, group: Group | None = None
    ) -> Iterator[Record]:
        """Yield the children of some parents, one after the other. Raises as `one_by_one`."""
        asked = []
        for parent in parents:
            children = self._of(parent, kind, group)
            if self.wants(parent):
                asked.append((parent["id"], children))
            else:
                yield from children
        yield from self.one_by_one(kind, asked)

    def children_of(
        self, parent: Record, kind: str, start: Token | None = None
    ) -> Iterator[Record]:
        """Yield the children of one parent from `start` on, asking for them alone."""
        alone = {"parent": kind, self.parent_key: parent["id"], **self.bounds_of(parent)}
        for page in self.listing(alone).pages(start):
            yield from self.select(page, alone)
            if self.is_past(page, alone):
                return

    def bounds_of(self, parent: Record) -> Slice:  # noqa: ARG002  # for overriding
        """Return what a slice of one parent says beyond its id."""
        return {}

    def _of(self, parent: Record, kind: str, group: Group | None) -> Iterator[Record]:
        seen = set()
        for element in self._elements(parent, kind, group):
            child = {self.parent_key: parent["id"], **element}
            key = tuple([child.get(name) for name in self.key])
            if key not in seen:
                seen.add(key)
                yield child

    def _elements(self, parent: Record, kind: str, group: Group | None) -> Iterator[Record]:
        if not self.wants(parent):
            yield from self.known(parent)
        elif group is None:
            yield from self.children_of(parent, kind)
        else:
            included = group.of(parent).get(self.section)
            if included is None:
                yield from self.children_of(parent, kind)
                return
            yield from self.select([self.record(e) for e in included["results"]], {})
            meta = included.get("meta") or {}
            if meta.get("hasMore"):
                cursor = meta.get("cursor")
                yield from self.children_of(parent, kind, {"cursor": cursor} if cursor else None)


class CursorChildren(Children, CursorList, ABC):
    """Children that REST v2 lists."""
