"""The audit log."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson

from source_confluence.confluence import timestamps
from source_confluence.confluence.listing import Record
from source_confluence.connection import Connection
from source_confluence.streams.base import OffsetList, Slice
from source_confluence.streams.incremental import IncrementalStream
from source_confluence.streams.shared import Shared


class Audit(OffsetList, IncrementalStream):
    """Every record of the audit log. GET /wiki/rest/api/audit; Confluence administrators only.

    The log comes newest first and grows while it is read, so the end of the window is pinned.
    Records have no id: theirs is a hash of all that Confluence says of them.
    """

    name = "audit"
    endpoint = "audit"
    page_size = 1000
    cursor_field = "creationDate"

    def __init__(self, connection: Connection, shared: Shared) -> None:
        super().__init__(connection, shared)
        self._end_of_window = self.cursor_value_at(connection.clock.utcnow())

    def started_at(self) -> int:
        """Return the end of the window, or the server's time at the start if that is earlier."""
        server_time: int = super().started_at()
        return min(server_time, self._end_of_window)

    def comparable(self, value: Any) -> int:
        """Return milliseconds since 1970."""
        return int(value)

    def cursor_value_at(self, moment: datetime) -> int:
        """Return `moment` in milliseconds since 1970."""
        return int(moment.timestamp() * 1000)

    def record(self, element: Record) -> Record:
        """Return the record with an id of its own."""
        canonical = orjson.dumps(element, option=orjson.OPT_SORT_KEYS)
        element["id"] = hashlib.sha256(canonical).hexdigest()[:32]
        return element

    def stream_slices(self, **_: Any) -> Iterator[Slice]:
        """Yield the window from the state, or from start_date, to now, in milliseconds."""
        window = {"endDate": self._end_of_window}
        since = self._since()
        if since is not None:
            window["startDate"] = since
        yield window

    def request_params(
        self,
        stream_state: Mapping[str, Any] | None,  # noqa: ARG002  # the CDK's contract
        stream_slice: Slice | None = None,
        next_page_token: Mapping[str, Any] | None = None,  # noqa: ARG002  # the CDK's contract
    ) -> dict[str, Any]:
        """Return the window."""
        return dict(stream_slice or {})

    def _since(self) -> int | None:
        newest = self.resumes_from.newest
        lookback = int(self._config.lookback.total_seconds() * 1000)
        bounds = [] if newest is None else [newest - lookback]
        if self._config.start_date is not None:
            bounds.append(timestamps.to_epoch_milliseconds(self._config.start_date))
        return max(bounds, default=None)
