"""The tree of pages, derived from the list of pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from typing_extensions import override

from source_confluence.confluence.records import Record
from source_confluence.streams.kinds import PAGE
from source_confluence.streams.sync.run import Retriever, Slice, StreamRun

STATUSES_IN_THE_TREE = ("current", "archived")


class PageTree(Retriever):
    """Reads every page that has a page as its parent: no request of its own.

    The records are like those of GET /wiki/api/v2/pages/{id}/direct-children.
    """

    endpoints = ("v2 pages",)
    shared_lists = (PAGE.name,)

    @override
    def slices(self, run: StreamRun) -> Iterable[Slice]:
        return ({},)

    @override
    def read(self, run: StreamRun, part: Slice) -> Iterator[Record]:
        recent = run.recent_keys()
        for page in run.sync.list_of(PAGE).selected_pages():
            yield from recent.fresh(_as_child(record) for record in page if _is_child(record))

    @override
    def probe(self, run: StreamRun) -> None:
        """Request nothing: an account that can read pages can read these."""


def _is_child(page: Record) -> bool:
    return page.get("parentType") == "page" and page.get("status") in STATUSES_IN_THE_TREE


def _as_child(page: Record) -> Record:
    return {
        "id": page.get("id"),
        "parentId": page.get("parentId"),
        "status": page.get("status"),
        "title": page.get("title"),
        "type": "page",
        "spaceId": page.get("spaceId"),
        "childPosition": page.get("position"),
    }
