"""Pages, blog posts, and the folders, whiteboards, databases and embeds of the same tree."""

from collections.abc import Mapping, Sequence
from random import Random

from integration_tests.confluence_emulator.generating.chance import (
    FIRST_MOMENT,
    drawn,
    falls,
    give_many_versions,
    history,
    moment,
    numbers,
    random_source,
    title,
)
from integration_tests.confluence_emulator.kinds import TREE_KINDS
from integration_tests.confluence_emulator.model import Content, TreeItem, is_minor, message_of
from integration_tests.confluence_emulator.organization import Person, Space
from integration_tests.confluence_emulator.spec import SiteSpec
from integration_tests.confluence_emulator.tables import NumberSource, Table

MANY_VERSIONS = 60


def tree_items(
    spec: SiteSpec, authors: Sequence[Person], homes: Sequence[Space]
) -> dict[str, Table[TreeItem]]:
    """Return folders, whiteboards, databases and embeds, some of them in folders."""
    sizes = (spec.folders, spec.whiteboards, spec.databases, spec.embeds)
    tables: dict[str, Table[TreeItem]] = {}
    folders: dict[int, list[int]] = {}
    inhabited = _inhabited(homes)[:4]
    for place, (kind, size) in enumerate(zip(TREE_KINDS, sizes, strict=True)):
        random = random_source(spec, kind)
        table: Table[TreeItem] = Table(numbers(spec, kind, start=99_000, remainder=7 + place))
        for index in range(size if inhabited else 0):
            space = inhabited[index % len(inhabited)].id
            item = _tree_item(random, kind, index, size, authors)
            item.id, item.space_id = table.numbers.next(), space
            family = folders.setdefault(space, [])
            if family and index % 3 == 0:
                item.parent_id, item.parent_type = random.choice(family), "folder"
            if kind == "folder":
                family.append(item.id)
            table.add(item)
        tables[kind] = table
    return tables


def _tree_item(
    random: Random, kind: str, index: int, size: int, authors: Sequence[Person]
) -> TreeItem:
    created = moment(random, index, size)
    version, modified = (1, created) if index % 2 else history(random, index, created, created)
    author = random.choice(authors).account_id
    return TreeItem(
        kind=kind,
        id=0,
        space_id=0,
        title=title(random, index),
        author=author,
        created=created,
        modified=modified,
        version=version,
        version_author=author,
        version_message=message_of(version),
        minor_edit=is_minor(version),
        owner=author if index % 4 else None,
        position=random.choice((None, random.randrange(2_000))),
        embed_url=f"https://example.com/{index}" if kind == "embed" else None,
    )


def put_tree_items_under_pages(
    tables: Mapping[str, Table[TreeItem]], homes: Sequence[Space]
) -> None:
    """Move some of the items that have no parent below their space's home page."""
    home_pages = {space.id: space.homepage_id for space in homes}
    for table in tables.values():
        for item in table:
            home_page = home_pages[item.space_id]
            if item.parent_id is None and home_page is not None and item.id % 3 == 1:
                item.parent_id, item.parent_type = home_page, "page"


def _inhabited(homes: Sequence[Space]) -> Sequence[Space]:
    return homes[:-1] or homes


def pages(
    spec: SiteSpec,
    authors: Sequence[Person],
    former: Sequence[Person],
    homes: Sequence[Space],
    tree: Mapping[str, Table[TreeItem]],
) -> Table[Content]:
    """Return a forest of pages per space; the last of several spaces stays empty."""
    random = random_source(spec, "pages")
    table: Table[Content] = Table(NumberSource(random, start=99_000, remainder=1))
    if not homes:
        return table
    inhabited = _inhabited(homes)
    weights = [1 / (1 + index % 10) for index in range(len(inhabited))]
    parents: dict[int, list[int]] = {}
    holders = _holders(tree)
    choices = random.choices(inhabited, weights, k=spec.pages)
    first_versions = drawn(random, spec.pages, spec.page_first_version_share)
    previous = FIRST_MOMENT
    many = MANY_VERSIONS
    for index, space in enumerate(choices):
        created = moment(random, index, spec.pages)
        version, modified = 1, created
        if index not in first_versions:
            version, modified = history(random, index, created, previous)
        previous = modified
        status = "current"
        if falls(index, spec.archived_page_share):
            status = "archived"
        elif falls(index + 3, spec.trashed_page_share):
            status = "trashed"
        writers = former if former and index % 23 == 5 else authors
        author = random.choice(writers).account_id
        page = Content(
            kind="page",
            id=table.numbers.next(),
            space_id=space.id,
            status=status,
            title=title(random, index),
            author=author,
            created=min(created, modified),
            modified=modified,
            version=version,
            version_author=random.choice(authors).account_id if version > 1 else author,
            version_message=message_of(version),
            minor_edit=is_minor(version),
            owner=None if index % 9 == 0 else author,
            last_owner=random.choice(authors).account_id if index % 11 == 0 else None,
            subtype="live" if index % 13 == 0 else None,
        )
        if status == "current" and many:
            give_many_versions(page, many)
            previous, many = page.modified, 0
        if status != "trashed":
            family = parents.setdefault(space.id, [])
            _place(random, page, space, family, holders.get(space.id, []))
        table.add(page)
    return table


def _holders(tree: Mapping[str, Table[TreeItem]]) -> dict[int, list[TreeItem]]:
    """Return by space what pages may lie under, besides pages."""
    found: dict[int, list[TreeItem]] = {}
    for kind in ("folder", "whiteboard"):
        for item in tree[kind]:
            found.setdefault(item.space_id, []).append(item)
    return found


def _place(
    random: Random, page: Content, space: Space, family: list[int], holders: list[TreeItem]
) -> None:
    """Put the page under the space's home page, one of its descendants, a folder, or nothing."""
    if not family and page.status == "current":
        space.homepage_id = page.id
    elif family and holders and page.id % 17 == 0:
        holder = random.choice(holders)
        page.parent_id, page.parent_type = holder.id, holder.kind
    elif family and page.id % 41:
        page.parent_id, page.parent_type = random.choice(family[-50:]), "page"
    page.position = random.choice((None, random.randrange(2_000)))
    if page.status == "current":
        family.append(page.id)


def blog_posts(spec: SiteSpec, authors: Sequence[Person], homes: Sequence[Space]) -> Table[Content]:
    """Return current and trashed blog posts."""
    random = random_source(spec, "blog posts")
    table: Table[Content] = Table(NumberSource(random, start=99_500, remainder=2))
    first_versions = drawn(random, spec.blog_posts, spec.blog_post_first_version_share)
    for index in range(spec.blog_posts if homes else 0):
        created = moment(random, index, spec.blog_posts)
        version, modified = 1, created
        if index not in first_versions:
            version, modified = history(random, index, created, created)
        author = random.choice(authors).account_id
        post = Content(
            kind="blogpost",
            id=table.numbers.next(),
            space_id=random.choice(homes).id,
            status="trashed" if falls(index, spec.trashed_blog_post_share) else "current",
            title=title(random, index),
            author=author,
            created=created,
            modified=modified,
            version=version,
            version_author=author,
            version_message=message_of(version),
            minor_edit=is_minor(version),
        )
        if index == 0 and post.status == "current":
            give_many_versions(post, MANY_VERSIONS)
        table.add(post)
    return table
