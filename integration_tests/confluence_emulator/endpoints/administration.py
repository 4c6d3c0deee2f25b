"""Groups, their members, users, the audit log and systemInfo. GET /wiki/rest/api/group, ..."""

from collections.abc import Sequence
from dataclasses import dataclass

from integration_tests.confluence_emulator.endpoint import V1, Answer, Call, Endpoint
from integration_tests.confluence_emulator.errors import BadRequestError
from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.offset import OffsetList
from integration_tests.confluence_emulator.organization import AuditRecord, Group, Person
from integration_tests.confluence_emulator.rendering_v1 import (
    render_audit_record,
    render_group,
    render_user,
)


@dataclass(frozen=True)
class CurrentUser:
    """The account that sent the request. GET /wiki/rest/api/user/current."""

    path: str = f"{V1}/user/current"

    def answer(self, call: Call) -> Answer:
        """Return the site's first account."""
        user = render_user(call.site.people[0], call.base)
        links = {**user["_links"], "base": call.base, "context": "/wiki"}
        return Answer({**user, "email": "reader@example.com", "_links": links})


@dataclass(frozen=True)
class SystemInfo:
    """Facts about the site. GET /wiki/rest/api/settings/systemInfo."""

    path: str = f"{V1}/settings/systemInfo"

    def answer(self, call: Call) -> Answer:
        """Return ids, edition, and time zone."""
        return Answer(
            {
                "cloudId": "11111111-2222-4333-8444-555555555555",
                "commitHash": "0000000",
                "baseUrl": call.base,
                "edition": "standard" if call.missing_features else "premium",
                "siteTitle": "Emulated",
                "defaultLocale": "en_GB",
                "defaultTimeZone": "Etc/UTC",
                "microsPerimeter": "commercial",
            }
        )


def _audit_records(call: Call) -> Sequence[AuditRecord]:
    first = call.query.number("startDate", 0)
    last = call.query.number("endDate", 2**63)
    return [record for record in call.site.audit_records if first <= record.created <= last]


def _members(call: Call) -> Sequence[Person]:
    """Return a group's members; an unknown group has none."""
    site = call.site
    ids = site.members.get(call.path_params["id"], [])
    return [person for account_id in ids if (person := site.person(account_id)) is not None]


def _total_on_demand(rows: Sequence[Person], call: Call) -> Json:
    return {"totalSize": len(rows)} if call.query.flag("shouldReturnTotalSize") else {}


_MAX_USERS = 10_000


def _users(call: Call) -> Sequence[Person]:
    """Return active accounts, without guests by default; the only query is `type=user`."""
    chosen = call.query.choice("sitePermissionTypeFilter", ("all", "externalCollaborator", "none"))
    cql = "".join((call.query.text("cql") or "").split()).replace('"', "")
    if cql not in ("type=user", "typein(user)"):
        raise BadRequestError(f"Could not parse cql : {call.query.text('cql')}")
    found = {
        "all": [*call.site.people, *call.site.unlisted.guests],
        "externalCollaborator": call.site.unlisted.guests,
    }.get(chosen or "none", call.site.people)
    return found[:_MAX_USERS]


def _found_user(person: Person, call: Call) -> Json:
    return {
        "user": render_user(person, call.base),
        "title": person.name,
        "excerpt": "",
        "url": f"/people/{person.account_id}",
        "breadcrumbs": [],
        "entityType": "user",
        "iconCssClass": "",
        "lastModified": "2021-01-01T00:00:00.000Z",
        "friendlyLastModified": "long ago",
        "score": 0.0,
    }


def _about_search(rows: Sequence[Person], call: Call) -> Json:
    return {
        "totalSize": len(rows),
        "cqlQuery": call.query.text("cql"),
        "searchDuration": 7,
        "archivedResultCount": 0,
    }


ADMINISTRATION: tuple[Endpoint, ...] = (
    OffsetList[Group](
        path=f"{V1}/group",
        rows=lambda call: call.site.groups,
        render=lambda group, call: render_group(group, call.base),
    ),
    OffsetList[Person](
        path=f"{V1}/group/{{id}}/membersByGroupId",
        rows=_members,
        render=lambda person, call: render_user(person, call.base),
        extra_fields=_total_on_demand,
    ),
    OffsetList[AuditRecord](
        path=f"{V1}/audit",
        rows=_audit_records,
        render=lambda record, _: render_audit_record(record),
        max_limit=1_000,
        needs_admin=True,
        has_next_link=False,
        extra_rows=1,
    ),
    OffsetList[Person](
        path=f"{V1}/search/user",
        rows=_users,
        render=_found_user,
        extra_fields=_about_search,
        max_limit=100,
        default_limit=25,
        has_next_link=False,
        states_truth=False,
    ),
    CurrentUser(),
    SystemInfo(),
)
