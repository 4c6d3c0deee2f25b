"""Spaces, permissions, roles, classification levels and templates."""

from collections.abc import Sequence
from random import Random

from integration_tests.confluence_emulator.generators.random_values import (
    EARLIEST_TIME,
    MANY,
    SUBJECTS,
    in_share,
    random_source,
    random_uuid,
)
from integration_tests.confluence_emulator.organization import (
    ClassificationLevel,
    Group,
    Permission,
    Person,
    RoleAssignment,
    Space,
    SpaceRole,
    Template,
)
from integration_tests.confluence_emulator.spec import SiteSpec
from integration_tests.confluence_emulator.tables import NumberSource, Table

_OPERATIONS = (
    ("read", "space"),
    ("create", "page"),
    ("create", "blogpost"),
    ("create", "comment"),
    ("delete", "page"),
    ("delete", "attachment"),
    ("export", "space"),
    ("administer", "space"),
    ("restrict_content", "space"),
    ("archive", "page"),
    ("manage_users", "space"),
    ("manage_nonlicensed_users", "space"),
    ("archive_space", "space"),
    ("export_content", "space"),
)
_ACCESS_CLASSES = ("ALL_LICENSED_USERS", "ALL_PRODUCT_ADMINS")

_ROLES = ("Viewer", "Collaborator", "Manager", "Admin")
_LEVELS = (("Public", "GREEN"), ("Internal", "BLUE"), ("Confidential", "ORANGE"), ("Secret", "RED"))


def spaces(spec: SiteSpec, authors: Sequence[Person]) -> Table[Space]:
    """Return current, archived and personal spaces; their ids have different lengths."""
    random = random_source(spec, "spaces")
    table: Table[Space] = Table(NumberSource(random, start=9_700, remainder=0))
    for index in range(spec.spaces):
        author = random.choice(authors)
        personal = in_share(index, spec.personal_space_share)
        key = f"~{author.account_id[7:].replace('-', '')}{index}" if personal else f"SP{index}"
        table.add(
            Space(
                id=table.numbers.next(),
                key=key,
                name=author.name if personal else f"{random.choice(SUBJECTS)} {index}",
                type="personal" if personal else _space_type(random),
                status="archived" if in_share(index + 2, spec.archived_space_share) else "current",
                author=author.account_id,
                created=EARLIEST_TIME + index * 1_000 + random.randrange(1_000),
                homepage_id=None,
                description=None if index % 3 else f"All about “{key}”",
                alias=key,
            )
        )
    return table


def _space_type(random: Random) -> str:
    return random.choices(("global", "collaboration", "knowledge_base"), (8, 1, 1))[0]


def permissions(
    spec: SiteSpec, all_spaces: Sequence[Space], people: Sequence[Person], groups: Sequence[Group]
) -> dict[int, list[Permission]]:
    """Return the permissions of users, groups and access classes by space id."""
    random = random_source(spec, "permissions")
    found: dict[int, list[Permission]] = {}
    number = 700_000
    for index, space in enumerate(all_spaces):
        rows = []
        for nth in range(MANY if index == 0 else random.randint(3, 12)):
            number += random.randint(1, 9)
            operation, target = _OPERATIONS[nth % len(_OPERATIONS)]
            kind, principal = _principal(random, nth, people, groups)
            rows.append(Permission(number, kind, principal, operation, target))
        found[space.id] = rows
    return found


def _principal(
    random: Random, nth: int, people: Sequence[Person], groups: Sequence[Group]
) -> tuple[str, str]:
    if nth % 5 == 2:
        return "access-class", _ACCESS_CLASSES[nth // 5 % 2]
    if nth % 2 and groups:
        return "group", random.choice(groups).id
    return "user", random.choice(people).account_id


def roles(spec: SiteSpec) -> list[SpaceRole]:
    """Return Confluence's default roles and custom ones."""
    random = random_source(spec, "roles")
    return [
        SpaceRole(
            number=index,
            id=random_uuid(random),
            type="SYSTEM" if index < len(_ROLES) else "CUSTOM",
            name=_ROLES[index] if index < len(_ROLES) else f"Custom {index}",
            description=f"Role {index}",
            permissions=("read/space", "create/page", "delete/page")[: 1 + index % 3],
        )
        for index in range(spec.space_roles)
    ]


def role_assignments(
    spec: SiteSpec,
    all_spaces: Sequence[Space],
    all_roles: Sequence[SpaceRole],
    people: Sequence[Person],
    groups: Sequence[Group],
) -> dict[int, list[RoleAssignment]]:
    """Return role assignments by space id; no principal has two roles in one space."""
    random = random_source(spec, "role assignments")
    found: dict[int, list[RoleAssignment]] = {}
    for index, space in enumerate(all_spaces if all_roles else ()):
        principals = [("ACCESS_CLASS", "all-licensed-users")]
        many = MANY if index == 0 else random.randint(0, 4)
        chosen = random.sample(people, min(len(people), many))
        principals += [("USER", person.account_id) for person in chosen]
        principals += [("GROUP", random.choice(groups).id)] if groups else []
        found[space.id] = [
            RoleAssignment(number, kind, principal, random.choice(all_roles).id)
            for number, (kind, principal) in enumerate(principals)
        ]
    return found


def classification_levels(spec: SiteSpec) -> list[ClassificationLevel]:
    """Return the data classification levels in order."""
    random = random_source(spec, "classification levels")
    return [
        ClassificationLevel(
            id=random_uuid(random),
            status=("PUBLISHED", "PUBLISHED", "DRAFT", "ARCHIVED")[index % 4],
            order=index,
            name=_LEVELS[index % len(_LEVELS)][0] + ("" if index < len(_LEVELS) else f" {index}"),
            color=_LEVELS[index % len(_LEVELS)][1],
        )
        for index in range(spec.classification_levels)
    ]


def templates(spec: SiteSpec, all_spaces: Sequence[Space]) -> list[Template]:
    """Return page templates and blueprints of the site and of spaces."""
    random = random_source(spec, "templates")
    found = []
    for index in range(spec.templates):
        space = all_spaces[index % 5 * 7 % len(all_spaces)].id if all_spaces and index % 3 else None
        blueprint = ("com.atlassian.confluence.plugins", f"module-{index}") if index % 2 else None
        number = str(1_572_000 + 16 * index + 15)
        uuid = random_uuid(random)
        template_id = uuid if blueprint and space is None else number
        found.append(Template(template_id, f"Template {index}", space, blueprint))
    return found
