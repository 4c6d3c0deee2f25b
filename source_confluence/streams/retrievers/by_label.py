"""The labels of parents, read from whichever side costs fewer requests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from typing_extensions import override

from source_confluence.confluence.errors import (
    UNAVAILABLE,
    RequestRefused,
    ServerError,
    UnreadableRecords,
)
from source_confluence.confluence.records import Record, ids_of
from source_confluence.streams.kinds import LABEL, Kind
from source_confluence.streams.retrievers.batches import Member
from source_confluence.streams.retrievers.by_space import few_spaces
from source_confluence.streams.retrievers.elements import read_elements
from source_confluence.streams.retrievers.endpoint import v2
from source_confluence.streams.retrievers.per_parent import PerParent, batcher_of
from source_confluence.streams.sync.recent_keys import RecentKeys
from source_confluence.streams.sync.run import Slice, StreamRun

LABELS_PER_SLICE = 10
UNREADABLE = (*UNAVAILABLE, RequestRefused, ServerError, UnreadableRecords)


class LabelsOf(PerParent):
    """Reads the labels of each parent by label or by parent.

    Most sites have far fewer labels than pages. The list of a label's pages need not show those
    that are archived or trashed (Atlassian doesn't document it), so those are requested one by one
    in any case. If something else is requested for every parent anyway, its labels are included
    there at no cost. If the config leaves out current content, a label shows nothing wanted; and
    if the list of labels cannot be read, each parent still has its own.
    """

    def __init__(self, kind: Kind) -> None:
        super().__init__(kind, section="labels")
        self._kind = kind
        self._by_label = v2(f"labels/{{id}}/{kind.path}")
        self.endpoints = (*self.endpoints, str(self._by_label))
        self.shared_lists = (kind.name, LABEL.name)

    @override
    def slices(self, run: StreamRun) -> Iterator[Slice]:
        """Yield batches of parents, or of labels: `{"labelId": ["1", "2"]}`."""
        if not self._goes_by_label(run):
            yield from super().slices(run)
            return
        for page in run.sync.list_of(LABEL).pages():
            labels = [label for label in page if label.get("id")]
            for first in range(0, len(labels), LABELS_PER_SLICE):
                batch = labels[first : first + LABELS_PER_SLICE]
                yield {"labelId": [label["id"] for label in batch], "labels": batch}
        for number, page in enumerate(run.sync.list_of(self._kind).selected_pages()):
            unseen = (parent for parent in page if parent.get("status") != "current")
            yield from self.slices_of(self._kind, number, ids_of(unseen))

    @override
    def read(self, run: StreamRun, part: Slice) -> Iterator[Record]:
        """Yield what a batch of labels is on, or the labels of a batch of parents."""
        if "labels" not in part:
            return super().read(run, part)
        labels = ((one["id"], self._parents_of(run, one)) for one in part["labels"])
        return read_elements(run, LABEL.name, labels)

    @override
    def members(self, run: StreamRun) -> Iterator[Member]:
        for member in super().members(run):
            yield replace(member, takes_part=lambda: not self._goes_by_label(run))

    def _parents_of(self, run: StreamRun, label: Record) -> Iterator[Record]:
        recent = RecentKeys(("id",))
        parents = run.sync.list_of(self._kind)
        params = run.sync.memo.once((run.name, "spaces"), lambda: self._few_spaces(run))
        for page in self._by_label.at(id=label["id"]).listing(run, params).pages():
            for parent in recent.fresh(parents.selected(page)):
                if parent.get("status") == "current" and parent.get("id"):
                    yield {self.parent_field: parent["id"], **label}

    def _goes_by_label(self, run: StreamRun) -> bool:
        return run.sync.memo.once((run.name, "goes by label"), lambda: self._is_cheaper(run))

    def _is_cheaper(self, run: StreamRun) -> bool:
        if "current" not in run.config.content_statuses:
            return False
        if batcher_of(run.sync, self._kind).wants_every_parent_besides(run.name):
            return False
        parents = sum(len(page) for page in run.sync.list_of(self._kind).selected_pages())
        try:
            labels = sum(len(page) for page in run.sync.list_of(LABEL).pages())
        except UNREADABLE as failure:
            run.logger.info(f"Requesting {run.name} one by one: {failure.message}")
            return False
        return labels <= parents

    def _few_spaces(self, run: StreamRun) -> dict[str, str]:
        """Return the parameters that name the spaces of the parents, if those are few."""
        if not self._kind.statuses or run.config.cql is not None:
            return {}  # those are not read by space
        ids = next(iter(few_spaces(run)), {}).get("spaceIds")
        return {"space-id": ",".join(ids)} if ids else {}
