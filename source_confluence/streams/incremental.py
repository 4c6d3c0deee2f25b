"""Streams that read on from where the last sync ended."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

from source_confluence.confluence import timestamps
from source_confluence.confluence.listing import Record
from source_confluence.streams.base import ConfluenceStream, CursorList, Slice
from source_confluence.streams.state import CursorValue, StreamState


class IncrementalStream(ConfluenceStream, ABC):
    """A stream with a cursor field, whose values compare once `comparable` has seen them."""

    resumes_from = StreamState()
    """Where the last sync ended; without one, or in a full refresh, the stream is read whole."""

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


class ModifiedStream(IncrementalStream, ABC):
    """A stream of what carries a version: its time, on top of the record, is the cursor."""

    cursor_field = "lastModifiedAt"

    def comparable(self, value: Any) -> str:
        """Return a timestamp in the fixed-width form."""
        if not isinstance(value, str):
            raise ValueError(f"{value!r} is not a timestamp")
        return timestamps.canonical(value)

    def cursor_value_at(self, moment: datetime) -> str:
        """Return `moment` in the fixed-width form."""
        return timestamps.from_datetime(moment)

    def record(self, element: Record) -> Record:
        """Return the record with the time of its version on top."""
        return with_time_of_version(element)

    @property
    def since(self) -> str | None:
        """What is older is not wanted; None where everything is."""
        start_date, newest = self._config.start_date, self.resumes_from.newest
        if newest is None or self.resumes_from.wants_first_sync:
            return start_date
        looking_back = timestamps.earlier(newest, self._config.lookback)
        return looking_back if start_date is None else max(looking_back, start_date)

    def is_older(self, record: Record, since: str) -> bool:
        """Tell whether a record is older; what has no date never is."""
        modified_at = self.cursor_value(record)
        return modified_at is not None and modified_at < since


class ModifiedList(CursorList, ModifiedStream, ABC):
    """A list of all such records of the site.

    Confluence sorts by modification date, but does not filter by it. What changed is read newest
    first, until a page of results ends with something older than wanted: one request when nothing
    changed.
    """

    heavy_params: ClassVar[tuple[str, ...]] = ("body-format",)
    order_of_everything = "created-date"
    """A stable order, in which edits move nothing."""

    def request_params(
        self,
        stream_state: Mapping[str, Any] | None,  # noqa: ARG002  # the CDK's contract
        stream_slice: Slice | None = None,
        next_page_token: Mapping[str, Any] | None = None,  # noqa: ARG002  # the CDK's contract
    ) -> dict[str, Any]:
        """Return the parameters that list a slice's records in the order that it needs."""
        is_bounded = "modifiedSince" in (stream_slice or {})
        order = "-modified-date" if is_bounded else self.order_of_everything
        params = {**self.params, "sort": order}
        if "body-format" in self.heavy_params and self._config.body_format != "none":
            params["body-format"] = self._config.body_format
        return params

    def listed_since(self, since: str) -> Iterator[list[Record]]:
        """Yield the pages of results, light, of what changed since then."""
        for part in self.slices_to_list():
            yield from self.light_pages({**part, "modifiedSince": since})

    @property
    def bounds(self) -> Slice:
        """The slice of everything that is wanted."""
        return {} if self.since is None else {"modifiedSince": self.since}

    def stream_slices(self, **_: Any) -> Iterable[Slice]:
        """Yield the parts that can be read at the same time: here, one."""
        yield self.bounds

    def select(self, page: list[Record], stream_slice: Slice) -> Iterable[Record]:
        """Return what is not older than the slice wants."""
        since = stream_slice.get("modifiedSince")
        if since is None:
            return page
        return [record for record in page if not self.is_older(record, since)]

    def is_past(self, page: list[Record], stream_slice: Slice) -> bool:
        """Tell whether the page of results, newest first, ends with something too old."""
        since = stream_slice.get("modifiedSince")
        return since is not None and bool(page) and self.is_older(page[-1], since)


def with_time_of_version(element: Record) -> Record:
    """Return a record with the time of its version on top, as `lastModifiedAt`."""
    version = element.get("version")
    element["lastModifiedAt"] = version.get("createdAt") if isinstance(version, dict) else None
    return element
