"""One run of `read`: the configured streams, handed to the CDK's concurrent engine."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from airbyte_cdk.models import (
    AirbyteMessage,
    AirbyteStream,
    AirbyteStreamStatus,
    ConfiguredAirbyteStream,
    Level,
    StreamDescriptor,
    SyncMode,
)
from airbyte_cdk.sources.concurrent_source.concurrent_source import ConcurrentSource
from airbyte_cdk.sources.concurrent_source.thread_pool_manager import ThreadPoolManager
from airbyte_cdk.sources.connector_state_manager import ConnectorStateManager
from airbyte_cdk.sources.message import MessageRepository
from airbyte_cdk.sources.streams.concurrent.abstract_stream import AbstractStream
from airbyte_cdk.sources.streams.concurrent.cursor import (
    Cursor,
    CursorField,
    FinalStateCursor,
)
from airbyte_cdk.sources.streams.concurrent.default_stream import DefaultStream
from airbyte_cdk.sources.utils.slice_logger import DebugSliceLogger
from airbyte_cdk.utils.stream_status_utils import as_airbyte_message as status_message

from source_confluence.airbyte.cursor import IncrementalCursor
from source_confluence.airbyte.messages import Messages, RecordQueue
from source_confluence.airbyte.partitions import Partitions, StreamPartition
from source_confluence.confluence.errors import ConfigError, PlainSentences
from source_confluence.confluence.page_budget import PageBudget
from source_confluence.streams.availability import Availability, would_replace
from source_confluence.streams.base import ConfluenceStream, Slice
from source_confluence.streams.incremental import IncrementalStream
from source_confluence.streams.state import foreign_keys

QUEUE_SIZE = 4_000
"""Records between the workers and stdout, if they are small: the bytes are bounded elsewhere."""


class Sync:
    """Reads streams at the same time and yields what they say in order. For one run."""

    def __init__(
        self,
        num_workers: int,
        memory: PageBudget,
        states: ConnectorStateManager,
        logger: logging.Logger,
    ) -> None:
        self._num_workers = num_workers
        self._states = states
        self._logger = logger
        self._queue = RecordQueue(QUEUE_SIZE)
        memory.hold_until(self._queue.after)
        level = Level.DEBUG if logger.isEnabledFor(logging.DEBUG) else Level.INFO
        self.messages: MessageRepository = Messages(self._queue, level)

    def read(
        self, configured: Iterable[tuple[ConfiguredAirbyteStream, ConfluenceStream]]
    ) -> Iterator[AirbyteMessage]:
        """Yield the messages of a sync. Raises AirbyteTracedException if a stream has failed."""
        streams = [self._concurrent(entry, stream) for entry, stream in configured]
        if not streams:
            return
        if not any(isinstance(one, PlainSentences) for one in self._logger.filters):
            self._logger.addFilter(PlainSentences())
        pool = ThreadPoolExecutor(self._num_workers, thread_name_prefix="workerpool")
        source = ConcurrentSource(
            ThreadPoolManager(pool, self._logger),
            self._logger,
            DebugSliceLogger(),
            self._queue,
            self.messages,
            initial_number_partitions_to_generate=max(1, self._num_workers // 2),
        )
        try:
            yield from source.read(streams)
        finally:
            self._queue.abandon()
            pool.shutdown(wait=False, cancel_futures=True)

    def _concurrent(
        self, entry: ConfiguredAirbyteStream, stream: ConfluenceStream
    ) -> AbstractStream:
        availability = Availability(stream.name, self._logger, replaces=would_replace(entry))
        wants_incremental = entry.sync_mode is SyncMode.incremental
        if isinstance(stream, IncrementalStream) and wants_incremental:
            partitions, cursor = self._incremental(stream, availability)
        else:
            partitions, cursor = self._full_refresh(stream, availability)
        return DefaultStream(
            partition_generator=partitions,
            name=stream.name,
            json_schema=stream.get_json_schema,
            primary_key=stream.primary_key,
            cursor_field=CursorField(stream.cursor_field)
            if isinstance(stream, IncrementalStream)
            else None,
            logger=self._logger,
            cursor=cursor,
        )

    def _full_refresh(
        self, stream: ConfluenceStream, availability: Availability
    ) -> tuple[Partitions, Cursor]:
        """The final state only says that there is none: a full refresh is full every time."""
        return (
            Partitions(
                lambda: stream.stream_slices(sync_mode=SyncMode.full_refresh),
                lambda stream_slice: StreamPartition(stream, stream_slice, availability),
                availability,
            ),
            FinalStateCursor(stream.name, None, self.messages),
        )

    def _incremental(
        self, stream: IncrementalStream, availability: Availability
    ) -> tuple[Partitions, Cursor]:
        raw = self._states.get_stream_state(stream.name, None)
        foreign = foreign_keys(stream.cursor_field, raw)
        if foreign:
            self._logger.warning(
                f"The state of stream {stream.name} holds {', '.join(foreign)}, "
                "which this connector did not write: that is passed over."
            )
        stream.resumes_from = stream.parse_state(raw)
        cursor = IncrementalCursor(
            stream.name,
            stream.cursor_field,
            stream.resumes_from,
            stream.started_at,
            self.messages,
        )

        def partition(stream_slice: Slice) -> StreamPartition:
            return StreamPartition(stream, stream_slice, availability, stream.cursor_value)

        def slices() -> Iterable[Mapping[str, Any]]:
            return stream.stream_slices(sync_mode=SyncMode.incremental)

        return Partitions(slices, partition, availability, cursor), cursor


def messages_of_unknown(stream: AirbyteStream) -> list[AirbyteMessage]:
    """Return what tells the platform that a configured stream does not exist."""
    error = ConfigError(
        f"The catalog names stream {stream.name}, which this connector does not have: "
        "refresh the schema of the connection, or take the stream out."
    )
    return [
        status_message(stream, AirbyteStreamStatus.STARTED),
        error.as_airbyte_message(StreamDescriptor(name=stream.name)),
        status_message(stream, AirbyteStreamStatus.INCOMPLETE),
    ]
