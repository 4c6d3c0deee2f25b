"""Spaces, their permissions, and space roles.

GET /wiki/api/v2/spaces, /spaces/{id}, /permissions, /role-assignments, /space-roles, ...
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from integration_tests.confluence_emulator.endpoint import V2, Answer, Call, Endpoint
from integration_tests.confluence_emulator.endpoints.by_id import included
from integration_tests.confluence_emulator.endpoints.children import LABELS, PROPERTIES, child_path
from integration_tests.confluence_emulator.endpoints.lookup import find_object
from integration_tests.confluence_emulator.errors import NotFoundError
from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.listing import (
    Filter,
    List,
    choice_filter,
    id_filter,
    text_filter,
)
from integration_tests.confluence_emulator.organization import (
    Permission,
    RoleAssignment,
    Space,
    SpaceRole,
)
from integration_tests.confluence_emulator.rendering_details import (
    render_permission,
    render_role,
    render_role_assignment,
)
from integration_tests.confluence_emulator.timestamps import iso

_TYPES = (
    "global",
    "collaboration",
    "knowledge_base",
    "personal",
    "system",
    "onboarding",
    "xflow_sample_space",
)
_DESCRIPTIONS = ("plain", "view")


def render_space(space: Space, description_format: str | None, icon: bool) -> Json:
    """Return a SpaceBulk with `spaceOwnerId`, which only the live API has."""
    description = None
    if description_format and space.description is not None:
        text = {"representation": description_format, "value": space.description}
        description = {description_format: text}
    record: Json = {
        "id": str(space.id),
        "key": space.key,
        "name": space.name,
        "type": space.type,
        "status": space.status,
        "authorId": space.author,
        "spaceOwnerId": space.author,
        "currentActiveAlias": space.alias,
        "createdAt": iso(space.created),
        "homepageId": None if space.homepage_id is None else str(space.homepage_id),
        "description": description,
        "_links": {"webui": f"/spaces/{space.key}"},
    }
    if icon:
        record["icon"] = _icon(space)
    return record


def _icon(space: Space) -> Json:
    path = f"/wiki/aa-avatar/{space.author}" if space.type == "personal" else "/images/logo.png"
    return {"path": path} if space.type == "personal" else {"path": path, "apiDownloadLink": path}


def _render(space: Space, call: Call) -> Json:
    return render_space(
        space, call.query.text("description-format"), call.query.flag("include-icon")
    )


def _wanted_keys(call: Call) -> Collection[object] | None:
    """Keys match in any case, as mozilla/markfluence measured."""
    keys = call.query.texts("keys", 250)
    return None if keys is None else {key.casefold() for key in keys}


def _wanted_statuses(call: Call) -> Collection[object] | None:
    status = call.query.choice("status", ("current", "archived"))
    if status is None:
        return None if call.site.spec.archived_spaces_by_default else ("current",)
    return (status,)


def _permissions(call: Call) -> Iterable[Permission]:
    return call.site.permissions.get(find_object(call, "space").id, [])


def _without_roles(call: Call) -> None:
    if "roles" in call.missing_features:
        raise NotFoundError("Role-based access control is not available on this site")


def _assignments(call: Call) -> Iterable[RoleAssignment]:
    _without_roles(call)
    return call.site.role_assignments.get(find_object(call, "space").id, [])


def _roles(call: Call) -> Iterable[SpaceRole]:
    _without_roles(call)
    return call.site.roles


_PERMISSIONS = List[Permission](
    path=child_path("space", "permissions"),
    rows=_permissions,
    identity=lambda permission: permission.id,
    render=lambda permission, _: render_permission(permission),
    sorts={"id": lambda permission: permission.id},
    sortable=False,
)
_ASSIGNMENTS = List[RoleAssignment](
    path=child_path("space", "role-assignments"),
    rows=_assignments,
    identity=lambda assignment: assignment.number,
    render=lambda assignment, _: render_role_assignment(assignment),
    sorts={"number": lambda assignment: assignment.number},
    sortable=False,
    filters=(
        text_filter("role-id", lambda assignment: assignment.role_id),
        text_filter("principal-id", lambda assignment: assignment.principal),
        choice_filter(
            "principal-type",
            ("USER", "GROUP", "ACCESS_CLASS"),
            lambda assignment: assignment.principal_type,
        ),
    ),
)


@dataclass(frozen=True)
class SpaceById:
    """One space with include-*. GET /wiki/api/v2/spaces/{id}."""

    path: str = f"{V2}/spaces/{{id}}"

    def answer(self, call: Call) -> Answer:
        """Return the space with `_links.base`; raises BadRequestError and NotFoundError."""
        description = call.query.choice("description-format", _DESCRIPTIONS)
        record = render_space(
            find_object(call, "space"), description, call.query.flag("include-icon")
        )
        lists: dict[str, List[Any]] = {
            "labels": LABELS["space"],
            "properties": PROPERTIES["space"],
            "permissions": _PERMISSIONS,
            "role-assignments": _ASSIGNMENTS,
        }
        record |= included(call, lists)
        record["_links"]["base"] = call.base
        return Answer(record)


@dataclass(frozen=True)
class SpaceRoleMode:
    """The site's role mode: with or without space roles. GET /wiki/api/v2/space-role-mode."""

    path: str = f"{V2}/space-role-mode"

    def answer(self, call: Call) -> Answer:
        """Return the mode."""
        return Answer({"mode": "PRE_ROLES" if "roles" in call.missing_features else "ROLES"})


SPACES: tuple[Endpoint, ...] = (
    List[Space](
        path=f"{V2}/spaces",
        rows=lambda call: call.site.spaces,
        identity=lambda space: space.id,
        render=_render,
        sorts={
            "id": lambda space: space.id,
            "key": lambda space: space.key,
            "name": lambda space: space.name,
        },
        filters=(
            id_filter("ids", 250, lambda space: space.id),
            Filter(_wanted_keys, lambda space: space.key.casefold()),
            choice_filter("type", _TYPES, lambda space: space.type),
            Filter(_wanted_statuses, lambda space: space.status),
        ),
        choices={"description-format": _DESCRIPTIONS, "include-icon": ("true", "false")},
    ),
    SpaceById(),
    _PERMISSIONS,
    _ASSIGNMENTS,
    SpaceRoleMode(),
    List[SpaceRole](
        path=f"{V2}/space-roles",
        rows=_roles,
        identity=lambda role: role.number,
        render=lambda role, _: render_role(role),
        sorts={"number": lambda role: role.number},
        sortable=False,
        filters=(text_filter("role-type", lambda role: role.type),),
    ),
)
