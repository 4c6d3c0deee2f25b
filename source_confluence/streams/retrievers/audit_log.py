"""The audit log, by its window of time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from typing_extensions import override

from source_confluence.confluence import timestamps
from source_confluence.confluence.records import Record, encoded
from source_confluence.streams.retrievers.endpoint import SHORTEST_TO_FOLLOW_UP, v1
from source_confluence.streams.retrievers.whole_list import WholeList
from source_confluence.streams.state import CursorValue
from source_confluence.streams.sync.run import Slice, StreamRun

BEFORE_CONFLUENCE = 946_684_800_000
"""The start of 2000. How far the log goes back without `startDate` is undocumented."""


class AuditLog(WholeList):
    """Reads the audit log from the state, or from start_date, to the start of the sync.

    The log comes newest first and grows while it is read, so the end of the window is pinned.
    Records have no id: theirs is a hash of what Confluence says in them, except about the person
    who acted. Of that, only the account id counts: names, and what else an account is, change.
    """

    def __init__(self) -> None:
        # Recorded responses hold one row more than `limit`, and never a `next`.
        endpoint = v1("audit", page_size=1000, follow_up=SHORTEST_TO_FOLLOW_UP)
        super().__init__(endpoint, _with_id)

    @override
    def slices(self, run: StreamRun) -> Iterator[Slice]:
        """Yield the window in milliseconds."""
        yield {"startDate": _since(run), "endDate": _end_of_window(run)}


def _end_of_window(run: StreamRun) -> CursorValue:
    """Return our time at the start, or the server's where its clock is ahead of ours."""
    return run.cursor.at(max(run.sync.server_time(), run.sync.opened_at))


def _since(run: StreamRun) -> int:
    newest, start_date = run.state.newest, run.config.start_date
    lookback = int(run.config.lookback.total_seconds() * 1000)
    bounds = [BEFORE_CONFLUENCE] if newest is None else [newest - lookback]
    if start_date is not None:
        bounds.append(timestamps.to_epoch_milliseconds(start_date))
    return max(bounds)


def _with_id(element: Record) -> Record:
    author = element.get("author")
    account_id = author.get("accountId") if isinstance(author, dict) else None
    lasting = {**element, "author": {"accountId": account_id}} if account_id else element
    canonical = encoded(lasting, sort_keys=True)
    element["id"] = hashlib.sha256(canonical).hexdigest()[:32]
    return element
