"""People, and what they did."""

from __future__ import annotations

from math import ceil

from source_confluence.streams.cursor_field import CREATED_IN_MILLISECONDS
from source_confluence.streams.facts import NO_REQUEST, Facts, G, O, R, U
from source_confluence.streams.formula import changed
from source_confluence.streams.kinds import GROUP
from source_confluence.streams.retrievers.audit_log import AuditLog
from source_confluence.streams.retrievers.endpoint import SHORTEST_TO_FOLLOW_UP, v1
from source_confluence.streams.retrievers.per_parent import PerParent
from source_confluence.streams.retrievers.users import Users as UserSearch
from source_confluence.streams.retrievers.whole_list import SharedWholeList
from source_confluence.streams.stream import ConfluenceStream


class Groups(ConfluenceStream):
    """Every group. GET /wiki/rest/api/group."""

    name = "group"
    cloud = SharedWholeList(v1("group", page_size=200, follow_up=SHORTEST_TO_FOLLOW_UP))
    facts = Facts(NO_REQUEST, ("read:group",), list_cost=ceil(G / 200))


class GroupMembers(ConfluenceStream):
    """Who is in which group. GET /wiki/rest/api/group/{id}/membersByGroupId."""

    name = "group_members"
    key = ("groupId", "accountId")
    cloud = PerParent(
        GROUP,
        endpoint=v1(
            "group/{id}/membersByGroupId", {"shouldReturnTotalSize": "true"}, page_size=200
        ),
    )
    facts = Facts(G, ("read:group", "read:user"))


class Users(ConfluenceStream):
    """Everyone a search finds, and everyone else whom the records of a sync name.

    GET /wiki/rest/api/search/user, then POST /wiki/api/v2/users-bulk.
    """

    name = "users"
    key = ("accountId",)
    cloud = UserSearch()
    facts = Facts(
        ceil(U / 100) + 1 + ceil(O / 250),
        ("read:content-details", "read:user"),
        right="may see user profiles",
    )


class Audit(ConfluenceStream):
    """Every record of the audit log. GET /wiki/rest/api/audit."""

    name = "audit"
    incremental_by = CREATED_IN_MILLISECONDS
    cloud = AuditLog()
    facts = Facts(
        ceil(R / 1000),
        ("read:audit-log",),
        ceil(changed(R) / 1000),
        right="Confluence administrator",
    )


STREAMS = (
    Groups,
    GroupMembers,
    Users,
    Audit,
)
"""In the order in which they are read."""
