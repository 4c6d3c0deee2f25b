"""What hangs on spaces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from source_confluence.confluence.listing import Record
from source_confluence.confluence.pagination import UnlimitedPagination
from source_confluence.streams.base import CursorList, SharedStream, Slice
from source_confluence.streams.children import CursorChildren


class SpaceProperties(CursorChildren):
    """The properties of every space. GET /wiki/api/v2/spaces/{id}/properties."""

    name = "space_properties"
    parents = ("space",)
    parent_key = "spaceId"
    section = "properties"
    wants_every_parent = True
    endpoint = "spaces/{spaceId}/properties"
    key = ("spaceId", "id")


class SpacePermissions(CursorChildren):
    """Who may do what in every space. GET /wiki/api/v2/spaces/{id}/permissions."""

    name = "space_permissions"
    needs_a_right_of_its_own = True
    parents = ("space",)
    parent_key = "spaceId"
    section = "permissions"
    wants_every_parent = True
    endpoint = "spaces/{spaceId}/permissions"
    key = ("spaceId", "id")


class SpaceRoleAssignments(CursorChildren):
    """Who has which role in every space. GET /wiki/api/v2/spaces/{id}/role-assignments."""

    name = "space_role_assignments"
    needs_a_right_of_its_own = True
    parents = ("space",)
    parent_key = "spaceId"
    endpoint = "spaces/{spaceId}/role-assignments"
    key = ("spaceId", "principalType", "principalId", "roleId")

    def stream_slices(self, **_: Any) -> Iterator[Slice]:
        """Yield groups of spaces, once it is known that the site has roles at all.

        Raises NotFound where it has none: a 404 for each space would say so of the space alone.
        """
        next(self._shared.list_of("space_roles").pages(), None)
        yield from super().stream_slices()

    def record(self, element: Record) -> Record:
        """Return the assignment with its principal's parts on top: they belong to the key."""
        principal = element.get("principal") or {}
        element["principalType"] = principal.get("principalType")
        element["principalId"] = principal.get("principalId")
        return element


class SpaceRoles(SharedStream, CursorList):
    """Every role that a space can give. GET /wiki/api/v2/space-roles."""

    name = "space_roles"
    endpoint = "space-roles"


class ClassificationLevels(CursorList):
    """The site's classification levels. GET /wiki/api/v2/classification-levels: a bare array."""

    name = "classification_levels"
    pagination = UnlimitedPagination()
    endpoint = "classification-levels"
