"""Pages, blog posts, and the folders, whiteboards, databases and embeds of the content tree."""

from collections.abc import Mapping, Sequence
from random import Random

from integration_tests.confluence_emulator.generators.random_values import (
    EARLIEST_TIME,
    MANY,
    event_time,
    give_many_versions,
    id_source,
    in_share,
    random_indices,
    random_source,
    random_title,
    random_version,
)
from integration_tests.confluence_emulator.kinds import TREE_KINDS
from integration_tests.confluence_emulator.model import Content, TreeItem, is_minor, message_of
from integration_tests.confluence_emulator.organization import Person, Space
from integration_tests.confluence_emulator.spec import SiteSpec
from integration_tests.confluence_emulator.tables import NumberSource, Table


def tree_items(
    spec: SiteSpec, authors: Sequence[Person], all_spaces: Sequence[Space]
) -> dict[str, Table[TreeItem]]:
    """Return folders, whiteboards, databases and embeds, some of them in folders."""
    sizes = (spec.folders, spec.whiteboards, spec.databases, spec.embeds)
    tables: dict[str, Table[TreeItem]] = {}
    folders: dict[int, list[int]] = {}
    populated = _spaces_with_content(all_spaces)[:4]
    for place, (kind, size) in enumerate(zip(TREE_KINDS, sizes, strict=True)):
        random = random_source(spec, kind)
        table: Table[TreeItem] = Table(id_source(spec, kind, start=99_000, remainder=7 + place))
        for index in range(size if populated else 0):
            space = populated[index % len(populated)].id
            item = _tree_item(random, kind, index, size, authors)
            item.id, item.space_id = table.numbers.next(), space
            page_ids = folders.setdefault(space, [])
            if page_ids and index % 3 == 0:
                item.parent_id, item.parent_type = random.choice(page_ids), "folder"
            if kind == "folder":
                page_ids.append(item.id)
            table.add(item)
        tables[kind] = table
    return tables


def _tree_item(
    random: Random, kind: str, index: int, size: int, authors: Sequence[Person]
) -> TreeItem:
    created = event_time(random, index, size)
    version, modified = (
        (1, created) if index % 2 else random_version(random, index, created, created)
    )
    author = random.choice(authors).account_id
    return TreeItem(
        kind=kind,
        id=0,
        space_id=0,
        title=random_title(random, index),
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
    tables: Mapping[str, Table[TreeItem]], all_spaces: Sequence[Space]
) -> None:
    """Make the home page of their space the parent of some items without a parent."""
    home_pages = {space.id: space.homepage_id for space in all_spaces}
    for table in tables.values():
        for item in table:
            home_page = home_pages[item.space_id]
            if item.parent_id is None and home_page is not None and item.id % 3 == 1:
                item.parent_id, item.parent_type = home_page, "page"


def _spaces_with_content(all_spaces: Sequence[Space]) -> Sequence[Space]:
    return all_spaces[:-1] or all_spaces


def pages(
    spec: SiteSpec,
    authors: Sequence[Person],
    former: Sequence[Person],
    all_spaces: Sequence[Space],
    tree: Mapping[str, Table[TreeItem]],
) -> Table[Content]:
    """Return trees of pages per space; the last of several spaces stays empty."""
    random = random_source(spec, "pages")
    table: Table[Content] = Table(NumberSource(random, start=99_000, remainder=1))
    if not all_spaces:
        return table
    populated = _spaces_with_content(all_spaces)
    weights = [1 / (1 + index % 10) for index in range(len(populated))]
    parents: dict[int, list[int]] = {}
    tree_parents = _tree_parents(tree)
    choices = random.choices(populated, weights, k=spec.pages)
    first_versions = random_indices(random, spec.pages, spec.page_first_version_share)
    previous = EARLIEST_TIME
    many = MANY
    for index, space in enumerate(choices):
        created = event_time(random, index, spec.pages)
        version, modified = 1, created
        if index not in first_versions:
            version, modified = random_version(random, index, created, previous)
        previous = modified
        status = "current"
        if in_share(index, spec.archived_page_share):
            status = "archived"
        elif in_share(index + 3, spec.trashed_page_share):
            status = "trashed"
        writers = former if former and index % 23 == 5 else authors
        author = random.choice(writers).account_id
        page = Content(
            kind="page",
            id=table.numbers.next(),
            space_id=space.id,
            status=status,
            title=random_title(random, index),
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
            page_ids = parents.setdefault(space.id, [])
            _place(random, page, space, page_ids, tree_parents.get(space.id, []))
        table.add(page)
    return table


def _tree_parents(tree: Mapping[str, Table[TreeItem]]) -> dict[int, list[TreeItem]]:
    """Return the folders and whiteboards that can be parents of pages, by space id."""
    found: dict[int, list[TreeItem]] = {}
    for kind in ("folder", "whiteboard"):
        for item in tree[kind]:
            found.setdefault(item.space_id, []).append(item)
    return found


def _place(
    random: Random, page: Content, space: Space, page_ids: list[int], tree_parents: list[TreeItem]
) -> None:
    """Set the page's parent: none, another page of its space, a folder or a whiteboard.

    The first current page of a space becomes its home page.
    """
    if not page_ids and page.status == "current":
        space.homepage_id = page.id
    elif page_ids and tree_parents and page.id % 17 == 0:
        tree_parent = random.choice(tree_parents)
        page.parent_id, page.parent_type = tree_parent.id, tree_parent.kind
    elif page_ids and page.id % 41:
        page.parent_id, page.parent_type = random.choice(page_ids[-50:]), "page"
    page.position = random.choice((None, random.randrange(2_000)))
    if page.status == "current":
        page_ids.append(page.id)


def blog_posts(
    spec: SiteSpec, authors: Sequence[Person], all_spaces: Sequence[Space]
) -> Table[Content]:
    """Return current and trashed blog posts."""
    random = random_source(spec, "blog posts")
    table: Table[Content] = Table(NumberSource(random, start=99_500, remainder=2))
    first_versions = random_indices(random, spec.blog_posts, spec.blog_post_first_version_share)
    for index in range(spec.blog_posts if all_spaces else 0):
        created = event_time(random, index, spec.blog_posts)
        version, modified = 1, created
        if index not in first_versions:
            version, modified = random_version(random, index, created, created)
        author = random.choice(authors).account_id
        post = Content(
            kind="blogpost",
            id=table.numbers.next(),
            space_id=random.choice(all_spaces).id,
            status="trashed" if in_share(index, spec.trashed_blog_post_share) else "current",
            title=random_title(random, index),
            author=author,
            created=created,
            modified=modified,
            version=version,
            version_author=author,
            version_message=message_of(version),
            minor_edit=is_minor(version),
        )
        if index == 0 and post.status == "current":
            give_many_versions(post, MANY)
        table.add(post)
    return table
