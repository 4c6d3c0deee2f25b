"""One entity for each parent, such as its number of views."""

from __future__ import annotations

from collections.abc import Iterator

from typing_extensions import override

from source_confluence.confluence.records import Record
from source_confluence.streams.retrievers.per_parent import PerParent
from source_confluence.streams.sync.run import StreamRun


class EntityPerParent(PerParent):
    """Reads one entity of each parent; the parent's id is added to it."""

    @override
    def children_of(self, run: StreamRun, parent: Record) -> Iterator[Record]:
        yield self.endpoint_of(parent).get(run).body

    @override
    def probe_parent(self, run: StreamRun, parent: Record) -> None:
        self.endpoint_of(parent).get(run, attempts=1)
