"""One sync: what its streams share, and what it knows about each of them.

A stream is a declaration and never changes. Everything that a running sync learns is in its `Sync`
and in the `StreamRun` of each stream, which retrievers are handed.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from typing import Any

from typing_extensions import override

from source_confluence.config.config import Config
from source_confluence.confluence.circuit_breaker import CircuitBreaker
from source_confluence.confluence.connection import Connection
from source_confluence.confluence.errors import ConfluenceError
from source_confluence.confluence.records import Record
from source_confluence.streams.cursor_field import CursorField
from source_confluence.streams.facts import Facts
from source_confluence.streams.kinds import SPACE, Kind
from source_confluence.streams.state import CursorValue, StreamState
from source_confluence.streams.sync.accounts import Accounts
from source_confluence.streams.sync.content_filter import ContentFilter
from source_confluence.streams.sync.continuation import Continuation
from source_confluence.streams.sync.health import StreamHealth
from source_confluence.streams.sync.memo import Memo
from source_confluence.streams.sync.recent_keys import RecentKeys
from source_confluence.streams.sync.shared_list import SharedList
from source_confluence.streams.sync.skipped import Skipped
from source_confluence.streams.sync.space_content import SpaceContent
from source_confluence.streams.sync.space_filter import SpaceFilter
from source_confluence.streams.sync.stream_progress import StreamProgress

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
    needs: tuple[str, ...] = ()
    """The lists without which it cannot be read; `check` names it if one of them fails."""
    reads_elements: bool = False
    """Whether it sends one request per element, and reports to the run's health which succeed."""
    follows_spaces: bool = False
    """Whether it reads spaces that its state does not cover as a whole."""
    reads_after_others: bool = False
    """Whether it needs to know whom the records of all other selected streams name."""

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
        """Return the cursor value of the time at the start of the sync.

        That is the server's time, or ours if that is earlier: a server whose clock is fast would
        otherwise let the state of an empty stream skip what is created before that moment.
        """
        return run.cursor.at(min(run.sync.server_time(), run.sync.opened_at))


class ListRetriever(Retriever):
    """A retriever whose list other streams read too, without bodies."""

    @abstractmethod
    def light_pages(self, run: StreamRun, since: str | None = None) -> Iterator[list[Record]]:
        """Yield the pages of results, without bodies, of at least what changed since a moment."""

    def light_pages_in(self, run: StreamRun, spaces: frozenset[str]) -> Iterator[list[Record]]:
        """Yield the pages of results, without bodies, of at least what lies in spaces that arrived.

        By default they are those of the whole list, for kinds that lie in no space.
        """
        del spaces
        return self.light_pages(run)

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
        self.logger = logging.getLogger(f"airbyte.streams.{declaration.name}")
        self.progress = StreamProgress(sync.connection.clock)
        self.failures_before_stop = max(FAILURES_IN_A_ROW, 2 * sync.config.num_workers)
        self.health = StreamHealth(
            self.name,
            sync.logger,
            CircuitBreaker(sync.connection.clock, self.failures_before_stop),
            replaces=selected.replaces,
            place_names=sync.space_keys,
        )
        self.continuation = Continuation(
            declaration.name,
            selected.state,
            declaration.cursor_field,
            sync.config,
            space_ids=sync.space_ids if declaration.retriever.follows_spaces else None,
            server_time=sync.server_time,
            logger=self.logger,
        )

    @property
    def state(self) -> StreamState:
        """The state to continue from."""
        return self.continuation.state

    @cached_property
    def since(self) -> str | None:
        """Older records are not wanted; None where all are. For cursor fields that are dates."""
        return self.continuation.since

    @property
    def arrived(self) -> frozenset[str]:
        """The ids of the selected spaces that the state does not cover."""
        return self.continuation.arrived

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

    def covered_spaces(self) -> frozenset[str] | None:
        """Return the spaces that the state covers once this sync is complete."""
        return self.continuation.covered_spaces()


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
        is_named_wanted = any(run.retriever.reads_after_others for run in self.selected_runs)
        self.accounts = Accounts() if is_named_wanted else None
        """The accounts that records name; None if no selected stream needs them."""
        list_runs = [StreamRun(self, one, unselected) for one in registry.lists]
        self.runs = {run.name: run for run in (*self.stream_runs, *list_runs)}
        self.lists = {
            run.name: SharedList(
                partial(connection.meter.to_first, run.retriever.light_pages, run),
                partial(connection.meter.to_first, run.retriever.light_pages_in, run),
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

    def space_ids(self) -> frozenset[str] | None:
        """Return the ids of the selected spaces, or None if the account may not list spaces."""
        return self.spaces.ids_if_listed()

    def server_time(self) -> datetime:
        """Return the server's time at the start of the sync; ours if the server did not say."""
        return self.connection.client.server_time_at_start or self.opened_at

    def content_of(self, spaces: frozenset[str]) -> SpaceContent:
        """Return what lies in spaces that no stream which wants them covers.

        Such streams differ in how old they want it: the list for the one that wants most is for
        all of them.
        """
        return self.memo.once(("content of", spaces), lambda: self._listed_in(spaces))

    def _listed_in(self, spaces: frozenset[str]) -> SpaceContent:
        wanted = [
            run.continuation.arrived_before for run in self.selected_runs if run.arrived == spaces
        ]
        before = max((one for one in wanted if one is not None), default=None)
        return SpaceContent(lambda kind: self.list_of(kind).in_spaces(spaces), before)

    def space_keys(self) -> dict[str, str]:
        """Return the key of each space by its id; none if they cannot be listed."""
        try:
            listed = [one for one in self.list_of(SPACE).records() if one.get("key")]
        except ConfluenceError:
            return {}
        return {str(one.get("id")): str(one["key"]) for one in listed}

    def list_of(self, kind: Kind) -> SharedList:
        """Return the list of all of one kind."""
        return self.lists[kind.name]


def search_of(kind: Kind) -> str:
    """Return the name of the search for what the config's CQL selects of a kind."""
    return f"search_{kind.cql_type}"
