"""The tree of pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from source_confluence.confluence.listing import Record
from source_confluence.streams.base import CursorList
from source_confluence.streams.retrievers.recent_keys import RecentKeys

STATUSES_IN_THE_TREE = ("current", "archived")


class ChildPages(CursorList):
    """Every page that has a page for its parent.

    As GET /wiki/api/v2/pages/{id}/direct-children would list them, but told from the parents that
    the listing of pages names: no request of its own.
    """

    name = "child_pages"
    endpoint = "pages"

    def probe(self) -> None:
        """Ask for nothing: whoever may read pages may read these."""

    def read_records(self, *_: Any, **__: Any) -> Iterator[Record]:
        """Yield the children. Raises what listing the pages raises."""
        recent = RecentKeys(self.key)
        pages = self._shared.stream("pages")
        for page in self._shared.list_of("pages").pages():
            children = [record for record in pages.select(page, {}) if _is_child(record)]
            yield from recent.fresh(_as_child(record) for record in children)


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
