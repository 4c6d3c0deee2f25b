"""A whole sync by the real engine, and what it has said."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from airbyte_cdk.models import (
    AirbyteMessage,
    AirbyteStateBlob,
    AirbyteStateMessage,
    AirbyteStateType,
    AirbyteStream,
    AirbyteStreamState,
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteStream,
    DestinationSyncMode,
    StreamDescriptor,
    SyncMode,
    Type,
)
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from source_confluence.airbyte.engine import Engine
from source_confluence.airbyte.selection import selected_streams
from source_confluence.streams import open_sync
from source_confluence.streams import streams_of as all_streams
from source_confluence.streams.state import SPACES
from source_confluence.streams.stream import ConfluenceStream
from source_confluence.streams.sync.run import Selected, Sync
from unit_tests.fakes import Setup

LOGGER = logging.getLogger("unit_tests")

Raw = Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What a sync has said, and how it has ended."""

    messages: list[AirbyteMessage]
    error: AirbyteTracedException | None

    def records(self, stream: str) -> list[dict[str, Any]]:
        """The stream's records, in order."""
        return [
            message.record.data
            for message in self.messages
            if message.record is not None and message.record.stream == stream
        ]

    def states(self, stream: str) -> list[dict[str, Any]]:
        """The stream's states, in order, without the spaces that they cover."""
        return [
            {name: value for name, value in state.items() if name != SPACES}
            for state in self.whole_states(stream)
        ]

    def whole_states(self, stream: str) -> list[dict[str, Any]]:
        """The stream's states, in order."""
        return [
            state_of(message)
            for message in self.messages
            if message.type is Type.STATE and stream_of(message) == stream
        ]

    def statuses(self, stream: str) -> list[str]:
        """The stream's statuses, in order."""
        return [
            message.trace.stream_status.status.value
            for message in self.messages
            if message.trace is not None
            and message.trace.stream_status is not None
            and stream_of(message) == stream
        ]

    def errors(self, stream: str) -> list[str]:
        """The sentences of the stream's errors, in order."""
        return [
            str(message.trace.error.message)
            for message in self.messages
            if message.trace is not None
            and message.trace.error is not None
            and stream_of(message) == stream
        ]


def stream_of(message: AirbyteMessage) -> str | None:
    """The name of the stream that a message is about."""
    if message.record is not None:
        return str(message.record.stream)
    if message.state is not None and message.state.stream is not None:
        return str(message.state.stream.stream_descriptor.name)
    if message.trace is not None:
        about = message.trace.stream_status or message.trace.error
        if about is not None and about.stream_descriptor is not None:
            return str(about.stream_descriptor.name)
    return None


def state_of(message: AirbyteMessage) -> dict[str, Any]:
    """The state that a STATE message carries."""
    assert message.state is not None
    assert message.state.stream is not None
    return dict(vars(message.state.stream.stream_state))


def entry(
    name: str,
    mode: SyncMode = SyncMode.incremental,
    destination: DestinationSyncMode = DestinationSyncMode.append,
) -> ConfiguredAirbyteStream:
    """A stream as a catalog configures it."""
    return ConfiguredAirbyteStream(
        stream=AirbyteStream(
            name=name, json_schema={}, supported_sync_modes=[SyncMode.full_refresh]
        ),
        sync_mode=mode,
        destination_sync_mode=destination,
    )


def catalog_of(*entries: ConfiguredAirbyteStream) -> ConfiguredAirbyteCatalog:
    """A configured catalog."""
    return ConfiguredAirbyteCatalog(streams=list(entries))


def state_messages(states: Mapping[str, Raw]) -> list[AirbyteStateMessage]:
    """States by stream, as the platform hands them over."""
    return [
        AirbyteStateMessage(
            type=AirbyteStateType.STREAM,
            stream=AirbyteStreamState(
                stream_descriptor=StreamDescriptor(name=name),
                stream_state=AirbyteStateBlob(**state),
            ),
        )
        for name, state in states.items()
    ]


def sync_of(setup: Setup, *configured: str) -> Sync:
    """A sync that reads the streams `configured`."""
    selected = {name: Selected() for name in configured}
    return open_sync(setup.config, setup.connection, LOGGER, selected)


def streams_of(setup: Setup, *configured: str) -> dict[str, ConfluenceStream]:
    """The streams of such a sync, by name."""
    return {stream.name: stream for stream in all_streams(sync_of(setup, *configured))}


def read_whole(stream: ConfluenceStream) -> list[dict[str, Any]]:
    """The stream's records, slice by slice, in this thread."""
    slices = stream.stream_slices(sync_mode=SyncMode.full_refresh)
    return [
        record
        for stream_slice in slices
        for record in stream.read_records(SyncMode.full_refresh, stream_slice=stream_slice)
    ]


def run_sync(
    setup: Setup,
    entries: Sequence[ConfiguredAirbyteStream],
    states: Mapping[str, Raw] | None = None,
) -> Outcome:
    """Read the configured streams to the end, or to the error that ends the sync."""
    selected = selected_streams(entries, state_messages(states or {}), LOGGER)
    sync = open_sync(setup.config, setup.connection, LOGGER, selected)
    streams = {stream.name: stream for stream in all_streams(sync)}
    engine = Engine(setup.config.num_workers, setup.connection.page_budget, LOGGER)
    messages: list[AirbyteMessage] = []
    try:
        with engine.reading([(one, streams[one.stream.name]) for one in entries]) as read:
            for message in read:
                messages.append(message)  # noqa: PERF402  # also keeps what came before an error
    except AirbyteTracedException as error:
        return Outcome(messages, error)
    return Outcome(messages, None)
