"""Compares a full read with a search's count of the same content, and warns if it falls short.

A list that ends early looks like a shorter list, and a destination that overwrites would delete the
rest. The search index is independent of the lists. It counts current content only, so only that is
counted here. The lock guards the count and the number of open slices.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

from source_confluence.confluence.client import ATTEMPTS
from source_confluence.confluence.errors import ConfluenceError
from source_confluence.confluence.listing import is_short
from source_confluence.confluence.records import Record
from source_confluence.streams.retrievers.endpoint import v1
from source_confluence.streams.state import StreamState
from source_confluence.streams.sync.run import Slice, StreamRun, Sync

MOST_SPACE_KEYS = 50
"""A search for the content of more spaces would be too long for a URL."""
SEARCH = v1("search", {"limit": 1, "includeArchivedSpaces": "true", "excerpt": "none"})


class ShrinkGuard:
    """The records that one sync has read of one type of content; thread-safe."""

    def __init__(self, cql: str, streams: int) -> None:
        """`cql` finds the same content as these streams together."""
        self._cql = cql
        self._lock = threading.Lock()
        self._open = streams  # each stream is open until it has yielded its last slice
        self._count = 0

    def slices(self, run: StreamRun, parts: Iterable[Slice]) -> Iterator[Slice]:
        """Yield the slices of one of the streams."""
        for part in parts:
            with self._lock:
                self._open += 1
            yield part
        self._close(run, 0)

    def records(self, run: StreamRun, records: Iterable[Record]) -> Iterator[Record]:
        """Yield the records of a slice. After the last of all, compare their number."""
        count = 0
        for record in records:
            if record.get("status") == "current":
                count += 1
            yield record
        self._close(run, count)

    def _close(self, run: StreamRun, count: int) -> None:
        with self._lock:
            self._count += count
            self._open -= 1
            is_last = self._open == 0
        if is_last:
            self._compare(run)

    def _compare(self, run: StreamRun) -> None:
        try:
            found = count_of(run, self._cql, attempts=1)
        except ConfluenceError as error:
            run.logger.debug(f"{run.name} has no other count: {error.message}")
            return
        if is_short(self._count, found):
            run.logger.warning(
                f"{run.name} may be incomplete: {self._count} current records were read, but a "
                f"search for {self._cql} counts {found}."
            )


def count_of(run: StreamRun, cql: str, *, attempts: int = ATTEMPTS) -> int:
    """Return how much current content a search counts: an estimate, and 0 if it does not say.

    It is requested once in a sync. Raises as `Client.get`.
    """

    def count() -> int:
        found = SEARCH.get(run, {"cql": cql}, attempts=attempts).body.get("totalSize")
        return found if isinstance(found, int) else 0

    return run.sync.memo.once(("count", cql), count)


def guard_of(run: StreamRun) -> ShrinkGuard | None:
    """Return what counts the records of a stream that says how a search counts them.

    None if nothing can be compared: the stream is not read whole, or filtered as no search is.
    """
    cql_type = run.facts.counted_as
    return run.sync.memo.once(("shrink guard", cql_type), lambda: _guard(run.sync, cql_type))


def _guard(sync: Sync, cql_type: str) -> ShrinkGuard | None:
    config, keys = sync.config, sync.spaces.named_keys()
    runs = [run for run in sync.stream_runs if run.facts.counted_as == cql_type]
    is_filtered = config.cql is not None or config.excluded_space_keys
    if is_filtered or "current" not in config.content_statuses or len(keys) > MOST_SPACE_KEYS:
        return None
    if not all(run in sync.selected_runs and _is_read_whole(run) for run in runs):
        return None
    clause = f" and space in ({','.join(map(quoted, keys))})" if keys else ""
    return ShrinkGuard(f"type={cql_type}{clause}", len(runs))


def _is_read_whole(run: StreamRun) -> bool:
    return run.state == StreamState() and run.since is None


def quoted(text: str) -> str:
    """Return a text as a value in CQL."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
