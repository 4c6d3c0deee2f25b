"""The parts of a stream that are read at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from airbyte_cdk.models import SyncMode
from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.sources.streams.concurrent.partitions.partition_generator import PartitionGenerator
from airbyte_cdk.sources.types import Record

from source_confluence.confluence.listing import Record as Data
from source_confluence.confluence.responses import UNAVAILABLE, CredentialsRejected, Throttled
from source_confluence.streams.availability import Availability
from source_confluence.streams.base import ConfluenceStream, Slice
from source_confluence.streams.elements import GivenUp
from source_confluence.streams.state import CursorValue

IN_VAIN = (GivenUp, Throttled, CredentialsRejected)
"""After one of these every other partition of the stream would fail in the same words."""


class StreamPartition(Partition):
    """One slice of a stream, and the newest cursor value among its records."""

    def __init__(
        self,
        stream: ConfluenceStream,
        stream_slice: Slice,
        availability: Availability,
        cursor_value: Callable[[Data], CursorValue | None] = lambda _: None,
    ) -> None:
        """`cursor_value` tells how new a record is, where the stream is read incrementally."""
        self._stream = stream
        self._slice = stream_slice
        self._availability = availability
        self._cursor_value = cursor_value
        self.newest: CursorValue | None = None
        self.was_refused = False

    @property
    def space_ids(self) -> list[str]:
        """The spaces that the partition consists of, or none if it is not made of spaces."""
        ids: list[str] = self._slice.get("spaceIds", [])
        return ids

    def read(self) -> Iterable[Record]:
        """Yield the records; none if the account may not read the stream.

        None, either, behind a partition that gave the stream up: that one has said so.
        """
        if self._availability.is_over:
            self.was_refused = True
            return
        try:
            yield from self._records()
            self._availability.ended(
                was_let_in=self._stream.was_let_in, passed_over=self._stream.last_refusal
            )
        except UNAVAILABLE as refusal:
            self.was_refused = True
            self._availability.refused(refusal)
        except IN_VAIN:
            self._availability.given_up()
            raise

    def to_slice(self) -> Slice:
        """Return the slice."""
        return self._slice

    def stream_name(self) -> str:
        """Return the name of the stream."""
        return str(self._stream.name)

    def __hash__(self) -> int:
        return id(self)

    def _records(self) -> Iterator[Record]:
        name = self.stream_name()
        is_granted = False
        for data in self._stream.read_records(SyncMode.full_refresh, stream_slice=self._slice):
            if not is_granted:
                self._availability.granted()
                is_granted = True
            value = self._cursor_value(data)
            if value is not None and (self.newest is None or value > self.newest):
                self.newest = value
            yield Record(data, name)


class PartitionObserver(Protocol):
    """Whoever wants to know which partitions there are."""

    def announce(self, partition: StreamPartition) -> None:
        """Take note of a partition that is going to be read."""

    def all_announced(self) -> None:
        """Take note that there are no more partitions."""


class Partitions(PartitionGenerator):
    """Makes a stream's partitions while others are already being read."""

    def __init__(
        self,
        slices: Callable[[], Iterable[Slice]],
        partition: Callable[[Slice], StreamPartition],
        availability: Availability,
        observer: PartitionObserver | None = None,
    ) -> None:
        self._slices = slices
        self._partition = partition
        self._availability = availability
        self._observer = observer

    def generate(self) -> Iterable[Partition]:
        """Yield the partitions; none if the account may not even list what they are made of."""
        try:
            for stream_slice in self._slices():
                if self._availability.is_over:
                    return
                partition = self._partition(stream_slice)
                self._availability.begun()
                if self._observer is not None:
                    self._observer.announce(partition)
                yield partition
            self._availability.ended()
        except UNAVAILABLE as refusal:
            self._availability.refused(refusal)
            return
        if self._observer is not None:
            self._observer.all_announced()
