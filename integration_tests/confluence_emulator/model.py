"""The objects of a site, compact enough for hundreds of thousands of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Generic, Protocol, TypeVar


@dataclass(slots=True)
class Person:
    """An account that writes, owns and administers."""

    account_id: str
    name: str


@dataclass(slots=True)
class Space:
    """A space; times are epoch milliseconds."""

    id: int
    key: str
    name: str
    type: str
    status: str
    author: str
    created: int
    homepage_id: int | None
    description: str | None
    alias: str


@dataclass(slots=True)
class Content:
    """A page or a blog post at its current version; times are epoch milliseconds."""

    kind: str
    id: int
    space_id: int
    status: str
    title: str
    author: str
    created: int
    modified: int
    version: int = 1
    version_author: str = ""
    version_message: str = ""
    minor_edit: bool = False
    parent_id: int | None = None
    parent_type: str | None = None
    position: int | None = None
    owner: str | None = None
    last_owner: str | None = None
    subtype: str | None = None
    text: str | None = None
    """The body's text where somebody edited it; otherwise derived from id and version."""


@dataclass(slots=True)
class Group:
    """A group of users."""

    id: str
    name: str
    usage_type: str
    managed_by: str


@dataclass(slots=True)
class AuditRecord:
    """One line of the audit log; Confluence gives it no id."""

    created: int
    author: Person | None
    address: str
    summary: str
    description: str
    category: str
    object_name: str
    object_type: str
    changes: tuple[tuple[str, str, str], ...] = ()


class _Numbered(Protocol):
    id: int


T = TypeVar("T", bound=_Numbered)


class NumberSource:
    """Ascending ids with gaps; sources with different remainders never meet."""

    STRIDE = 16

    def __init__(self, random: Random, start: int, remainder: int) -> None:
        """Begin above `start`; every id leaves `remainder` when divided by the stride."""
        self._random = random
        self._last = start - start % self.STRIDE + remainder

    def next(self) -> int:
        """Return an id above all those returned before."""
        self._last += self.STRIDE * self._random.randint(1, 20)
        return self._last


class Table(Generic[T]):
    """The objects of one kind by id."""

    def __init__(self, numbers: NumberSource) -> None:
        """Make an empty table whose new rows take their ids from `numbers`."""
        self.numbers = numbers
        self._rows: dict[int, T] = {}

    def add(self, row: T) -> T:
        """Store and return the row."""
        self._rows[row.id] = row
        return row

    def get(self, number: int) -> T | None:
        """Return the row with this id, or None."""
        return self._rows.get(number)

    def remove(self, number: int) -> None:
        """Forget the row with this id; raises KeyError where there is none."""
        del self._rows[number]

    def __iter__(self) -> Iterator[T]:
        """Iterate over a copy of the rows, in order of creation."""
        return iter(list(self._rows.values()))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._rows)
