"""Accounts, groups, their members, and the audit log."""

from collections.abc import Sequence
from random import Random

from integration_tests.confluence_emulator.generators.random_values import (
    SUBJECTS,
    event_time,
    random_source,
    random_uuid,
)
from integration_tests.confluence_emulator.organization import AuditRecord, Group, Person
from integration_tests.confluence_emulator.spec import SiteSpec

_FIRST_NAMES = ("Ada", "Björn", "Chloë", "Dmitri", "Emi", "Farah", "Gül", "Hélène", "Inés", "José")
_LAST_NAMES = ("Álvarez", "Brown", "Çelik", "Dvořák", "Eriksen", "Fujita", "García", "Høeg")
_CATEGORIES = ("Permissions", "Pages", "Spaces", "Users and groups", "Security", "Import/Export")


def people(spec: SiteSpec) -> list[Person]:
    """Return at least one active account; every 40th is an app's, and some are of no known type."""
    random = random_source(spec, "people")
    return [
        _person(random, index, {39: "app", 19: ""}.get(index % 40, "atlassian"), "active")
        for index in range(max(1, spec.users))
    ]


def former_people(spec: SiteSpec) -> list[Person]:
    """Return deactivated accounts, which only occur as authors."""
    random = random_source(spec, "former people")
    return [
        _person(random, index, "atlassian", ("inactive", "closed")[index % 2])
        for index in range(spec.former_users)
    ]


def _person(random: Random, index: int, account_type: str, status: str) -> Person:
    name = f"{random.choice(_FIRST_NAMES)} {random.choice(_LAST_NAMES)}"
    account_id = f"712020:{random_uuid(random)}"
    email = f"user{index}@example.com" if index % 3 else ""
    return Person(account_id, name, account_type, status, email)


def groups(spec: SiteSpec) -> list[Group]:
    """Return groups with names of several forms."""
    random = random_source(spec, "groups")
    return [
        Group(
            id=random_uuid(random),
            name=("site-admins", "confluence-users", "team Ümit")[index % 3] + f"-{index}",
        )
        for index in range(spec.groups)
    ]


def deleted_group(spec: SiteSpec) -> Group:
    """Return a deleted group, which restrictions still refer to."""
    return Group(random_uuid(random_source(spec, "deleted group")), "former")


def members(
    spec: SiteSpec, all_groups: Sequence[Group], accounts: Sequence[Person]
) -> dict[str, list[str]]:
    """Return account ids by group id: all except two in the first group, none in the last."""
    random = random_source(spec, "members")
    found: dict[str, list[str]] = {}
    for index, group in enumerate(all_groups):
        inside = accounts[:-2]
        if index:
            inside = random.sample(inside, min(len(inside), random.randrange(12)))
        found[group.id] = [person.account_id for person in inside]
    if len(all_groups) > 1:
        found[all_groups[-1].id] = []
    return found


def audit_records(spec: SiteSpec, authors: Sequence[Person]) -> list[AuditRecord]:
    """Return the audit log, newest first; every seventh record has its predecessor's time."""
    random = random_source(spec, "audit")
    records: list[AuditRecord] = []
    for index in range(spec.audit_records):
        when = event_time(random, index, spec.audit_records)
        category = random.choice(_CATEGORIES)
        records.append(
            AuditRecord(
                created=records[-1].created if index % 7 == 6 else when,
                author=random.choice(authors) if index % 10 else None,
                address=f"10.0.{index % 256}.{random.randrange(256)}",
                summary=f"{category} changed",
                description="" if index % 2 else f"Record {index}",
                category=category,
                object_name=f"{random.choice(SUBJECTS)} {index}",
                object_type=random.choice(("Space", "Page", "User", "Group")),
                changes=(("Name", f"old {index}", f"new {index}"),) if index % 3 == 0 else (),
            )
        )
    return sorted(records, key=lambda record: -record.created)
