"""Groups, who is in them, and everybody else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from airbyte_cdk.models import SyncMode

from source_confluence.confluence.listing import ATTEMPTS_AT_SMALLEST_SIZE, Record
from source_confluence.confluence.pagination import results_of
from source_confluence.confluence.shapes import is_list
from source_confluence.streams.base import OffsetList, SharedStream, Slice
from source_confluence.streams.children import Children

IDS_PER_REQUEST = 250
WHO = ("authorId", "ownerId", "lastOwnerId")


class Groups(SharedStream, OffsetList):
    """Every group. GET /wiki/rest/api/group."""

    name = "group"
    endpoint = "group"
    page_size = 200


class GroupMembers(Children, OffsetList):
    """Who is in which group. GET /wiki/rest/api/group/{id}/membersByGroupId."""

    name = "group_members"
    parents = ("group",)
    parent_key = "groupId"
    endpoint = "group/{groupId}/membersByGroupId"
    page_size = 200
    key = ("groupId", "accountId")


class Users(OffsetList):
    """Everybody whom a search finds, and whoever else has written or owns pages or blog posts.

    GET /wiki/rest/api/search/user, which stops at 10,000; then POST /wiki/api/v2/users-bulk for the
    ids that the listings of pages and blog posts name and the search did not.
    """

    name = "users"
    endpoint = "search/user"
    key = ("accountId",)
    page_size = 200
    params: ClassVar[Mapping[str, Any]] = {"cql": "type=user"}
    named_by = ("pages", "blog_posts")

    def record(self, element: Record) -> Record:
        """Return the user, without what the search says around it."""
        user = element.get("user")
        return user if isinstance(user, dict) else element

    def read_records(
        self,
        sync_mode: SyncMode,
        cursor_field: list[str] | None = None,
        stream_slice: Slice | None = None,
        stream_state: Mapping[str, Any] | None = None,
    ) -> Iterator[Record]:
        """Yield the users. Raises what `Listing.pages` raises."""
        found: set[str] = set()
        for user in super().read_records(sync_mode, cursor_field, stream_slice, stream_state):
            found.add(user.get("accountId", ""))
            yield user
        others = sorted(self._named() - found)
        for first in range(0, len(others), IDS_PER_REQUEST):
            yield from self._by_id(others[first : first + IDS_PER_REQUEST])

    def _named(self) -> set[str]:
        named: set[str] = set()
        for stream in self.named_by:
            for record in self._shared.list_of(stream).records():
                version = record.get("version") or {}
                named.update(filter(None, (record.get(field) for field in WHO)))
                named.update(filter(None, (version.get("authorId"),)))
        return named

    def _by_id(self, ids: list[str]) -> Iterable[Record]:
        response = self._connection.client.post(
            f"{self._connection.site.v2}users-bulk",
            {"accountIds": ids},
            stream=self.name,
            attempts=ATTEMPTS_AT_SMALLEST_SIZE,
            shape=is_list,
        )
        return results_of(response)
