"""Spaces, and what belongs to them."""

from __future__ import annotations

from math import ceil

from source_confluence.confluence.records import Record, part_of
from source_confluence.streams.facts import NO_REQUEST, ONE_REQUEST, Facts, S
from source_confluence.streams.kinds import SPACE
from source_confluence.streams.retrievers.endpoint import v1, v2
from source_confluence.streams.retrievers.per_parent import PerParent
from source_confluence.streams.retrievers.spaces import Spaces as SpaceList
from source_confluence.streams.retrievers.watches import with_account
from source_confluence.streams.retrievers.whole_list import SharedWholeList
from source_confluence.streams.stream import ConfluenceStream


def _with_principal(assignment: Record) -> Record:
    """Add the parts of the principal at the top of a role assignment: they belong to the key."""
    for name in ("principalType", "principalId"):
        assignment[name] = part_of(assignment, "principal", name)
    return assignment


class Spaces(ConfluenceStream):
    """Every space, archived ones too. GET /wiki/api/v2/spaces."""

    name = "space"
    cloud = SpaceList()
    facts = Facts(NO_REQUEST, ("read:space",), list_cost=ceil(S / 250) + 1)


class SpaceProperties(ConfluenceStream):
    """The properties of every space. GET /wiki/api/v2/spaces/{id}/properties."""

    name = "space_properties"
    key = ("spaceId", "id")
    cloud = PerParent(SPACE, section="properties")
    facts = Facts(S, ("read:space",))


class SpacePermissions(ConfluenceStream):
    """Who may do what in every space. GET /wiki/api/v2/spaces/{id}/permissions."""

    name = "space_permissions"
    key = ("spaceId", "id")
    cloud = PerParent(SPACE, section="permissions")
    facts = Facts(S, ("read:space",), right="may see the permissions of spaces")


class SpaceRoleAssignments(ConfluenceStream):
    """Who has which role in every space. GET /wiki/api/v2/spaces/{id}/role-assignments."""

    name = "space_role_assignments"
    key = ("spaceId", "principalType", "principalId", "roleId")
    cloud = PerParent(
        SPACE,
        endpoint=v2("spaces/{id}/role-assignments"),
        to_record=_with_principal,
        requires="space_roles",
    )
    facts = Facts(
        S, ("read:space.permission",), right="may see the roles of spaces", is_optional=True
    )


class SpaceLabels(ConfluenceStream):
    """The labels of every space. GET /wiki/api/v2/spaces/{id}/labels."""

    name = "space_labels"
    key = ("spaceId", "id")
    cloud = PerParent(SPACE, section="labels")
    facts = Facts(S, ("read:space",))


class SpaceWatchers(ConfluenceStream):
    """Who watches which space. GET /wiki/rest/api/space/{key}/watch."""

    name = "space_watchers"
    key = ("spaceId", "accountId")
    cloud = PerParent(
        SPACE, endpoint=v1("space/{key}/watch", page_size=200), to_record=with_account
    )
    facts = Facts(S, ("read:watcher", "read:user"), right="may see who watches spaces")


class SpaceRoles(ConfluenceStream):
    """Every role that a space can give. GET /wiki/api/v2/space-roles."""

    name = "space_roles"
    cloud = SharedWholeList(v2("space-roles"))
    facts = Facts(NO_REQUEST, ("read:space.permission",), list_cost=ONE_REQUEST, is_optional=True)


STREAMS = (
    Spaces,
    SpaceProperties,
    SpacePermissions,
    SpaceRoleAssignments,
    SpaceLabels,
    SpaceWatchers,
    SpaceRoles,
)
"""In the order in which they are read."""
