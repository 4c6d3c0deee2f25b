"""Groups, the audit log and the current user. GET /wiki/rest/api/group, /audit, /user/current."""

from collections.abc import Sequence
from dataclasses import dataclass

from integration_tests.confluence_emulator.endpoint import V1, Answer, Call, Endpoint
from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.model import AuditRecord, Group, Person
from integration_tests.confluence_emulator.offset import OffsetList


def render_group(group: Group, base: str) -> Json:
    """Return a Group."""
    return {
        "type": "group",
        "name": group.name,
        "id": group.id,
        "usageType": group.usage_type,
        "managedBy": group.managed_by,
        "_links": {"self": f"{base}/rest/api/group/by-id?id={group.id}"},
    }


def render_audit_record(record: AuditRecord) -> Json:
    """Return an AuditRecord; a record without an author was written by the system."""
    author = record.author
    return {
        "author": {
            "type": "user",
            "displayName": author.name if author else "System",
            "operations": None,
            "username": None,
            "userKey": None,
            "accountId": author.account_id if author else None,
            "accountType": "atlassian" if author else "",
            "externalCollaborator": False,
            "isExternalCollaborator": False,
            "isGuest": False,
            "publicName": author.name if author else "System",
        },
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


def render_user(person: Person, email: str, base: str) -> Json:
    """Return a User as /user/current answers."""
    return {
        "type": "known",
        "accountId": person.account_id,
        "accountType": "atlassian",
        "email": email,
        "publicName": person.name,
        "displayName": person.name,
        "profilePicture": {
            "path": f"/wiki/aa-avatar/{person.account_id}",
            "width": 48,
            "height": 48,
            "isDefault": False,
        },
        "timeZone": None,
        "isExternalCollaborator": False,
        "isGuest": False,
        "locale": "en_US",
        "accountStatus": "active",
        "_expandable": {"operations": "", "personalSpace": ""},
        "_links": {
            "self": f"{base}/rest/api/user?accountId={person.account_id}",
            "base": base,
            "context": "/wiki",
        },
    }


@dataclass(frozen=True)
class CurrentUser:
    """The account whose credentials the request carries. GET /wiki/rest/api/user/current."""

    path: str = f"{V1}/user/current"

    def answer(self, call: Call) -> Answer:
        """Return the site's first account."""
        return Answer(render_user(call.site.people[0], "reader@example.com", call.base))


def _audit_records(call: Call) -> Sequence[AuditRecord]:
    first = call.query.number("startDate", 0)
    last = call.query.number("endDate", 2**63)
    return [record for record in call.site.audit_records if first <= record.created <= last]


ADMINISTRATION: tuple[Endpoint, ...] = (
    OffsetList[Group](
        path=f"{V1}/group",
        rows=lambda call: call.site.groups,
        render=lambda group, call: render_group(group, call.base),
    ),
    OffsetList[AuditRecord](
        path=f"{V1}/audit",
        rows=_audit_records,
        render=lambda record, _: render_audit_record(record),
        most=1_000,
        needs_admin=True,
    ),
    CurrentUser(),
)
