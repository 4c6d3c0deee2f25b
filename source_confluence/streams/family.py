"""The lists that hang on one kind of parent, read together.

A GET of a parent by its id can include several of its lists (`include-labels`, `include-versions`,
...). Where two or more of those streams are configured, one such request serves them all, and an
included list is continued at its own endpoint only where it says that it has more.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, Protocol

import orjson

from source_confluence.confluence.errors import ConfluenceError
from source_confluence.confluence.listing import Record

Details = Mapping[str, Any]


class Member(Protocol):
    """A stream that can take its lists from its parents."""

    section: ClassVar[str]
    """What the parent calls the list, in `include-...` and in its answer."""
    wants_every_parent: ClassVar[bool]
    """Whether a request for each parent is needed, whatever its listing says."""

    def takes_part(self) -> bool:
        """Tell whether the stream wants its lists from all of its parents."""

    def wants(self, parent: Record) -> bool:
        """Tell whether a request is needed to know the children of a parent."""


class Family:
    """The configured streams that want lists of the same parents; thread-safe."""

    def __init__(self, get: Callable[[Record, list[str]], Details]) -> None:
        """`get` asks for a parent by its id, including some of its lists."""
        self._get = get
        self._members: list[Member] = []
        self._parties: list[Member] | None = None
        self._groups: dict[object, Group] = {}
        self._lock = threading.Lock()

    def join(self, member: Member) -> None:
        """Make a configured stream a member."""
        self._members.append(member)

    def asks_every_parent_but_for(self, member: Member) -> bool:
        """Tell whether another member wants its list from every parent."""
        return any(o.wants_every_parent for o in self._members if o is not member)

    def shares(self, member: Member) -> bool:
        """Tell whether a stream takes its lists from the parents, as others do."""
        with self._lock:
            if self._parties is None:
                self._parties = [other for other in self._members if other.takes_part()]
            return len(self._parties) > 1 and member in self._parties

    @contextmanager
    def group(self, key: object, parents: list[Record]) -> Iterator[Group]:
        """Fetch a group of parents together with the others; forget it once all have read it."""
        with self._lock:
            parties = self._parties or []
            if key not in self._groups:
                self._groups[key] = Group(parents, self._fetch, readers=len(parties))
            group = self._groups[key]
        group.fetch()
        try:
            yield group
        finally:
            if group.is_read_by_all():
                with self._lock:
                    self._groups.pop(key, None)

    def _fetch(self, parent: Record) -> Details:
        wanted = [member.section for member in self._parties or () if member.wants(parent)]
        return self._get(parent, wanted) if wanted else {}


class Group:
    """Some parents, fetched by all the workers that wait for them; kept compressed."""

    def __init__(
        self, parents: list[Record], fetch: Callable[[Record], Details], readers: int
    ) -> None:
        self._fetch_one = fetch
        self._pending = list(reversed(parents))
        self._awaited = len(parents)
        self._readers = readers
        self._packed: dict[str, bytes] = {}
        self._failures: dict[str, ConfluenceError] = {}
        self._changed = threading.Condition()

    def fetch(self) -> None:
        """Fetch what nobody else is fetching, then wait for what others are."""
        while True:
            with self._changed:
                if not self._pending:
                    break
                parent = self._pending.pop()
            self._fetch(parent)
        with self._changed:
            self._changed.wait_for(lambda: self._awaited == 0)

    def of(self, parent: Record) -> Details:
        """Return what a parent's GET has brought. Raises what it has raised."""
        failure = self._failures.get(parent["id"])
        if failure is not None:
            raise failure
        details: Details = orjson.loads(zlib.decompress(self._packed[parent["id"]]))
        return details

    def is_read_by_all(self) -> bool:
        """Count one reader out; tell whether it was the last."""
        with self._changed:
            self._readers -= 1
            return self._readers <= 0

    def _fetch(self, parent: Record) -> None:
        try:
            packed = zlib.compress(orjson.dumps(self._fetch_one(parent)), level=1)
        except ConfluenceError as failure:
            self._failures[parent["id"]] = failure
        else:
            self._packed[parent["id"]] = packed
        finally:
            with self._changed:
                self._awaited -= 1
                self._changed.notify_all()
