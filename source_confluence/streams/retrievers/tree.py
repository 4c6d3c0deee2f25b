"""Content in the page tree: what the search finds, and what only other records name as a parent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from itertools import chain

import orjson

from source_confluence.confluence.errors import (
    UNAVAILABLE,
    RequestRefused,
    ServerError,
)
from source_confluence.confluence.records import Record
from source_confluence.confluence.responses import is_entity
from source_confluence.streams.kinds import PAGE, Kind
from source_confluence.streams.retrievers.endpoint import v2
from source_confluence.streams.retrievers.search import Search
from source_confluence.streams.sync.run import StreamRun, Sync
from source_confluence.streams.sync.shared_list import ReplayableList

KEYS_PER_SEARCH = 50
UNREADABLE = (*UNAVAILABLE, RequestRefused, ServerError)
"""What the stream of a list or of a record reports itself."""


class Tree:
    """Whiteboards, databases, folders and embeds of one sync; thread-safe.

    The index of a search is behind, and leaves things out. But pages name their parents, and so do
    these records. Pages are read from their shared list. The records are requested anyway: each
    once, by a worker of its own stream or by one that looks for parents, whichever is first.
    """

    def __init__(self, sync: Sync, search: Search, kinds: Iterable[Kind]) -> None:
        """`kinds` are those that the sync reads."""
        self._sync = sync
        self._kinds = {kind.cql_type: kind for kind in kinds}
        self._search = search
        self._found = {
            kind.name: ReplayableList(partial(self._search_for, kind))
            for kind in self._kinds.values()
        }

    def found(self, kind: Kind) -> ReplayableList:
        """Return what the search for a kind finds: records that consist of an id."""
        return self._found[kind.name]

    def record(self, kind: Kind, content_id: str) -> Record:
        """Return one record: its GET by id. Raises as `Client.get`."""

        def get() -> bytes:
            endpoint = v2(f"{kind.path}/{{id}}").at(id=content_id)
            with self._sync.connection.meter.charging(kind.name):
                return orjson.dumps(endpoint.get(self._run(kind), shape=is_entity).body)

        packed = self._sync.memo.once((kind.name, content_id), get)
        record: Record = orjson.loads(packed)
        return record

    def named(self, kind: Kind) -> list[str]:
        """Return the ids of a kind that pages or other records name, but no search finds."""
        named = self._sync.memo.once((self, "named"), self._named)
        return [content_id for content_id in named if named[content_id] is kind]

    def _run(self, kind: Kind) -> StreamRun:
        return self._sync.runs[kind.name]

    def _search_for(self, kind: Kind) -> Iterator[list[Record]]:
        """Search the spaces that the config names, or all."""
        of_type = f"type={kind.cql_type}"
        keys = self._sync.spaces.named_keys()
        batches = [
            ",".join(_quoted(key) for key in keys[first : first + KEYS_PER_SEARCH])
            for first in range(0, len(keys), KEYS_PER_SEARCH)
        ]
        clauses = [f"{of_type} and space in ({batch})" for batch in batches]
        return self._search.pages(self._run(kind), clauses or [of_type])

    def _named(self) -> dict[str, Kind]:
        """Return the kinds of the parents by id, followed upward until nothing new is named."""
        found = [(kind, one["id"]) for kind in self._kinds.values() for one in self._all_of(kind)]
        known = {content_id for _, content_id in found}
        named: dict[str, Kind] = {}
        for record in chain(self._pages(), self._records(found)):
            line = self._parent_of(record)
            while line is not None and line[1] not in known:
                kind, parent_id = line
                known.add(parent_id)
                named[parent_id] = kind
                parent = next(self._records([line]), None)
                line = None if parent is None else self._parent_of(parent)
        return named

    def _parent_of(self, record: Record) -> tuple[Kind, str] | None:
        """Return the parent of a record in a selected space, if the sync reads its kind."""
        parent_type, parent_id = record.get("parentType"), record.get("parentId")
        if not isinstance(parent_type, str) or not isinstance(parent_id, str) or not parent_id:
            return None
        spaces = self._sync.spaces
        is_selected = not spaces.is_active or spaces.has(record.get("spaceId"))
        kind = self._kinds.get(parent_type)
        return (kind, parent_id) if kind is not None and is_selected else None

    def _all_of(self, kind: Kind) -> Iterator[Record]:
        with suppress(*UNREADABLE):
            yield from self._found[kind.name].records()

    def _records(self, of: Iterable[tuple[Kind, str]]) -> Iterator[Record]:
        for kind, content_id in of:
            health = self._run(kind).health
            if health.is_over or health.breaker.has_opened:
                continue  # its stream has stopped, and says so
            with suppress(*UNREADABLE):
                yield self.record(kind, content_id)

    def _pages(self) -> Iterator[Record]:
        try:
            yield from self._sync.list_of(PAGE).records()
        except UNAVAILABLE as denial:
            names = " and ".join(kind.name for kind in self._kinds.values())
            self._sync.logger.warning(
                f"Without the list of pages, {names} that no search finds are missing: "
                f"{denial.message}"
            )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
