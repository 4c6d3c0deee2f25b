"""One sync: what its streams share, and what it knows about each of them.

A stream is a declaration and never changes. Everything that a running sync learns is in its `Sync`
and in the `StreamRun` of each stream, which retrievers are handed.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from typing_extensions import override

from source_confluence.config.config import Config
from source_confluence.confluence import timestamps
from source_confluence.confluence.circuit_breaker import CircuitBreaker
from source_confluence.confluence.connection import Connection
from source_confluence.confluence.records import Record
from source_confluence.streams.cursor_field import CursorField
from source_confluence.streams.facts import Facts
from source_confluence.streams.kinds import SPACE, Kind
from source_confluence.streams.state import CursorValue, StreamState
from source_confluence.streams.sync.content_filter import ContentFilter
from source_confluence.streams.sync.health import StreamHealth
from source_confluence.streams.sync.memo import Memo
from source_confluence.streams.sync.recent_keys import RecentKeys
from source_confluence.streams.sync.shared_list import SharedList
from source_confluence.streams.sync.skipped import Skipped
from source_confluence.streams.sync.space_filter import SpaceFilter

Slice = Mapping[str, Any]
"""A part of a stream that is read on its own."""

FAILURES_IN_A_ROW = 10
"""After this many failed elements in a row the endpoint counts as down. With many workers it takes
more, because one short outage hits all of them."""


class Retriever(ABC):
    """How one stream is read. Stateless: every sync uses the same one."""

    endpoints: tuple[str, ...]
    """What it requests, such as `v2 pages/{id}/labels`. Streams with the same first endpoint are
    probed together by `check`."""
    shared_lists: tuple[str, ...] = ()
    """The lists that a full sync shares with other streams."""
    reads_elements: bool = False
    """Whether it sends one request per element, and reports to the run's health which succeed."""

    @abstractmethod
    def slices(self, run: StreamRun) -> Iterable[Slice]:
        """Yield the parts that can be read at the same time."""

    @abstractmethod
    def read(self, run: StreamRun, part: Slice) -> Iterator[Record]:
        """Yield the records of a slice. Raises ConfluenceError."""

    @abstractmethod
    def probe(self, run: StreamRun) -> None:
        """Request one record, without retries. Raises what reading the stream would raise."""

    def started_at(self, run: StreamRun) -> CursorValue:
        """Return the cursor value of the server's time at the start of the sync."""
        connection = run.sync.connection
        return run.cursor.at(connection.client.server_time_at_start or connection.clock.utcnow())


class ListRetriever(Retriever):
    """A retriever whose list other streams read too, without bodies."""

    @abstractmethod
    def light_pages(self, run: StreamRun, since: str | None = None) -> Iterator[list[Record]]:
        """Yield the pages of results, without bodies, of at least what changed since a moment."""

    @abstractmethod
    def selected(self, run: StreamRun, page: list[Record]) -> list[Record]:
        """Return the records of a page of results that the config's filters select."""

    @abstractmethod
    def first_record(self, run: StreamRun) -> Record | None:
        """Return the first record of the list, without its body; requested without retries."""

    @override
    def probe(self, run: StreamRun) -> None:
        self.first_record(run)


@dataclass(frozen=True)
class Declaration:
    """A stream, or a list that only streams read."""

    name: str
    retriever: Retriever
    facts: Facts
    primary_key: tuple[str, ...] = ("id",)
    cursor_field: CursorField | None = None


@dataclass(frozen=True)
class Registry:
    """Everything that a sync can read."""

    streams: Sequence[Declaration]
    """In the order in which they are read."""
    lists: Sequence[Declaration]
    """What only streams read."""


@dataclass(frozen=True)
class Selected:
    """How a configured catalog selects a stream."""

    state: StreamState = field(default_factory=StreamState)
    """Where the last sync ended; empty if the stream is to be read whole."""
    replaces: bool = False
    """Whether the destination replaces its table by what this sync reads."""


class StreamRun:
    """What one sync knows about one stream."""

    def __init__(self, sync: Sync, declaration: Declaration, selected: Selected) -> None:
        self.sync = sync
        self.config = sync.config
        self.name = declaration.name
        self.retriever = declaration.retriever
        self.facts = declaration.facts
        self.primary_key = declaration.primary_key
        self.cursor_field = declaration.cursor_field
        self.state = selected.state
        self.logger = logging.getLogger(f"airbyte.streams.{declaration.name}")
        self.failures_before_stop = max(FAILURES_IN_A_ROW, 2 * sync.config.num_workers)
        self.health = StreamHealth(
            self.name,
            sync.logger,
            CircuitBreaker(sync.connection.clock, self.failures_before_stop),
            replaces=selected.replaces,
        )
        self.since = self._since()
        """Older records are not wanted; None where all are. For cursor fields that are dates."""

    @property
    def cursor(self) -> CursorField:
        """The cursor field. Raises TypeError if the stream has none."""
        if self.cursor_field is None:
            raise TypeError(f"{self.name} is not incremental")
        return self.cursor_field

    @property
    def bounds(self) -> Slice:
        """The slice that holds everything wanted."""
        return {} if self.since is None else {"modifiedSince": self.since}

    def started_at(self) -> CursorValue:
        """Return the cursor value of the server's time at the start of the sync."""
        return self.retriever.started_at(self)

    def recent_keys(self) -> RecentKeys:
        """Return what drops the records that a list repeats."""
        return RecentKeys(self.primary_key)

    def _since(self) -> str | None:
        start_date, newest = self.config.start_date, self.state.newest
        if self.cursor_field is None:
            return None
        if self.state.wants_first_sync or not isinstance(newest, str):
            return start_date
        looking_back = timestamps.earlier(newest, self.config.lookback)
        return looking_back if start_date is None else max(looking_back, start_date)


class Sync:
    """What all streams of one sync share. Made once, before anything is requested."""

    def __init__(
        self,
        config: Config,
        connection: Connection,
        logger: logging.Logger,
        registry: Registry,
        selected: Mapping[str, Selected],
    ) -> None:
        """`selected` holds the configured streams by name."""
        self.config = config
        self.connection = connection
        self.logger = logger
        self.opened_at = connection.clock.utcnow()
        self.skipped = Skipped(logger)
        self.memo = Memo()
        unselected = Selected()
        self.stream_runs = [
            StreamRun(self, one, selected.get(one.name, unselected)) for one in registry.streams
        ]
        self.selected_runs = [run for run in self.stream_runs if run.name in selected]
        list_runs = [StreamRun(self, one, unselected) for one in registry.lists]
        self.runs = {run.name: run for run in (*self.stream_runs, *list_runs)}
        self.lists = {
            run.name: SharedList(
                partial(run.retriever.light_pages, run),
                partial(run.retriever.selected, run),
                partial(run.retriever.first_record, run),
            )
            for run in self.runs.values()
            if isinstance(run.retriever, ListRetriever)
        }
        self.spaces = SpaceFilter(self.list_of(SPACE).records, config, logger)
        self.content = ContentFilter(
            self.spaces,
            config.cql,
            selected=lambda kind: self.list_of(kind).selected_pages(),
            found=lambda kind: self.lists[search_of(kind)].pages(),
        )

    def list_of(self, kind: Kind) -> SharedList:
        """Return the list of all of one kind."""
        return self.lists[kind.name]


def search_of(kind: Kind) -> str:
    """Return the name of the search for what the config's CQL selects of a kind."""
    return f"search_{kind.cql_type}"
