"""Objects in containers: attachments, custom content, comments and tasks."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, TypeVar

from integration_tests.confluence_emulator.generators.random_values import (
    LATEST_TIME,
    MANY,
    event_time,
    give_many_versions,
    id_source,
    in_share,
    random_index,
    random_indices,
    random_source,
    random_title,
    random_version,
)
from integration_tests.confluence_emulator.kinds import CUSTOM_TYPES
from integration_tests.confluence_emulator.model import (
    Attachment,
    Comment,
    Contained,
    CustomContent,
    Task,
    Versioned,
    is_minor,
    message_of,
)
from integration_tests.confluence_emulator.organization import Person, Space
from integration_tests.confluence_emulator.spec import SiteSpec
from integration_tests.confluence_emulator.tables import Table

Items = Sequence[Versioned]
T = TypeVar("T", bound=Contained)

_MEDIA = (("png", "image/png"), ("pdf", "application/pdf"), ("txt", "text/plain"))
_RESOLUTIONS = ("open", "resolved", "reopened", "dangling")


def attachments(
    spec: SiteSpec, authors: Sequence[Person], containers: Mapping[str, Items]
) -> Table[Attachment]:
    """Return files on pages, blog posts and custom content; some were removed on their own."""
    random = random_source(spec, "attachments")
    table: Table[Attachment] = Table(id_source(spec, "attachments", start=98_500, remainder=3))
    draw = _container_picker(
        random, containers, (("page", 78), ("blogpost", 14), ("custom_content", 8))
    )
    versioned = _version_picker(
        random, spec.attachments, authors, spec.attachment_first_version_share
    )
    if draw is None:
        return table
    for index in range(spec.attachments):
        container_kind, container = draw(index)
        removed = in_share(index, spec.removed_attachment_share)
        extension, media_type = _MEDIA[index % len(_MEDIA)]
        table.add(
            Attachment(
                kind="attachment",
                id=table.numbers.next(),
                title=f"{random_title(random, index)}.{extension}",
                status="trashed" if removed else container.status,
                container_kind=container_kind,
                container_id=container.id,
                removed=removed,
                media_type=media_type,
                file_size=1 + random_index(random, 5_000_000),
                comment="" if index % 4 else f"Upload {index}",
                **versioned(index),
            )
        )
    return _with_many_versions(table)


def custom_content(
    spec: SiteSpec, authors: Sequence[Person], containers: Mapping[str, Items], spaces: list[Space]
) -> Table[CustomContent]:
    """Return custom content in pages, spaces, blog posts and other custom content, in turn."""
    random = random_source(spec, "custom content")
    table: Table[CustomContent] = Table(id_source(spec, "custom", start=98_000, remainder=6))
    drawing, calendar, board, _ = CUSTOM_TYPES
    boards: list[CustomContent] = []
    tree_parents: Sequence[tuple[str, str, Sequence[Versioned | Space]]] = (
        ("page", drawing, _not_trashed(containers["page"])),
        ("space", calendar, spaces),
        ("blogpost", board, _not_trashed(containers["blogpost"])),
        ("custom_content", board, boards),
    )
    share = spec.custom_content_first_version_share
    versioned = _version_picker(random, spec.custom_content, authors, share)
    for index in range(spec.custom_content):
        container_kind, app_type, possible = tree_parents[index % len(tree_parents)]
        if not possible:
            continue
        container = possible[random_index(random, len(possible))]
        item = CustomContent(
            kind="custom_content",
            id=table.numbers.next(),
            title=random_title(random, index),
            status="current" if isinstance(container, Space) else container.status,
            type=app_type,
            container_kind=container_kind,
            container_id=container.id,
            **versioned(index),
        )
        table.add(item)
        if app_type == board:
            boards.append(item)
    return _with_many_versions(table)


def _not_trashed(items: Items) -> Items:
    return [item for item in items if item.status != "trashed"]


def comments(
    spec: SiteSpec, kind: str, authors: Sequence[Person], containers: Mapping[str, Items]
) -> Table[Comment]:
    """Return comments of one kind; a share of them are replies, nested to any depth."""
    inline = kind == "inline_comment"
    total = spec.inline_comments if inline else spec.footer_comments
    random = random_source(spec, kind)
    table: Table[Comment] = Table(id_source(spec, kind, start=97_000, remainder=5 if inline else 4))
    weights: Sequence[tuple[str, int]] = (("page", 8), ("blogpost", 2))
    if not inline:
        weights = (("page", 70), ("blogpost", 12), ("attachment", 10), ("custom_content", 8))
    draw = _container_picker(random, containers, weights)
    versioned = _version_picker(random, total, authors, spec.comment_first_version_share)
    recent: list[Comment] = []
    if draw is None:
        return table
    for index in range(total):
        answered = None
        if recent and in_share(index, spec.reply_share):
            answered = recent[random_index(random, len(recent))]
            container_kind, container_id = answered.container_kind, answered.container_id
            status = answered.status
        else:
            container_kind, container = draw(index)
            container_id, status = container.id, container.status
        resolution = _RESOLUTIONS[index % 4] if inline and answered is None else "open"
        resolver = (
            authors[random_index(random, len(authors))].account_id if index % 4 in (1, 2) else None
        )
        comment = Comment(
            kind=kind,
            id=table.numbers.next(),
            title="",
            status=status,
            container_kind=container_kind,
            container_id=container_id,
            parent_id=None if answered is None else answered.id,
            resolution=resolution,
            resolver=None if resolution == "open" else resolver,
            **versioned(index),
        )
        comment.resolved = comment.modified if comment.resolver else None
        comment.title = f"Re: {comment.container_kind} {comment.container_id}"
        table.add(comment)
        recent = [*recent[-20:], comment]
    return _with_many_versions(table)


def tasks(spec: SiteSpec, people: Sequence[Person], containers: Mapping[str, Items]) -> Table[Task]:
    """Return tasks on pages and blog posts; some are blank, some done, some unassigned."""
    random = random_source(spec, "tasks")
    table: Table[Task] = Table(id_source(spec, "tasks", start=96_000, remainder=13))
    not_trashed = {kind: _not_trashed(items) for kind, items in containers.items()}
    draw = _container_picker(random, not_trashed, (("page", 8), ("blogpost", 2)))
    if draw is None:
        return table
    for index in range(spec.tasks):
        container_kind, container = draw(index)
        created = event_time(random, index, spec.tasks)
        done = (
            created + 1 + random_index(random, LATEST_TIME - created + 1)
            if index % 3 == 0
            else None
        )
        someone, another = (people[random_index(random, len(people))].account_id for _ in "12")
        table.add(
            Task(
                id=table.numbers.next(),
                container_kind=container_kind,
                container_id=container.id,
                text="" if index % 11 == 4 else f"Task {index} — tun",
                creator=someone,
                created=created,
                updated=done or created,
                assignee=another if index % 5 else None,
                due=created + 86_400_000 * 14 if index % 4 == 0 else None,
                completed=done,
                completer=another if done else None,
            )
        )
    return table


def _container_picker(
    random: Random, containers: Mapping[str, Items], weights: Sequence[tuple[str, int]]
) -> Callable[[int], tuple[str, Versioned]] | None:
    """Return a function that picks a container; the first picks cycle through the kinds."""
    present = [(kind, weight) for kind, weight in weights if containers[kind]]
    if not present:
        return None
    weighted_kinds = [kind for kind, weight in present for _ in range(weight)]

    def draw(index: int) -> tuple[str, Versioned]:
        kind = (
            present[index % len(present)][0]
            if index < 12
            else weighted_kinds[random_index(random, len(weighted_kinds))]
        )
        items = containers[kind]
        return kind, items[random_index(random, len(items))]

    return draw


def _version_picker(
    random: Random, total: int, authors: Sequence[Person], first_version_share: float
) -> Callable[[int], dict[str, Any]]:
    """Return a function that picks author, times and version of the item at an index."""
    first_versions = random_indices(random, total, first_version_share)

    def draw(index: int) -> dict[str, Any]:
        created = event_time(random, index, total)
        version, modified = 1, created
        if index not in first_versions:
            version, modified = random_version(random, index, created, created)
        author = authors[random_index(random, len(authors))].account_id
        return {
            "author": author,
            "created": created,
            "modified": modified,
            "version": version,
            "version_author": author,
            "version_message": message_of(version),
            "minor_edit": is_minor(version),
        }

    return draw


def _with_many_versions(table: Table[T]) -> Table[T]:
    """Give the first current item more versions than a GET by id embeds."""
    first = next((item for item in table if item.status == "current"), None)
    if first is not None:
        give_many_versions(first, MANY)
    return table
