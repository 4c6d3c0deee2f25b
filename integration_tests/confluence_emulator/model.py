"""What people make in a site, compact enough for hundreds of thousands of objects.

Times are epoch milliseconds. Ids are numbers that no two objects of different kinds share.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Version:
    """One version of something."""

    number: int
    created: int
    author: str
    message: str
    minor_edit: bool
    title: str


@dataclass(slots=True, kw_only=True)
class Versioned:
    """Anything with versions, at its current one."""

    kind: str
    """A name of kinds.KINDS."""
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
    """The body's text where somebody edited it; otherwise derived from id and version."""
    past: tuple[Version, ...] | None = None
    """The versions before the current one, where an edit made them a matter of record."""


def current_version(item: Versioned) -> Version:
    """Return the version that the item is at."""
    return Version(
        item.version,
        item.modified,
        item.version_author or item.author,
        item.version_message,
        item.minor_edit,
        item.title,
    )


def versions_of(item: Versioned) -> list[Version]:
    """Return every version, the oldest first; what is not on record is spread over time."""
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
    """Return what the author of a generated version said about it."""
    return f"edit {number}" if number % 3 == 0 else ""


def is_minor(number: int) -> bool:
    """Tell whether a generated version is a minor edit."""
    return number % 4 == 0


@dataclass(slots=True, kw_only=True)
class Placed(Versioned):
    """Something in a space's tree."""

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


@dataclass(slots=True, kw_only=True)
class TreeItem(Placed):
    """A folder, whiteboard, database or embed (smart link)."""

    embed_url: str | None = None


@dataclass(slots=True, kw_only=True)
class Contained(Versioned):
    """Something whose container is a Content, an attachment, custom content or a space.

    Its status follows the container's, unless it was removed by itself.
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
    """An object of an app."""

    type: str


@dataclass(slots=True, kw_only=True)
class Comment(Contained):
    """A footer or inline comment; a reply names the comment that it answers."""

    parent_id: int | None = None
    resolution: str = "open"
    resolver: str | None = None
    resolved: int | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A label of the catalogue."""

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
    """Who may perform an operation on content: account ids and group ids."""

    users: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
