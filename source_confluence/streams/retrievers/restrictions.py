"""Who alone may read or edit a page or a blog post: what is set on it, not what it inherits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typing_extensions import override

from source_confluence.confluence.errors import (
    UNAVAILABLE,
    RequestRefused,
    ServerError,
    UnknownPaging,
)
from source_confluence.confluence.pagination import Token
from source_confluence.confluence.records import Record
from source_confluence.streams.kinds import Kind
from source_confluence.streams.retrievers.elements import Places, read_elements
from source_confluence.streams.retrievers.endpoint import cql_search, v1
from source_confluence.streams.retrievers.per_parent import PerParent
from source_confluence.streams.sync.run import Slice, StreamRun

RESULTS = 100
CONTENT_PER_SEARCH = 90
"""Fewer than the search is to return at most: of 100, 98 or 91 rows came (measured by
mozilla/markfluence). A `next` is followed while rows are missing."""
MAX_PAGES_OF_RESULTS = 5
PAGE_SIZE = 100
USUAL_LIMITS = (25, 50, 100, 200)
"""What a list that was cut off is long: a list of REST v1 may have another limit than requested."""
OPERATIONS = ("read", "update")
PRINCIPALS = {"user": "accountId", "group": "id"}
EXPAND = {"expand": "restrictions.user,restrictions.group"}
EXPANDED = ",".join(
    f"restrictions.{operation}.restrictions.{principal}"
    for operation in OPERATIONS
    for principal in PRINCIPALS
)


class Restrictions(PerParent):
    """Reads one record for each operation and user or group.

    A search expands the restrictions of 90 pages at once. What it does not find is requested one
    by one: archived content, what lies in archived spaces (the search that sees them is not
    documented to expand anything), and what is not in its index yet. So is a batch for which it
    fails: one ancestor in a bad state fails them all (CONFCLOUD-77618).
    """

    parents_per_slice = CONTENT_PER_SEARCH

    def __init__(self, kind: Kind) -> None:
        super().__init__(
            kind,
            endpoint=v1(
                "content/{id}/restriction/byOperation/{operation}", EXPAND, page_size=PAGE_SIZE
            ),
        )
        self._both = v1("content/{id}/restriction/byOperation", EXPAND)
        self._search = cql_search()
        self.endpoints = (*self.endpoints, str(self._both), str(self._search))

    @override
    def read_batch(self, run: StreamRun, part: Slice) -> Iterator[Record]:
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
        if len(found) < len(parents):
            run.sync.memo.once((run.name, "not found"), lambda: _log_not_found(run, part))
        places = Places.of(self.kind_of(part), parents, part)
        return read_elements(run, part["parent"], restrictions, places=places)

    @override
    def children_of(
        self, run: StreamRun, parent: Record, start: Token | None = None
    ) -> Iterator[Record]:
        """GET /wiki/rest/api/content/{id}/restriction/byOperation; a longer list by itself."""
        both = self._both.at(id=parent["id"]).get(run).body
        content = {"id": parent["id"], "restrictions": both}
        if _is_expanded(content):
            yield from self._of_content(run, content)
        else:
            for operation in OPERATIONS:
                yield from self._all_of(run, parent["id"], operation)

    def _found(self, run: StreamRun, ids: list[str]) -> dict[str, Record]:
        """GET /wiki/rest/api/content/search, expanding restrictions."""
        if not ids:
            return {}
        params = {"cql": f"id in ({','.join(ids)})", "expand": EXPANDED, "limit": RESULTS}
        wanted = set(ids)
        found: dict[str, Record] = {}
        token: Token = {}
        try:
            for _ in range(MAX_PAGES_OF_RESULTS):
                response = self._search.get(run, {**params, **token}, attempts=3)
                for row in response.results:
                    content_id = str(row.get("id")) if isinstance(row, dict) else ""
                    if content_id in wanted and _is_expanded(row):
                        found[content_id] = row
                following = self._search.pagination.next_token(response)
                if following is None or len(found) == len(wanted):
                    break
                token = following
        except (*UNAVAILABLE, RequestRefused, ServerError, UnknownPaging) as failure:
            text = f"Requesting {run.name} one by one where the search fails: {failure.message}"
            run.sync.memo.once((run.name, "not searched"), lambda: run.logger.info(text))
        return found

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
        seen: set[Any] = set()
        while has_more:
            response = endpoint.get(run, {"start": start, "limit": PAGE_SIZE})
            lists = _part(response.body, "restrictions")
            if not isinstance(lists, dict) or not _has_lists(lists):
                raise ServerError(
                    f"Confluence's answer about its {operation} restrictions holds no list of them."
                )
            records = list(self._records(content_id, operation, lists))
            new = {(one["principalType"], str(one["principalId"])) for one in records} - seen
            if records and not new:
                raise ServerError(f"Confluence repeats its {operation} restrictions without end.")
            seen |= new
            yield from records
            most = max(len(_results_in(lists, principal)) for principal in PRINCIPALS)
            start, has_more = start + most, most in USUAL_LIMITS or most >= PAGE_SIZE

    def _records(self, content_id: str, operation: str, lists: Record) -> Iterator[Record]:
        for principal, key in PRINCIPALS.items():
            for one in _principals_in(lists, principal):
                yield {
                    self.parent_field: content_id,
                    "operation": operation,
                    "principalType": principal,
                    "principalId": one.get(key),
                    principal: one,
                }


def _is_expanded(content: Record) -> bool:
    """Return whether a search result holds every list of a page or a blog post."""
    lists = [
        _part(content, "restrictions", operation, "restrictions", principal, "results")
        for operation in OPERATIONS
        for principal in PRINCIPALS
    ]
    return all(
        isinstance(one, list) and all(isinstance(each, dict) for each in one) for one in lists
    )


def _has_lists(lists: Record) -> bool:
    """Return whether a single response holds a list of users or of groups, and nothing else."""
    results = [_part(lists, name, "results") for name in PRINCIPALS]
    is_odd = any(one is not None and not isinstance(one, list) for one in results)
    return bool(PRINCIPALS.keys() & lists.keys()) and not is_odd


def _log_not_found(run: StreamRun, part: Slice) -> None:
    run.logger.info(
        f"Requesting {run.name} one by one where the search does not find the {part['parent']}: "
        "those that are archived, in an archived space, or too new."
    )


def _may_have_more(expanded: Record) -> bool:
    """Return whether an expanded list may be cut off. It need not state its limit, or the true one.

    A limit of 200 that stated 250 was measured on another list of REST v1 (mozilla/markfluence).
    """
    count, limit = len(expanded["results"]), expanded.get("limit")
    return count in USUAL_LIMITS or count >= (limit if isinstance(limit, int) else PAGE_SIZE) > 0


def _results_in(lists: Record, principal: str) -> list[Any]:
    """Return who is restricted; null stands for nobody."""
    results = _part(lists, principal, "results")
    return results if isinstance(results, list) else []


def _principals_in(lists: Record, principal: str) -> list[Record]:
    return [one for one in _results_in(lists, principal) if isinstance(one, dict)]


def _part(value: Any, *names: str) -> Any:
    """Return what is nested under some names, or None if any part of that is null or absent."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
