"""A site's objects from its seed; each kind draws from a random source of its own."""

from collections.abc import Sequence
from datetime import datetime, timezone
from random import Random
from uuid import UUID

from integration_tests.confluence_emulator.model import (
    AuditRecord,
    Content,
    Group,
    NumberSource,
    Person,
    Space,
    Table,
)
from integration_tests.confluence_emulator.spec import SiteSpec
from integration_tests.confluence_emulator.timestamps import milliseconds

FIRST_MOMENT = milliseconds(datetime(2021, 1, 1, tzinfo=timezone.utc))
LAST_MOMENT = milliseconds(datetime(2025, 6, 30, tzinfo=timezone.utc))
"""Everything generated lies between these two, so that an edit made now is the newest."""

_FIRST_NAMES = ("Ada", "Björn", "Chloë", "Dmitri", "Emi", "Farah", "Gül", "Hélène", "Inés", "José")
_LAST_NAMES = ("Álvarez", "Brown", "Çelik", "Dvořák", "Eriksen", "Fujita", "García", "Høeg")
_SUBJECTS = ("Roadmap", "Runbook", "Übersicht", "設計", "Retro", "Café menu", "Q&A", "Отчёт", "🚀")
_QUALIFIERS = ("2024", "draft <3>", "“final”", "v2", "of the team", "how-to", 'with "quotes"')
_CATEGORIES = ("Permissions", "Pages", "Spaces", "Users and groups", "Security", "Import/Export")


def random_source(spec: SiteSpec, purpose: str) -> Random:
    """Return the random source of one purpose, so that adding a kind changes no other."""
    return Random(f"{spec.seed}/{purpose}")


def falls(index: int, share: float) -> bool:
    """Tell whether the share's next whole is reached at this index."""
    return int((index + 1) * share) > int(index * share)


def people(spec: SiteSpec) -> list[Person]:
    """Return at least one account."""
    random = random_source(spec, "people")
    return [
        Person(_account_id(random), f"{random.choice(_FIRST_NAMES)} {random.choice(_LAST_NAMES)}")
        for _ in range(max(1, spec.users))
    ]


def _account_id(random: Random) -> str:
    return f"712020:{UUID(int=random.getrandbits(128), version=4)}"


def spaces(spec: SiteSpec, authors: Sequence[Person]) -> Table[Space]:
    """Return current, archived and personal spaces; the ids cross a power of ten."""
    random = random_source(spec, "spaces")
    table: Table[Space] = Table(NumberSource(random, start=9_700, remainder=0))
    for index in range(spec.spaces):
        author = random.choice(authors)
        personal = falls(index, spec.personal_space_share)
        key = f"~{author.account_id[7:].replace('-', '')}{index}" if personal else f"SP{index}"
        table.add(
            Space(
                id=table.numbers.next(),
                key=key,
                name=author.name if personal else f"{random.choice(_SUBJECTS)} {index}",
                type="personal" if personal else _space_type(random),
                status="archived" if falls(index + 2, spec.archived_space_share) else "current",
                author=author.account_id,
                created=FIRST_MOMENT + index * 1_000 + random.randrange(1_000),
                homepage_id=None,
                description=None if index % 3 else f"All about “{key}”",
                alias=key,
            )
        )
    return table


def _space_type(random: Random) -> str:
    return random.choices(("global", "collaboration", "knowledge_base"), (8, 1, 1))[0]


def pages(spec: SiteSpec, authors: Sequence[Person], homes: Sequence[Space]) -> Table[Content]:
    """Return a forest of pages per space; the last of several spaces stays empty."""
    random = random_source(spec, "pages")
    table: Table[Content] = Table(NumberSource(random, start=99_000, remainder=1))
    if not homes:
        return table
    inhabited = homes[:-1] or homes
    weights = [1 / (1 + index % 10) for index in range(len(inhabited))]
    parents: dict[int, list[int]] = {}
    choices = random.choices(inhabited, weights, k=spec.pages)
    modified = FIRST_MOMENT
    for index, space in enumerate(choices):
        created = _moment(random, index, spec.pages)
        version, modified = _history(random, index, created, modified)
        status = "current"
        if falls(index, spec.archived_page_share):
            status = "archived"
        elif falls(index + 3, spec.trashed_page_share):
            status = "trashed"
        author = random.choice(authors).account_id
        page = Content(
            kind="page",
            id=table.numbers.next(),
            space_id=space.id,
            status=status,
            title=_title(random, index),
            author=author,
            created=min(created, modified),
            modified=modified,
            version=version,
            version_author=random.choice(authors).account_id if version > 1 else author,
            version_message=f"edit {version}" if version % 3 == 0 else "",
            minor_edit=version % 4 == 0,
            owner=None if index % 9 == 0 else author,
            last_owner=random.choice(authors).account_id if index % 11 == 0 else None,
            subtype="live" if index % 13 == 0 else None,
        )
        if status != "trashed":
            _place(random, page, space, parents.setdefault(space.id, []))
        table.add(page)
    return table


def _place(random: Random, page: Content, space: Space, family: list[int]) -> None:
    """Put the page under the space's home page, one of its descendants, a folder, or nothing."""
    if not family and page.status == "current":
        space.homepage_id = page.id
    elif page.id % 37 == 0:
        page.parent_id, page.parent_type = page.id - page.id % 1_600 + 7, "folder"
    elif family and page.id % 41:
        page.parent_id, page.parent_type = random.choice(family[-50:]), "page"
    page.position = random.choice((None, random.randrange(2_000)))
    if page.status == "current":
        family.append(page.id)


def _moment(random: Random, index: int, total: int) -> int:
    moment = FIRST_MOMENT + (LAST_MOMENT - FIRST_MOMENT) * index // max(1, total)
    return moment + random.randrange(100_000)


def _history(random: Random, index: int, created: int, previous: int) -> tuple[int, int]:
    """Return version and time of modification: half at version 1, some tied, some whole seconds."""
    if index % 50 >= 47:
        return 2, previous
    if random.random() < 0.5:
        return 1, created
    modified = min(LAST_MOMENT, created + 1 + int((LAST_MOMENT - created) * random.random()))
    return random.randint(2, 40), modified - modified % (1_000 if index % 40 == 0 else 1)


def _title(random: Random, index: int) -> str:
    return f"{random.choice(_SUBJECTS)} {random.choice(_QUALIFIERS)} {index}"


def blog_posts(spec: SiteSpec, authors: Sequence[Person], homes: Sequence[Space]) -> Table[Content]:
    """Return current and trashed blog posts."""
    random = random_source(spec, "blog posts")
    table: Table[Content] = Table(NumberSource(random, start=99_500, remainder=2))
    for index in range(spec.blog_posts if homes else 0):
        created = _moment(random, index, spec.blog_posts)
        version, modified = _history(random, index, created, created)
        author = random.choice(authors).account_id
        table.add(
            Content(
                kind="blogpost",
                id=table.numbers.next(),
                space_id=random.choice(homes).id,
                status="trashed" if falls(index, spec.trashed_blog_post_share) else "current",
                title=_title(random, index),
                author=author,
                created=created,
                modified=modified,
                version=version,
                version_author=author,
            )
        )
    return table


def groups(spec: SiteSpec) -> list[Group]:
    """Return groups; some are teams, some are managed elsewhere."""
    random = random_source(spec, "groups")
    return [
        Group(
            id=str(UUID(int=random.getrandbits(128), version=4)),
            name=("site-admins", "confluence-users", "team Ümit")[index % 3] + f"-{index}",
            usage_type="TEAM_COLLABORATION" if index % 3 == 2 else "USERBASE_GROUP",
            managed_by=("ADMINS", "EXTERNAL", "TEAM_MEMBERS", "OPEN")[index % 4],
        )
        for index in range(spec.groups)
    ]


def audit_records(spec: SiteSpec, authors: Sequence[Person]) -> list[AuditRecord]:
    """Return the audit log, newest first; every seventh record ties with the one before."""
    random = random_source(spec, "audit")
    records: list[AuditRecord] = []
    for index in range(spec.audit_records):
        moment = _moment(random, index, spec.audit_records)
        category = random.choice(_CATEGORIES)
        records.append(
            AuditRecord(
                created=records[-1].created if index % 7 == 6 else moment,
                author=random.choice(authors) if index % 10 else None,
                address=f"10.0.{index % 256}.{random.randrange(256)}",
                summary=f"{category} changed",
                description="" if index % 2 else f"Record {index}",
                category=category,
                object_name=f"{random.choice(_SUBJECTS)} {index}",
                object_type=random.choice(("Space", "Page", "User", "Group")),
                changes=(("Name", f"old {index}", f"new {index}"),) if index % 3 == 0 else (),
            )
        )
    return sorted(records, key=lambda record: -record.created)
