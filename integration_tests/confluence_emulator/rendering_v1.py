"""Users, groups, and the records that contain them, as the v1 API returns them."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.model import Restriction, Versioned
from integration_tests.confluence_emulator.organization import (
    AuditRecord,
    Group,
    Person,
    Space,
    Template,
)
from integration_tests.confluence_emulator.site import Site

OPERATIONS = ("read", "update")
MAX_PRINCIPALS = 100
"""The maximum number of users, and of groups, in one restriction."""


def render_group(group: Group, base: str) -> Json:
    """Return a Group; sites send neither its usageType nor its managedBy."""
    return {
        "type": "group",
        "name": group.name,
        "id": group.id,
        "_links": {"self": f"{base}/rest/api/group/{quote(group.name)}"},
    }


def render_audit_record(record: AuditRecord) -> Json:
    """Return an AuditRecord; if the system wrote it, its author has no ids."""
    author = record.author
    writer: Json = {
        "type": "user",
        "displayName": author.name if author else "System",
        "operations": None,
        "accountType": author.account_type if author else "",
        "externalCollaborator": False,
        "isExternalCollaborator": False,
        "isGuest": False,
        "publicName": author.name if author else "System",
    }
    if author is not None:
        writer |= {"username": None, "userKey": None, "accountId": author.account_id}
    return {
        "author": writer,
        "remoteAddress": record.address,
        "creationDate": record.created,
        "summary": record.summary,
        "description": record.description,
        "category": record.category,
        "sysAdmin": False,
        "superAdmin": author is None,
        "affectedObject": {"name": record.object_name, "objectType": record.object_type},
        "changedValues": [
            {"name": name, "oldValue": old, "hiddenOldValue": "", "newValue": new}
            for name, old, new in record.changes
        ],
        "associatedObjects": [{"name": "", "objectType": record.object_type}],
    }


def _person(person: Person) -> Json:
    return {
        "type": "known",
        "accountId": person.account_id,
        "accountType": person.account_type,
        "email": person.email,
        "publicName": person.name,
        "displayName": person.name,
        "profilePicture": {
            "path": f"/wiki/aa-avatar/{person.account_id}",
            "width": 48,
            "height": 48,
            "isDefault": False,
        },
        "timeZone": None,
        "isExternalCollaborator": person.is_guest,
        "externalCollaborator": person.is_guest,
        "isGuest": person.is_guest,
    }


def render_user(person: Person, base: str) -> Json:
    """Return a User with the locale and account status that only the live API has."""
    return {
        **_person(person),
        "locale": "en_US",
        "accountStatus": person.status,
        "_expandable": {"operations": "", "personalSpace": ""},
        "_links": {"self": f"{base}/rest/api/user?accountId={person.account_id}"},
    }


def render_watch(kind: str, person: Person, **watched: object) -> Json:
    """Return a Watch or SpaceWatch."""
    watcher = {**_person(person), "operations": None, "personalSpace": None}
    return {"type": kind, "watcher": watcher, **watched}


def render_restriction(
    item: Versioned, operation: str, site: Site, base: str, *, limit: int, start: int = 0
) -> Json:
    """Return a ContentRestriction with `limit` users and groups at most, each from `start`."""
    none: dict[str, Restriction] = {}
    restriction = site.restrictions.get(item.id, none).get(operation, Restriction())
    path = f"/rest/api/content/{item.id}/restriction/byOperation/{operation}"
    users = [
        render_user(person, base)
        for account_id in restriction.users
        if (person := site.person(account_id)) is not None
    ]
    groups = [
        render_group(group, base)
        for group_id in restriction.groups
        if (group := site.group(group_id)) is not None
    ]
    return {
        "operation": operation,
        "restrictions": {
            "user": nested_list(users, base, path, limit, start),
            "group": nested_list(groups, base, path, limit, start),
            "_expandable": {},
        },
        "_expandable": {"content": f"/rest/api/content/{item.id}"},
        "_links": {"self": base + path},
    }


def nested_list(rows: Sequence[Any], base: str, path: str, limit: int, start: int = 0) -> Json:
    """Return a list nested in a v1 answer, with its own start, limit, size and next."""
    page = rows[start : start + limit]
    links = {"self": base + path}
    if start + limit < len(rows):
        links["next"] = f"{path}?limit={limit}&start={start + limit}"
    return {
        "results": list(page),
        "start": start,
        "limit": limit,
        "size": len(page),
        "totalSize": len(rows),
        "_links": links,
    }


def render_v1_space(space: Space, base: str) -> Json:
    """Return a Space as content and templates include it."""
    return {
        "id": space.id,
        "key": space.key,
        "alias": space.alias,
        "name": space.name,
        "type": space.type,
        "status": space.status,
        "_expandable": {"settings": f"/rest/api/space/{space.key}/settings", "metadata": ""},
        "_links": {"webui": f"/spaces/{space.key}", "self": f"{base}/rest/api/space/{space.key}"},
    }


def render_template(template: Template, site: Site, base: str, *, with_body: bool) -> Json:
    """Return a ContentTemplate or BlueprintTemplate."""
    record: Json = {
        "templateId": template.id,
        "name": template.name,
        "description": f"What {template.name} is for",
        "labels": [],
        "templateType": "page",
        "editorVersion": "v2",
        "_expandable": {} if with_body else {"body": ""},
        "_links": {"self": f"{base}/rest/api/template/{template.id}"},
    }
    if template.blueprint is not None:
        plugin, module = template.blueprint
        record["originalTemplate"] = {"pluginKey": plugin, "moduleKey": module}
        record["referencingBlueprint"] = f"{plugin}:{module}-blueprint"
    space = None if template.space_id is None else site.spaces.get(template.space_id)
    if space is not None:
        record["space"] = render_v1_space(space, base)
    if with_body:
        value = f"<p>{template.name}</p>"
        storage = {"value": value, "representation": "storage", "embeddedContent": []}
        record["body"] = {"storage": storage}
    return record


def views_of(item: Versioned) -> int:
    """Return how often a page has been viewed."""
    return item.id % 97
