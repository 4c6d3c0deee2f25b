"""A stream: what is read, declared in a few lines. The CDK's contract is met here, once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from airbyte_cdk.models import SyncMode
from airbyte_cdk.sources.streams.http import HttpStream
from requests import Response
from typing_extensions import override

from source_confluence.confluence.records import Record
from source_confluence.streams.cursor_field import CursorField
from source_confluence.streams.facts import Facts
from source_confluence.streams.retrievers.shrink_guard import guard_of
from source_confluence.streams.sync.run import Declaration, Retriever, Slice, StreamRun


class ConfluenceStream(HttpStream):
    """A stream of Confluence. It declares what is read; its retriever sends the requests.

    The CDK's own HTTP client is not built: ours waits for all workers together, keeps credentials
    at the site and secrets out of logs. What only that client needs has no meaning here.
    """

    name: ClassVar[str]
    key: ClassVar[tuple[str, ...]] = ("id",)
    """The fields of the primary key."""
    cloud: ClassVar[Retriever]
    """Reads it from Confluence Cloud."""
    incremental_by: ClassVar[CursorField | None] = None
    facts: ClassVar[Facts]
    is_resumable = False
    url_base = ""

    def __init__(self, run: StreamRun) -> None:
        """`run` is what the sync knows of this stream; the stream itself never changes."""
        self.run = run

    @classmethod
    def declaration(cls) -> Declaration:
        """Return what a sync needs to know of the stream."""
        return Declaration(cls.name, cls.cloud, cls.facts, cls.key, cls.incremental_by)

    @property
    @override
    def primary_key(self) -> list[str]:
        return list(self.key)

    @property
    @override
    def cursor_field(self) -> str | list[str]:
        return self.incremental_by.name if self.incremental_by else []

    @override
    def stream_slices(
        self,
        *,
        sync_mode: SyncMode,
        cursor_field: list[str] | None = None,
        stream_state: Mapping[str, Any] | None = None,
    ) -> Iterable[Slice]:
        """Yield the parts that can be read at the same time."""
        parts = self.run.retriever.slices(self.run)
        guard = guard_of(self.run) if self.run.facts.counted_as else None
        return parts if guard is None else guard.slices(self.run, parts)

    @override
    def read_records(
        self,
        sync_mode: SyncMode,
        cursor_field: list[str] | None = None,
        stream_slice: Mapping[str, Any] | None = None,
        stream_state: Mapping[str, Any] | None = None,
    ) -> Iterator[Record]:
        """Yield the records of a slice. Raises ConfluenceError."""
        records = self.run.retriever.read(self.run, stream_slice or {})
        guard = guard_of(self.run) if self.run.facts.counted_as else None
        if guard is not None:
            records = guard.records(self.run, records)
        accounts = self.run.sync.accounts
        if accounts is None or self.run.retriever.reads_after_others:
            return records
        return accounts.observing(records)

    @override
    def path(
        self,
        *,
        stream_state: Mapping[str, Any] | None = None,
        stream_slice: Mapping[str, Any] | None = None,
        next_page_token: Mapping[str, Any] | None = None,
    ) -> str:
        """Return the endpoint as the documents name it."""
        return self.run.retriever.endpoints[0]

    @override
    def next_page_token(self, response: Response) -> None:
        """Return None: retrievers follow the pages of results."""

    @override
    def parse_response(self, response: Response, **_: Any) -> Iterable[Record]:
        """Return nothing: retrievers parse the responses."""
        return ()
