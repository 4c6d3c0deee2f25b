"""Child records and site-wide settings, as the v2 API returns them."""

from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.kinds import KINDS
from integration_tests.confluence_emulator.model import (
    Label,
    Placed,
    Property,
    Task,
    Version,
    Versioned,
)
from integration_tests.confluence_emulator.organization import (
    ClassificationLevel,
    Permission,
    Person,
    RoleAssignment,
    SpaceRole,
)
from integration_tests.confluence_emulator.rendering import render_version
from integration_tests.confluence_emulator.site import Site
from integration_tests.confluence_emulator.timestamps import iso

_NESTED = {
    "page": "page",
    "blogpost": "blogpost",
    "attachment": "attachment",
    "custom_content": "custom",
    "footer_comment": "comment",
    "inline_comment": "comment",
}


def render_nested_version(
    version: Version, item: Versioned, site: Site, body_format: str | None
) -> Json:
    """Return a version with a nested VersionedEntity; its body is empty without a body format."""
    entity: Json = {"id": KINDS[item.kind].api_id(item.id), "title": version.title, "body": {}}
    if body_format is not None:
        value = site.short_bodies.value(item, body_format)
        entity["body"] = {body_format: {"representation": body_format, "value": value}}
    return {**render_version(version), _NESTED[item.kind]: entity}


def render_label(label: Label) -> Json:
    """Return a Label."""
    return {"id": str(label.id), "name": label.name, "prefix": label.prefix}


def render_property(one: Property) -> Json:
    """Return a ContentProperty."""
    return {
        "id": str(one.id),
        "key": one.key,
        "value": one.value,
        "version": {
            "number": one.version,
            "message": "",
            "minorEdit": False,
            "authorId": one.author,
            "createdAt": iso(one.modified),
        },
    }


def render_space_property(one: Property) -> Json:
    """Return a SpaceProperty; the live API also names its creator `authorId`."""
    return {
        "id": str(one.id),
        "key": one.key,
        "value": one.value,
        "createdAt": iso(one.created),
        "createdBy": one.author,
        "authorId": one.author,
        "version": {
            "number": one.version,
            "message": "",
            "createdBy": one.author,
            "createdAt": iso(one.modified),
        },
    }


def render_like(account_id: str) -> Json:
    """Return a Like."""
    return {"accountId": account_id}


def render_child(child: Placed) -> Json:
    """Return a ChildrenResponse: a direct child."""
    return {
        "id": str(child.id),
        "status": child.status,
        "title": child.title,
        "type": child.kind,
        "spaceId": str(child.space_id),
        "childPosition": child.position,
    }


def render_task(task: Task, site: Site, body_format: str | None) -> Json:
    """Return a Task; without a body format its body is empty."""
    body: Json = {}
    if body_format is not None:
        body = {body_format: {"representation": body_format, "value": task.text}}
    return {
        "id": str(task.id),
        "localId": str(task.id % 100),
        "spaceId": str(site.space_id(task)),
        KINDS[task.container_kind].id_field: str(task.container_id),
        "status": "incomplete" if task.completed is None else "complete",
        "body": body,
        "createdBy": task.creator,
        "assignedTo": task.assignee,
        "completedBy": task.completer,
        "createdAt": iso(task.created),
        "updatedAt": iso(task.updated),
        "dueAt": None if task.due is None else iso(task.due),
        "completedAt": None if task.completed is None else iso(task.completed),
    }


def render_permission(permission: Permission) -> Json:
    """Return a SpacePermissionAssignment."""
    return {
        "id": str(permission.id),
        "principal": {"type": permission.principal_type, "id": permission.principal},
        "operation": {"key": permission.operation, "targetType": permission.target},
    }


def render_role(role: SpaceRole) -> Json:
    """Return a SpaceRole."""
    return {
        "id": role.id,
        "type": role.type,
        "name": role.name,
        "description": role.description,
        "spacePermissions": list(role.permissions),
    }


def render_role_assignment(assignment: RoleAssignment) -> Json:
    """Return a SpaceRoleAssignment."""
    principal = {
        "principalType": assignment.principal_type,
        "principalId": assignment.principal,
    }
    return {"principal": principal, "roleId": assignment.role_id}


def render_classification_level(level: ClassificationLevel) -> Json:
    """Return a ClassificationLevel."""
    return {
        "id": level.id,
        "status": level.status,
        "order": level.order,
        "name": level.name,
        "description": f"What is {level.name.lower()}",
        "guideline": "",
        "color": level.color,
    }


def render_bulk_user(person: Person) -> Json:
    """Return a User as users-bulk returns it."""
    return {
        "accountId": person.account_id,
        "accountStatus": person.status,
        "accountType": person.account_type or "unknown",
        "displayName": person.name,
        "publicName": person.name,
        "email": person.email,
        "timeZone": None,
        "personalSpaceId": None,
        "isExternalCollaborator": False,
        "profilePicture": {"path": f"/wiki/aa-avatar/{person.account_id}", "isDefault": False},
    }
