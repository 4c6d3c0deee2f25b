"""The content of a site, compact enough for hundreds of thousands of objects.

Times are epoch milliseconds. Ids are numbers, unique across kinds.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object."""

    number: int
    created: int
    author: str
    message: str
    minor_edit: bool
    title: str


@dataclass(slots=True, kw_only=True)
class Versioned:
    """An object with versions, at its current version."""

    kind: str
    """A key of kinds.KINDS."""
    id: int
    title: str
    author: str
    created: int
    modified: int
    status: str = "current"
    version: int = 1
    version_author: str = ""
    version_message: str = ""
    minor_edit: bool = False
    text: str | None = None
    """The body's text after an edit; None derives it from id and version."""
    past: tuple[Version, ...] | None = None
    """The versions before the current one; None if no edit has stored them."""
    place_in_lists: int | None = None
    """The time by which lists sort the item by modification date; None for `modified`."""


def current_version(item: Versioned) -> Version:
    """Return the item's current version."""
    return Version(
        item.version,
        item.modified,
        item.version_author or item.author,
        item.version_message,
        item.minor_edit,
        item.title,
    )


def versions_of(item: Versioned) -> list[Version]:
    """Return every version, oldest first; versions that aren't stored are spread over time."""
    if item.past is not None:
        return [*item.past, current_version(item)]
    last = item.version
    past = [
        Version(
            number,
            item.created + (item.modified - item.created) * (number - 1) // (last - 1),
            item.author,
            message_of(number),
            is_minor(number),
            item.title,
        )
        for number in range(1, last)
    ]
    return [*past, current_version(item)]


def message_of(number: int) -> str:
    """Return the message of a generated version."""
    return f"edit {number}" if number % 3 == 0 else ""


def is_minor(number: int) -> bool:
    """Return whether a generated version is a minor edit."""
    return number % 4 == 0


@dataclass(slots=True, kw_only=True)
class Placed(Versioned):
    """An object in a space's content tree."""

    space_id: int
    parent_id: int | None = None
    parent_type: str | None = None
    position: int | None = None
    owner: str | None = None


@dataclass(slots=True, kw_only=True)
class Content(Placed):
    """A page or a blog post."""

    last_owner: str | None = None
    subtype: str | None = None
    markers: tuple[int, ...] = ()
    """The inline comments that mark a place in the body since they were made."""


@dataclass(slots=True, kw_only=True)
class TreeItem(Placed):
    """A folder, whiteboard, database or embed (smart link)."""

    embed_url: str | None = None


@dataclass(slots=True, kw_only=True)
class Contained(Versioned):
    """An object in a container: a page, blog post, attachment, custom content or space.

    It has the status of its container, unless it was removed on its own.
    """

    container_kind: str
    container_id: int
    removed: bool = False


@dataclass(slots=True, kw_only=True)
class Attachment(Contained):
    """A file."""

    media_type: str
    file_size: int
    comment: str = ""


@dataclass(slots=True, kw_only=True)
class CustomContent(Contained):
    """An app's object."""

    type: str


@dataclass(slots=True, kw_only=True)
class Comment(Contained):
    """A footer or inline comment; `parent_id` of a reply is the comment it replies to."""

    parent_id: int | None = None
    resolution: str = "open"
    resolver: str | None = None
    resolved: int | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A label of the site."""

    id: int
    name: str
    prefix: str


@dataclass(slots=True)
class Property:
    """A content or space property; the value is any JSON."""

    id: int
    key: str
    value: object
    author: str
    created: int
    modified: int
    version: int = 1


@dataclass(slots=True, kw_only=True)
class Task:
    """A task on a page or blog post."""

    id: int
    container_kind: str
    container_id: int
    text: str
    """Empty for a blank task."""
    creator: str
    created: int
    updated: int
    assignee: str | None = None
    due: int | None = None
    completed: int | None = None
    completer: str | None = None


@dataclass(slots=True)
class Restriction:
    """The account ids and group ids that may perform an operation on content."""

    users: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
