"""Fetches several child lists of a parent with one GET of the parent by its id.

A GET by id can include lists (`include-labels`, `include-versions`, ...). If two or more selected
streams want a list of every parent, one such request serves them all. A list is requested at its
own endpoint only if the included one says that it has more, or if the included ones take too much
memory. The locks guard which batches are being read, how much they keep, and which of their parents
are still to be fetched.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from source_confluence.confluence.body import MEGABYTE
from source_confluence.confluence.errors import ResponseTooLarge
from source_confluence.confluence.records import Record, encoded

MOST_KEPT = 64 * MEGABYTE
"""What all batches together keep, compressed. The lists of a parent usually take 1 KB or less, but
50 content properties alone may have 32 KB each."""
NOTHING = zlib.compress(b"{}", level=1)
Details = Mapping[str, Any]
"""The included lists of a parent by section."""


@dataclass(frozen=True)
class Member:
    """A stream that can take its lists from a GET of the parents."""

    stream: str
    section: str
    """What the parent calls the list, in `include-...` and in its answer."""
    wants: Callable[[Record], bool] | None = None
    """Returns whether it needs a request to know the children of a parent; None if always."""
    takes_part: Callable[[], bool] | None = None
    """Returns whether it wants its lists from the parents at all; None if it does."""


class IncludeBatcher:
    """The selected streams that want lists of the same parents; thread-safe."""

    def __init__(
        self, members: Sequence[Member], get: Callable[[Record, list[str]], Details]
    ) -> None:
        """`get` requests a parent by its id, including some of its lists."""
        self._members = members
        self._get = get
        self._lock = threading.Lock()
        self._participants: list[Member] | None = None
        self._batches: dict[object, Batch] = {}
        self._kept = 0

    def wants_every_parent_besides(self, stream: str) -> bool:
        """Return whether another stream wants its list from every parent."""
        return any(one.wants is None for one in self._members if one.stream != stream)

    def serves(self, stream: str) -> bool:
        """Return whether a stream takes its lists from the parents, as others do."""
        participants = self._all_participants()
        return len(participants) > 1 and any(one.stream == stream for one in participants)

    @contextmanager
    def batch(
        self,
        key: object,
        parents: list[Record],
        charging: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> Iterator[Batch]:
        """Fetch a batch of parents together with other workers; forget it once all have read it.

        `charging` surrounds each request: that of the first stream that reads the batch.
        """
        participants = self._all_participants()
        with self._lock:
            if key not in self._batches:
                fetch = partial(self._fetch, participants, charging)
                self._batches[key] = Batch(parents, fetch, self._may_keep, len(participants))
            batch = self._batches[key]
        batch.fetch()
        try:
            yield batch
        finally:
            if batch.is_read_by_all():
                with self._lock:
                    self._batches.pop(key, None)
                    self._kept -= batch.kept

    def _all_participants(self) -> list[Member]:
        with self._lock:
            if self._participants is None:
                self._participants = [
                    one for one in self._members if one.takes_part is None or one.takes_part()
                ]
            return self._participants

    def _may_keep(self, size: int) -> bool:
        with self._lock:
            has_room = self._kept + size <= MOST_KEPT
            self._kept += size if has_room else 0
        return has_room

    def _fetch(
        self,
        participants: list[Member],
        charging: Callable[[], AbstractContextManager[None]],
        parent: Record,
    ) -> Details:
        sections = [one.section for one in participants if one.wants is None or one.wants(parent)]
        with charging():
            return self._get(parent, sections) if sections else {}


class Batch:
    """Some parents, fetched by all the workers that wait for them; kept compressed."""

    def __init__(
        self,
        parents: list[Record],
        fetch: Callable[[Record], Details],
        may_keep: Callable[[int], bool],
        readers: int,
    ) -> None:
        """`may_keep` reserves a number of bytes, and returns whether there is room for them."""
        self.kept = 0
        """The bytes that it has reserved."""
        self._fetch_one = fetch
        self._may_keep = may_keep
        self._pending = list(reversed(parents))
        self._awaited = len(parents)
        self._readers = readers
        self._packed: dict[str, bytes] = {}
        self._failures: dict[str, Exception] = {}
        self._changed = threading.Condition()

    def fetch(self) -> None:
        """Fetch what no other worker is fetching, then wait for the rest."""
        while True:
            with self._changed:
                if not self._pending:
                    break
                parent = self._pending.pop()
            self._fetch(parent)
        with self._changed:
            while self._awaited:
                self._changed.wait()

    def details_of(self, parent: Record) -> Details:
        """Return the included lists of a parent; none if they are too large.

        Raises what its GET has raised.
        """
        failure = self._failures.get(parent["id"])
        if failure is not None:
            raise failure
        details: Details = orjson.loads(zlib.decompress(self._packed[parent["id"]]))
        return details

    def is_read_by_all(self) -> bool:
        """Count one reader out; return whether it was the last."""
        with self._changed:
            self._readers -= 1
            return self._readers <= 0

    def _fetch(self, parent: Record) -> None:
        try:
            packed = zlib.compress(encoded(self._fetch_one(parent)), level=1)
        except ResponseTooLarge:
            packed = NOTHING
        except Exception as failure:  # noqa: BLE001  # raised for every reader by `details_of`
            packed = NOTHING
            # Without its frames: they hold the response.
            self._failures[parent["id"]] = failure.with_traceback(None)
        may_keep = self._may_keep(len(packed))
        self._packed[parent["id"]] = packed if may_keep else NOTHING
        with self._changed:
            self.kept += len(packed) if may_keep else 0
            self._awaited -= 1
            self._changed.notify_all()
