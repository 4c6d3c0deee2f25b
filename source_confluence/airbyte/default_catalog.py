"""A configured catalog of some streams: Airbyte and PyAirbyte configure streams themselves."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from difflib import get_close_matches

import orjson
from airbyte_cdk.models import (
    AirbyteStream,
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteCatalogSerializer,
    ConfiguredAirbyteStream,
    DestinationSyncMode,
    SyncMode,
)

from source_confluence.airbyte.source import SourceConfluence
from source_confluence.confluence.errors import ConfigError

PLACEHOLDER_CONFIG = {"domain_name": "your-domain", "email": "you@example.com", "api_token": "none"}
"""Discover sends no request, so it needs a valid config but no account."""


def discover_streams() -> list[AirbyteStream]:
    """Return the streams of the connector, which are the same for every config."""
    logger = logging.getLogger("airbyte")
    streams: list[AirbyteStream] = SourceConfluence().discover(logger, PLACEHOLDER_CONFIG).streams
    return streams


def as_json(names: Sequence[str]) -> bytes:
    """Return `configure` of the connector's streams as JSON, indented, because people edit it."""
    content = ConfiguredAirbyteCatalogSerializer.dump(configure(discover_streams(), names))
    return orjson.dumps(content, option=orjson.OPT_INDENT_2)


def configure(streams: Sequence[AirbyteStream], names: Sequence[str]) -> ConfiguredAirbyteCatalog:
    """Return a catalog of the streams with these names, all without names, in given order.

    Raises ConfigError if no stream has one of the names.
    """
    known = [stream.name for stream in streams]
    if unknown := [name for name in dict.fromkeys(names) if name not in known]:
        raise ConfigError(_unknown_streams_message(unknown, known))
    return ConfiguredAirbyteCatalog(
        streams=[_configured(stream) for stream in streams if not names or stream.name in names]
    )


def _configured(stream: AirbyteStream) -> ConfiguredAirbyteStream:
    """Incremental and deduplicated where the stream can be, otherwise overwritten every time."""
    key = stream.source_defined_primary_key
    if SyncMode.incremental in stream.supported_sync_modes and key:
        return ConfiguredAirbyteStream(
            stream=stream,
            sync_mode=SyncMode.incremental,
            destination_sync_mode=DestinationSyncMode.append_dedup,
            cursor_field=stream.default_cursor_field,
            primary_key=key,
        )
    return ConfiguredAirbyteStream(
        stream=stream,
        sync_mode=SyncMode.full_refresh,
        destination_sync_mode=DestinationSyncMode.overwrite,
        primary_key=key,
    )


def _unknown_streams_message(unknown: Sequence[str], known: Sequence[str]) -> str:
    close = [match for name in unknown for match in get_close_matches(name, known, n=1)]
    advice = f"did you mean {' and '.join(close)}?" if close else f"it has {', '.join(known)}."
    return f"This connector has no stream named {' or '.join(unknown)}: {advice}"
