"""Who alone may read or edit a page or a blog post: what is set on it, not what it inherits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typing_extensions import override

from source_confluence.confluence.errors import UNAVAILABLE, RequestRefused, ServerError
from source_confluence.confluence.pagination import Token
from source_confluence.confluence.records import Record
from source_confluence.streams.kinds import Kind
from source_confluence.streams.retrievers.elements import read_elements
from source_confluence.streams.retrievers.endpoint import cql_search, v1
from source_confluence.streams.retrievers.per_parent import PerParent
from source_confluence.streams.sync.run import Slice, StreamRun

CONTENT_PER_SEARCH = 100
PAGE_SIZE = 100
OPERATIONS = ("read", "update")
PRINCIPALS = {"user": "accountId", "group": "id"}
EXPANDED = ",".join(
    f"restrictions.{operation}.restrictions.{principal}"
    for operation in OPERATIONS
    for principal in PRINCIPALS
)


class Restrictions(PerParent):
    """Reads one record for each operation and user or group.

    A search expands the restrictions of 100 pages at once. What it does not find (archived content,
    or what is not in its index yet) is requested one by one, and so is a batch for which it fails:
    one ancestor in a bad state fails them all (CONFCLOUD-77618).
    """

    parents_per_slice = CONTENT_PER_SEARCH

    def __init__(self, kind: Kind) -> None:
        super().__init__(
            kind,
            endpoint=v1(
                "content/{id}/restriction/byOperation/{operation}",
                {"expand": "restrictions.user,restrictions.group"},
                page_size=PAGE_SIZE,
            ),
        )
        self._search = cql_search()
        self.endpoints = (*self.endpoints, str(self._search))

    @override
    def read(self, run: StreamRun, part: Slice) -> Iterator[Record]:
        parents = self.parents_in(run, part)
        found = self._found(run, [p["id"] for p in parents if p.get("status") == "current"])
        restrictions = [
            (content_id, self._of_content(run, content)) for content_id, content in found.items()
        ]
        restrictions += [
            (parent["id"], self.children_of(run, parent))
            for parent in parents
            if parent["id"] not in found
        ]
        return read_elements(run, part["parent"], restrictions)

    @override
    def children_of(
        self, run: StreamRun, parent: Record, start: Token | None = None
    ) -> Iterator[Record]:
        for operation in OPERATIONS:
            yield from self._all_of(run, parent["id"], operation)

    def _found(self, run: StreamRun, ids: list[str]) -> dict[str, Record]:
        """GET /wiki/rest/api/content/search, expanding restrictions."""
        if not ids:
            return {}
        params = {"cql": f"id in ({','.join(ids)})", "expand": EXPANDED, "limit": len(ids)}
        try:
            response = self._search.get(run, params, attempts=3)
        except (*UNAVAILABLE, RequestRefused, ServerError) as failure:
            run.logger.info(f"Requesting {run.name} one by one: {failure.message}")
            return {}
        return {found["id"]: found for found in response.results if _is_expanded(found)}

    def _of_content(self, run: StreamRun, content: Record) -> Iterator[Record]:
        for operation in OPERATIONS:
            lists = content["restrictions"][operation]["restrictions"]
            if any(_may_have_more(lists[principal]) for principal in PRINCIPALS):
                yield from self._all_of(run, content["id"], operation)
            else:
                yield from self._records(content["id"], operation, lists)

    def _all_of(self, run: StreamRun, content_id: str, operation: str) -> Iterator[Record]:
        """GET /wiki/rest/api/content/{id}/restriction/byOperation/{operation}.

        Raises ServerError for a response without any list.
        """
        endpoint = self.endpoint.at(id=content_id, operation=operation)
        start, has_more = 0, True
        while has_more:
            response = endpoint.get(run, {"start": start, "limit": PAGE_SIZE})
            lists = _part(response.body, "restrictions")
            if not isinstance(lists, dict) or not PRINCIPALS.keys() & lists.keys():
                raise ServerError(
                    f"Confluence's answer about its {operation} restrictions holds no list of them."
                )
            yield from self._records(content_id, operation, lists)
            most = max(len(_results_in(lists, principal)) for principal in PRINCIPALS)
            start, has_more = start + PAGE_SIZE, most >= PAGE_SIZE

    def _records(self, content_id: str, operation: str, lists: Record) -> Iterator[Record]:
        for principal, key in PRINCIPALS.items():
            for one in _results_in(lists, principal):
                yield {
                    self.parent_field: content_id,
                    "operation": operation,
                    "principalType": principal,
                    "principalId": one.get(key),
                    principal: one,
                }


def _is_expanded(content: Record) -> bool:
    """Return whether a search result holds every list of a page or a blog post."""
    return content.get("id") is not None and all(
        isinstance(
            _part(content, "restrictions", operation, "restrictions", principal, "results"), list
        )
        for operation in OPERATIONS
        for principal in PRINCIPALS
    )


def _may_have_more(expanded: Record) -> bool:
    return len(expanded["results"]) >= (expanded.get("limit") or PAGE_SIZE)


def _results_in(lists: Record, principal: str) -> list[Record]:
    """Return who is restricted; null stands for nobody."""
    return _part(lists, principal, "results") or []


def _part(value: Any, *names: str) -> Any:
    """Return what is nested under some names, or None if any part of that is null or absent."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
