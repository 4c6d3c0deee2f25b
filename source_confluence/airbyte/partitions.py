"""The parts of a stream that are read at the same time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from airbyte_cdk.models import SyncMode
from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.sources.streams.concurrent.partitions.partition_generator import PartitionGenerator
from airbyte_cdk.sources.types import Record
from typing_extensions import override

from source_confluence.confluence.errors import (
    UNAVAILABLE,
    ConfluenceError,
    CredentialsRejected,
    RequestRefused,
    Throttled,
)
from source_confluence.streams.retrievers.elements import StreamStopped
from source_confluence.streams.state import CursorValue
from source_confluence.streams.stream import ConfluenceStream
from source_confluence.streams.sync.run import Slice, StreamRun

STOPPING = (StreamStopped, Throttled, CredentialsRejected)
"""After one of these every other partition of the stream would fail in the same words."""


class StreamPartition(Partition):
    """One slice of a stream, and the newest cursor value among its records."""

    def __init__(self, stream: ConfluenceStream, stream_slice: Slice, sync_mode: SyncMode) -> None:
        self._stream = stream
        self._slice = stream_slice
        self._sync_mode = sync_mode
        self.newest: CursorValue | None = None
        self.was_denied = False

    @property
    def reach(self) -> dict[str, str]:
        """How far a list in the order of ids has come with it: `up_to` or `from_on` an id."""
        names = {"upTo": "up_to", "fromOn": "from_on"}
        return {names[name]: value for name, value in self._slice.items() if name in names}

    @override
    def read(self) -> Iterable[Record]:
        """Yield the records; none if the account may not read the stream.

        Also none after another partition has stopped the stream; it has already logged why.
        """
        run = self._stream.run
        run.sync.connection.meter.charge_to(run.name)
        with run.progress.reading(self._slice):
            yield from self._read()

    def _read(self) -> Iterable[Record]:
        run = self._stream.run
        health = run.health
        cursor = run.cursor_field if self._sync_mode is SyncMode.incremental else None
        if health.is_over:
            self.was_denied = True
            return
        has_records = False
        try:
            for data in self._stream.read_records(self._sync_mode, stream_slice=self._slice):
                if not has_records:
                    has_records = True
                    health.has_records()
                value = cursor.value(data) if cursor else None
                if value is not None and (self.newest is None or value > self.newest):
                    self.newest = value
                yield Record(data, run.name)
            health.closed(succeeded=not run.retriever.reads_elements)
        except denials_of(run) as denial:
            self.was_denied = run.progress.was_denied = True
            health.denied(denial)
        except STOPPING:
            health.stop()
            raise
        except Exception:
            health.failed()
            raise

    @override
    def to_slice(self) -> Slice:
        """Return the slice."""
        return self._slice

    @override
    def stream_name(self) -> str:
        """Return the name of the stream."""
        return self._stream.name

    @override
    def __hash__(self) -> int:
        return id(self)


class PartitionObserver(Protocol):
    """What wants to know which partitions there are."""

    def begin(self) -> None:
        """Record that the stream is going to be listed."""

    def announce(self, partition: StreamPartition) -> None:
        """Record a partition that is going to be read."""

    def all_announced(self) -> None:
        """Record that there are no more partitions."""


class Partitions(PartitionGenerator):
    """Makes a stream's partitions while others are already being read."""

    def __init__(
        self,
        stream: ConfluenceStream,
        sync_mode: SyncMode,
        observer: PartitionObserver | None = None,
    ) -> None:
        self._stream = stream
        self._sync_mode = sync_mode
        self._observer = observer

    @override
    def generate(self) -> Iterable[Partition]:
        """Yield the partitions; none if the account may not even list what they are made of."""
        run = self._stream.run
        run.sync.connection.meter.charge_to(run.name)
        with run.progress.listing():
            yield from self._generate()

    def _generate(self) -> Iterable[Partition]:
        run = self._stream.run
        health = run.health
        try:
            if self._observer is not None:
                self._observer.begin()
            for stream_slice in self._stream.stream_slices(sync_mode=self._sync_mode):
                if not health.open_partition():
                    return
                run.progress.found(stream_slice)
                partition = StreamPartition(self._stream, stream_slice, self._sync_mode)
                if self._observer is not None:
                    self._observer.announce(partition)
                yield partition
            health.closed()
        except denials_of(run) as denial:
            run.progress.was_denied = True
            health.denied(denial)
            return
        except Exception:
            health.failed()
            raise
        if self._observer is not None:
            self._observer.all_announced()


def denials_of(run: StreamRun) -> tuple[type[ConfluenceError], ...]:
    """Return what says that the account, or the site's plan, does not have a stream.

    Sites without space roles were seen to answer 400, 405 and 501, too (the live test suite of
    confluence.js accepts these).
    """
    return (*UNAVAILABLE, RequestRefused) if run.facts.is_optional else UNAVAILABLE
