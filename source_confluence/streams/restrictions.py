"""Who alone may read or edit a page or a blog post: what is set on it, not what it inherits."""

from __future__ import annotations

from abc import ABC
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from airbyte_cdk.models import SyncMode

from source_confluence.confluence.listing import ATTEMPTS_AT_SMALLEST_SIZE, Record
from source_confluence.confluence.pagination import results_of
from source_confluence.confluence.responses import (
    UNAVAILABLE,
    RequestRefused,
    ServerTrouble,
    payload,
)
from source_confluence.streams.base import OffsetList, Slice
from source_confluence.streams.children import Children

CONTENT_PER_SEARCH = 100
OPERATIONS = ("read", "update")
PRINCIPALS = {"user": "accountId", "group": "id"}
EXPANDED = ",".join(
    f"restrictions.{operation}.restrictions.{principal}"
    for operation in OPERATIONS
    for principal in PRINCIPALS
)


class Restrictions(Children, OffsetList, ABC):
    """One record for each operation and user or group.

    A search expands the restrictions of 100 pages at once. What it does not see (archived content,
    or what its index lags behind) is asked for one by one, and so is a batch that it fails for: one
    ancestor in a bad state fails them all (CONFCLOUD-77618).
    """

    endpoint = "content/{id}/restriction/byOperation/{operation}"
    parents_per_partition = CONTENT_PER_SEARCH
    page_size = 100
    params: ClassVar[Mapping[str, Any]] = {"expand": "restrictions.user,restrictions.group"}

    def read_records(
        self,
        sync_mode: SyncMode,  # noqa: ARG002  # the CDK's contract
        cursor_field: list[str] | None = None,  # noqa: ARG002  # the CDK's contract
        stream_slice: Slice | None = None,
        stream_state: Mapping[str, Any] | None = None,  # noqa: ARG002  # the CDK's contract
    ) -> Iterator[Record]:
        """Yield the restrictions of a group of content. Raises as `Children.read_records`."""
        wanted = stream_slice or {}
        parents = self.parents_in(wanted)
        current = [parent["id"] for parent in parents if parent.get("status") == "current"]
        found = self._search(current)
        restrictions = [(one, self._of_content(content)) for one, content in found.items()]
        restrictions += [
            (parent["id"], self.children_of(parent))
            for parent in parents
            if parent["id"] not in found
        ]
        yield from self.one_by_one(wanted["parent"], restrictions)

    def children_of(self, parent: Record, *_: Any) -> Iterator[Record]:
        """Yield the restrictions of one page or blog post, asking for it alone."""
        for operation in OPERATIONS:
            yield from self._all_of(parent["id"], operation)

    def _search(self, ids: list[str]) -> dict[str, Record]:
        """GET /wiki/rest/api/content/search, expanding restrictions."""
        if not ids:
            return {}
        params = {"cql": f"id in ({','.join(ids)})", "expand": EXPANDED, "limit": len(ids)}
        try:
            response = self._connection.client.get(
                f"{self.url_base}content/search", params, stream=self.name, attempts=3
            )
        except (*UNAVAILABLE, RequestRefused, ServerTrouble) as failure:
            self.logger.info(f"Asking for {self.name} one by one: {failure.sentence}")
            return {}
        return {found["id"]: found for found in results_of(response) if _is_expanded(found)}

    def _of_content(self, content: Record) -> Iterator[Record]:
        for operation in OPERATIONS:
            lists = content["restrictions"][operation]["restrictions"]
            if any(_may_go_on(lists[principal]) for principal in PRINCIPALS):
                yield from self._all_of(content["id"], operation)
            else:
                yield from self._rows(content["id"], operation, lists)

    def _all_of(self, content_id: str, operation: str) -> Iterator[Record]:
        """GET /wiki/rest/api/content/{id}/restriction/byOperation/{operation}.

        Raises ServerTrouble for an answer without any list.
        """
        start, more = 0, True
        while more:
            response = self._connection.client.get(
                self.url_base + self.endpoint.format(id=content_id, operation=operation),
                {**self.params, "start": start, "limit": self.page_size},
                stream=self.name,
                attempts=ATTEMPTS_AT_SMALLEST_SIZE,
            )
            lists = _part(payload(response), "restrictions")
            if not isinstance(lists, dict) or not PRINCIPALS.keys() & lists.keys():
                raise ServerTrouble(
                    f"Confluence's answer about its {operation} restrictions holds no list of them."
                )
            yield from self._rows(content_id, operation, lists)
            most = max(len(_results_in(lists, principal)) for principal in PRINCIPALS)
            start, more = start + self.page_size, most >= self.page_size

    def _rows(self, content_id: str, operation: str, lists: Record) -> Iterator[Record]:
        for principal, key in PRINCIPALS.items():
            for one in _results_in(lists, principal):
                yield {
                    self.parent_key: content_id,
                    "operation": operation,
                    "principalType": principal,
                    "principalId": one.get(key),
                    principal: one,
                }


class PageRestrictions(Restrictions):
    """Restrictions set on pages."""

    name = "page_restrictions"
    parents = ("pages",)
    parent_key = "pageId"
    key = ("pageId", "operation", "principalType", "principalId")


class BlogPostRestrictions(Restrictions):
    """Restrictions set on blog posts."""

    name = "blog_post_restrictions"
    parents = ("blog_posts",)
    parent_key = "blogPostId"
    key = ("blogPostId", "operation", "principalType", "principalId")


def _is_expanded(content: Record) -> bool:
    """Tell whether a search has brought every list of a page or a blog post."""
    return content.get("id") is not None and all(
        isinstance(
            _part(content, "restrictions", operation, "restrictions", principal, "results"), list
        )
        for operation in OPERATIONS
        for principal in PRINCIPALS
    )


def _may_go_on(expanded: Record) -> bool:
    return len(expanded["results"]) >= (expanded.get("limit") or Restrictions.page_size)


def _results_in(lists: Record, principal: str) -> list[Record]:
    """Return who is restricted; null stands for nobody."""
    return _part(lists, principal, "results") or []


def _part(value: Any, *names: str) -> Any:
    """Return what lies so deep in an answer, or None if any part of that is null or absent."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
