"""One run of `read`: the configured streams, handed to the CDK's concurrent engine."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

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
from airbyte_cdk.sources.message import MessageRepository
from airbyte_cdk.sources.streams.concurrent.abstract_stream import AbstractStream
from airbyte_cdk.sources.streams.concurrent.cursor import CursorField, FinalStateCursor
from airbyte_cdk.sources.streams.concurrent.default_stream import DefaultStream
from airbyte_cdk.sources.utils.slice_logger import DebugSliceLogger
from airbyte_cdk.utils.stream_status_utils import as_airbyte_message as status_message
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from source_confluence.airbyte.cursor import IncrementalCursor
from source_confluence.airbyte.inputs import shortened
from source_confluence.airbyte.log import OneLineErrors
from source_confluence.airbyte.messages import OrderedMessageRepository, RecordQueue
from source_confluence.airbyte.one_worker import THREADS, OneTaskAtATime
from source_confluence.airbyte.partitions import Partitions
from source_confluence.confluence.errors import ConfigError
from source_confluence.confluence.page_budget import PageBudget
from source_confluence.streams.stream import ConfluenceStream

QUEUE_SIZE = 4_000
"""Records between the workers and stdout, if they are small: the page budget limits the bytes."""
PENDING_PARTITIONS = ThreadPoolManager.DEFAULT_MAX_QUEUE_SIZE
"""Partitions that may wait to be read, of all streams together."""


class Engine:
    """Reads streams at the same time and yields their messages in order. For one run."""

    def __init__(self, num_workers: int, page_budget: PageBudget, logger: logging.Logger) -> None:
        self._num_workers = num_workers
        self._logger = _logger_of_the_cdk(logger)
        self._queue = RecordQueue(QUEUE_SIZE)
        self._pools: list[ThreadPoolExecutor] = []
        self.record_counts: Mapping[str, int] = self._queue.record_counts
        page_budget.hold_until(self._queue.call_when_consumed)
        level = Level.DEBUG if logger.isEnabledFor(logging.DEBUG) else Level.INFO
        self.messages: MessageRepository = OrderedMessageRepository(self._queue, level)

    @contextmanager
    def reading(
        self, configured: Iterable[tuple[ConfiguredAirbyteStream, ConfluenceStream]]
    ) -> Iterator[Iterator[AirbyteMessage]]:
        """Yield an iterator of the messages of a sync, for the same thread.

        Streams that need what the others read follow when those have ended, failed or not. The
        iterator raises AirbyteTracedException if a stream has failed. At the end of the block,
        workers that still read are told to stop.
        """
        phases: tuple[list[AbstractStream], list[AbstractStream]] = ([], [])
        for entry, stream in configured:
            phase = phases[stream.run.retriever.reads_after_others]
            phase.append(self._concurrent(entry.sync_mode, stream))
        try:
            yield self._read_in_turn([streams for streams in phases if streams])
        finally:
            self._queue.close()
            for pool in self._pools:
                pool.shutdown(wait=False, cancel_futures=True)

    def _read_in_turn(self, phases: list[list[AbstractStream]]) -> Iterator[AirbyteMessage]:
        if len(phases) == 1:
            return self._read(phases[0])  # with nothing around it, as each message would pass there
        return self._read_each(phases)

    def _read_each(self, phases: list[list[AbstractStream]]) -> Iterator[AirbyteMessage]:
        failures = []
        for streams in phases:
            try:
                yield from self._read(streams)
            except AirbyteTracedException as failure:  # noqa: PERF203  # two phases at most
                failures.append(failure)
        if failures:
            raise failures[0]

    def _read(self, streams: list[AbstractStream]) -> Iterator[AirbyteMessage]:
        pool = ThreadPoolExecutor(max(THREADS, self._num_workers), thread_name_prefix="workerpool")
        self._pools.append(pool)
        source = ConcurrentSource(
            self._manager_of(pool),
            self._logger,
            DebugSliceLogger(),
            self._queue,
            self.messages,
            initial_number_partitions_to_generate=max(1, self._num_workers // 2),
        )
        return source.read(streams)

    def _manager_of(self, pool: ThreadPoolExecutor) -> ThreadPoolManager:
        if self._num_workers > 1:
            return ThreadPoolManager(pool, self._logger, PENDING_PARTITIONS)
        return OneTaskAtATime(pool, self._logger, PENDING_PARTITIONS, self._queue)

    def _concurrent(self, sync_mode: SyncMode, stream: ConfluenceStream) -> AbstractStream:
        """A full refresh ends with a state that only says that there is none."""
        field = stream.incremental_by
        cursor: IncrementalCursor | FinalStateCursor
        if field is not None and sync_mode is SyncMode.incremental:
            run = stream.run
            cursor = IncrementalCursor(
                run.name,
                field.name,
                run.continuation.incoming,
                run,
                self.messages,
                flush=self._queue.flush,
            )
            partitions = Partitions(stream, sync_mode, cursor)
        else:
            cursor = FinalStateCursor(stream.name, None, self.messages)
            partitions = Partitions(stream, sync_mode)
        return DefaultStream(
            partition_generator=partitions,
            name=stream.name,
            json_schema=stream.get_json_schema,
            primary_key=stream.primary_key,
            cursor_field=None if field is None else CursorField(field.name),
            logger=self._logger,
            cursor=cursor,
        )


def _logger_of_the_cdk(logger: logging.Logger) -> logging.Logger:
    """Return what the CDK's engine logs to: its warnings and errors, and all of it for --debug.

    It says six times per stream that this begins or ends. The platform reads that in the messages
    of type TRACE, and people in the lines of `Progress`.
    """
    engine = logger.getChild("engine")
    engine.setLevel(logging.DEBUG if logger.isEnabledFor(logging.DEBUG) else logging.WARNING)
    if not any(isinstance(one, OneLineErrors) for one in engine.filters):
        engine.addFilter(OneLineErrors())
    return engine


def messages_of_unknown(stream: AirbyteStream) -> list[AirbyteMessage]:
    """Return what tells the platform that a configured stream does not exist."""
    error = ConfigError(
        f"The catalog names stream {shortened(stream.name)}, which this connector does not have: "
        "refresh the schema of the connection, or take the stream out."
    )
    return [
        status_message(stream, AirbyteStreamStatus.STARTED),
        error.as_airbyte_message(StreamDescriptor(name=stream.name)),
        status_message(stream, AirbyteStreamStatus.INCOMPLETE),
    ]
