"""The audit log, by its window of time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from typing_extensions import override

from source_confluence.confluence import timestamps
from source_confluence.confluence.records import Record, encoded
from source_confluence.streams.retrievers.endpoint import v1
from source_confluence.streams.retrievers.whole_list import WholeList
from source_confluence.streams.state import CursorValue
from source_confluence.streams.sync.run import Slice, StreamRun


class AuditLog(WholeList):
    """Reads the audit log from the state, or from start_date, to the start of the sync.

    The log comes newest first and grows while it is read, so the end of the window is pinned.
    Records have no id: theirs is a hash of all that Confluence says in them.
    """

    def __init__(self) -> None:
        super().__init__(v1("audit", page_size=1000), _with_id)

    @override
    def slices(self, run: StreamRun) -> Iterator[Slice]:
        """Yield the window in milliseconds."""
        window: dict[str, Any] = {"endDate": _end_of_window(run)}
        since = _since(run)
        if since is not None:
            window["startDate"] = since
        yield window

    @override
    def started_at(self, run: StreamRun) -> CursorValue:
        """Return the end of the window, or the server's time at the start if that is earlier."""
        return min(super().started_at(run), _end_of_window(run))


def _end_of_window(run: StreamRun) -> CursorValue:
    return run.cursor.at(run.sync.opened_at)


def _since(run: StreamRun) -> int | None:
    newest, start_date = run.state.newest, run.config.start_date
    lookback = int(run.config.lookback.total_seconds() * 1000)
    bounds = [] if newest is None else [newest - lookback]
    if start_date is not None:
        bounds.append(timestamps.to_epoch_milliseconds(start_date))
    return max(bounds, default=None)


def _with_id(element: Record) -> Record:
    canonical = encoded(element, sort_keys=True)
    element["id"] = hashlib.sha256(canonical).hexdigest()[:32]
    return element
