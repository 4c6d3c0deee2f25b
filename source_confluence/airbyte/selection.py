"""How a configured catalog and its states select streams."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from airbyte_cdk.models import (
    AirbyteStateMessage,
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteStream,
    SyncMode,
)
from airbyte_cdk.sources.connector_state_manager import ConnectorStateManager

from source_confluence.airbyte.inputs import shortened
from source_confluence.confluence.errors import ConfigError
from source_confluence.streams import STREAMS
from source_confluence.streams.cursor_field import CursorField
from source_confluence.streams.state import StreamState, foreign_keys
from source_confluence.streams.sync.run import Selected


def selected_streams(
    configured: Iterable[ConfiguredAirbyteStream],
    states: list[AirbyteStateMessage] | None,
    logger: logging.Logger,
) -> dict[str, Selected]:
    """Return how each configured stream is selected, by name; unknown streams are left out.

    Raises ConfigError if a state is not one that this connector wrote.
    """
    manager = ConnectorStateManager(states)
    cursor_fields = {stream.name: stream.incremental_by for stream in STREAMS}
    selected = {}
    for entry in configured:
        name = entry.stream.name
        if name in cursor_fields:
            field, state = cursor_fields[name], StreamState()
            if field is not None and entry.sync_mode is SyncMode.incremental:
                state = _parsed(name, field, manager.get_stream_state(name, None), logger)
            selected[name] = Selected(state, replaces=replaces_table(entry))
    return selected


def previewed(catalog: ConfiguredAirbyteCatalog | None) -> tuple[dict[str, Selected], set[str]]:
    """Return the streams of a first sync by name, and the names of the incremental ones.

    Without a catalog those are all streams, incremental where they can be. Raises ConfigError if
    the catalog names a stream that does not exist, or none.
    """
    modes = {one.name: one.incremental_by is not None for one in STREAMS}
    if catalog is not None:
        names = {entry.stream.name for entry in catalog.streams}
        if unknown := sorted(names - modes.keys()):
            raise ConfigError(f"This connector has no stream named {' or '.join(unknown)}.")
        continued = {
            entry.stream.name
            for entry in catalog.streams
            if entry.sync_mode is SyncMode.incremental
        }
        modes = {name: modes[name] and name in continued for name in modes if name in names}
    return dict.fromkeys(modes, Selected()), {name for name in modes if modes[name]}


def replaces_table(entry: ConfiguredAirbyteStream) -> bool:
    """Return whether the destination drops the rows that it has once the stream is complete.

    It does where it overwrites, and in any mode where the platform refreshes or clears the stream:
    then no older generation of rows is to stay.
    """
    oldest = entry.minimum_generation_id or 0
    drops_generations = oldest > 0 and oldest == entry.generation_id
    return entry.destination_sync_mode.value.startswith("overwrite") or drops_generations


def _parsed(
    name: str, field: CursorField, raw: Mapping[str, Any], logger: logging.Logger
) -> StreamState:
    foreign = foreign_keys(field.name, raw)
    if foreign:
        logger.warning(
            f"Ignored {shortened(', '.join(foreign))} in the state of stream {name}: "
            "this connector did not write it."
        )
    return StreamState.parse(name, field.name, field.comparable, raw)
