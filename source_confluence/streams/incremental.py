"""Streams that read on from where the last sync ended."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from airbyte_cdk.models import SyncMode

from source_confluence import timestamps
from source_confluence.connection import Connection
from source_confluence.http.errors import ServerTrouble
from source_confluence.http.listing import Record
from source_confluence.streams.base import ConfluenceStream, CursorList, Slice
from source_confluence.sync.spaces import SpaceSelection
from source_confluence.sync.state import CursorValue, StreamState

PARTITIONS_PER_WORKER = 2
MAX_SPACES_PER_REQUEST = 100


class IncrementalStream(ConfluenceStream, ABC):
    """A stream with a cursor field, whose values compare once `comparable` has seen them."""

    @property
    @abstractmethod
    def cursor_field(self) -> str: ...

    @abstractmethod
    def comparable(self, value: Any) -> CursorValue:
        """Return a cursor value such that older is less. Raises ValueError if it is none."""

    @abstractmethod
    def cursor_value_at(self, moment: datetime) -> CursorValue:
        """Return the cursor value that a record changed at `moment` would have."""

    def cursor_value(self, record: Record) -> CursorValue | None:
        """Return how new a record is, or None if it does not say."""
        value = record.get(self.cursor_field)
        try:
            return None if value is None else self.comparable(value)
        except (TypeError, ValueError):
            return None

    def started_at(self) -> CursorValue:
        """Return the cursor value of the server's time at the start of the sync."""
        client, clock = self._connection.client, self._connection.clock
        return self.cursor_value_at(client.server_time_at_start or clock.utcnow())

    def parse_state(self, raw: Mapping[str, Any]) -> StreamState:
        """Return the stream's state. Raises ConfigError if it is not of our making."""
        return StreamState.parse(self.name, self.cursor_field, self.comparable, raw)


class ModifiedContentList(CursorList, IncrementalStream, ABC):
    """Content of spaces that carries a version: pages, blog posts.

    Confluence sorts by modification date, but does not filter by it. What changed is read newest
    first, until a page of results ends with something older than wanted: one request when nothing
    changed. What has never been read is read by id, in batches of spaces at the same time.
    """

    cursor_field = "lastModifiedAt"
    heavy_params = ("body-format",)

    def __init__(self, connection: Connection, spaces: SpaceSelection) -> None:
        super().__init__(connection)
        self._spaces = spaces

    def comparable(self, value: Any) -> str:
        """Return a timestamp in the fixed-width form."""
        if not isinstance(value, str):
            raise ValueError(f"{value!r} is not a timestamp")
        return timestamps.canonical(value)

    def cursor_value_at(self, moment: datetime) -> str:
        """Return `moment` in the fixed-width form."""
        return timestamps.from_datetime(moment)

    def record(self, element: Record) -> Record:
        """Return the content with the time of its version on top."""
        version = element.get("version")
        element["lastModifiedAt"] = version.get("createdAt") if isinstance(version, dict) else None
        return element

    def request_params(
        self,
        stream_state: Mapping[str, Any] | None,  # noqa: ARG002  # the CDK's contract
        stream_slice: Slice | None = None,
        next_page_token: Mapping[str, Any] | None = None,  # noqa: ARG002  # the CDK's contract
    ) -> dict[str, Any]:
        """Return the parameters that select a slice's records, in the order that it needs."""
        wanted = stream_slice or {}
        params = {
            "status": ",".join(self.statuses),
            "sort": "-modified-date" if "modifiedSince" in wanted else "id",
        }
        if self._config.body_format != "none":
            params["body-format"] = self._config.body_format
        if "spaceIds" in wanted:
            params["space-id"] = ",".join(wanted["spaceIds"])
        return params

    @property
    @abstractmethod
    def statuses(self) -> tuple[str, ...]:
        """The statuses to ask for: those of the config that this content can have."""

    def probe(self) -> None:
        """Ask for one record, unless there is no status to ask for."""
        if self.statuses:
            super().probe()

    def stream_slices(
        self,
        *,
        sync_mode: SyncMode,
        cursor_field: list[str] | None = None,  # noqa: ARG002  # the CDK's contract
        stream_state: Mapping[str, Any] | None = None,
    ) -> Iterator[Slice]:
        """Yield the parts that can be read at the same time.

        They are batches of spaces, `{"spaceIds": [...]}`; with `{"modifiedSince": "..."}` where
        only what changed since then is wanted, and that alone where one list has all of it.
        """
        state = self.parse_state(stream_state or {} if sync_mode is SyncMode.incremental else {})
        if not self.statuses:
            return
        since = self._since(state)
        bounds = {} if since is None else {"modifiedSince": since}
        if state.wants_first_sync:
            if (
                not state.first_sync
                and not self._spaces.is_filtered
                and self._fits_one_page(bounds)
            ):
                yield bounds
                return
            batches = self._spaces.batches(
                done=state.done_space_ids,
                wanted=PARTITIONS_PER_WORKER * self._config.num_workers,
                largest=MAX_SPACES_PER_REQUEST,
            )
        elif self._spaces.is_filtered and len(self._spaces.ids()) <= MAX_SPACES_PER_REQUEST:
            batches = self._spaces.batches(wanted=1, largest=MAX_SPACES_PER_REQUEST)
        else:
            yield bounds
            return
        for batch in batches:
            yield {"spaceIds": batch, **bounds}

    def select(self, page: list[Record], stream_slice: Slice) -> Iterable[Record]:
        """Return what is not older than the slice wants; what has no date always is wanted."""
        since = stream_slice.get("modifiedSince")
        if since is not None:
            page = [record for record in page if not self._is_older(record, since)]
        if self._spaces.is_filtered and "spaceIds" not in stream_slice:
            page = [record for record in page if self._spaces.has(record.get("spaceId"))]
        return page

    def is_past(self, page: list[Record], stream_slice: Slice) -> bool:
        """Tell whether the page of results, newest first, ends with something too old."""
        since = stream_slice.get("modifiedSince")
        return since is not None and bool(page) and self._is_older(page[-1], since)

    def _is_older(self, record: Record, since: str) -> bool:
        modified_at = self.cursor_value(record)
        return modified_at is not None and modified_at < since

    def _since(self, state: StreamState) -> str | None:
        start_date = self._config.start_date
        if state.newest is None or state.wants_first_sync:
            return start_date
        looking_back = timestamps.earlier(state.newest, self._config.lookback)
        return looking_back if start_date is None else max(looking_back, start_date)

    def _fits_one_page(self, bounds: Slice) -> bool:
        """One light request saves a small site a listing of spaces, and a request per batch."""
        try:
            page, goes_on = self.listing(bounds).first_page(self.page_size)
        except ServerTrouble:  # the listing will ask for less at once
            return False
        return not goes_on or self.is_past(page, bounds)
