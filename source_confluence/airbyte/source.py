"""The Airbyte source: wires the rest together; no HTTP, no parsing."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from airbyte_cdk.models import (
    AirbyteConnectionStatus,
    AirbyteMessage,
    AirbyteStateMessage,
    ConfiguredAirbyteCatalog,
    ConnectorSpecification,
    Status,
)
from airbyte_cdk.sources import AbstractSource
from airbyte_cdk.sources.streams import Stream
from airbyte_cdk.utils.airbyte_secrets_utils import add_to_secrets, filter_secrets
from typing_extensions import override

from source_confluence.airbyte import inputs
from source_confluence.airbyte.check import notes_on
from source_confluence.airbyte.engine import Engine, messages_of_unknown
from source_confluence.airbyte.figures import Figures, amount
from source_confluence.airbyte.progress import Progress
from source_confluence.airbyte.selection import previewed, selected_streams
from source_confluence.airbyte.summary import table
from source_confluence.config.config import Config
from source_confluence.config.spec import load_spec
from source_confluence.config.unknown_fields import unknown_fields
from source_confluence.confluence.connection import Connection
from source_confluence.confluence.errors import ConfigError, ConfluenceError
from source_confluence.confluence.retry_policy import CHECK_LIMITS, SYNC_LIMITS, RetryLimits
from source_confluence.confluence.site import Site
from source_confluence.streams import open_sync, streams_of
from source_confluence.streams.sync.run import Selected, Sync


class SourceConfluence(AbstractSource):
    """Reads a Confluence Cloud site."""

    @override
    def spec(self, logger: logging.Logger) -> ConnectorSpecification:
        """Return spec.yaml: the CDK would look for it at the top of the package."""
        return load_spec()

    @override
    def streams(self, config: Mapping[str, Any]) -> list[Stream]:
        """Return every stream, in the order in which they are read; makes no request."""
        logger = logging.getLogger("airbyte")
        return list(streams_of(_open(self.parse_config(config, logger), logger, {})))

    @override
    def check(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteConnectionStatus:
        """Return whether the site can be read; the CDK's own wraps the sentence in quotes."""
        is_connected, message = self.check_connection(logger, config)
        status = Status.SUCCEEDED if is_connected else Status.FAILED
        return AirbyteConnectionStatus(
            status=status, message=filter_secrets(message) if message else None
        )

    @override
    def check_connection(
        self, logger: logging.Logger, config: Mapping[str, Any]
    ) -> tuple[bool, str | None]:
        """Return whether the site can be read, and why not or which streams cannot."""
        unknown = self._unknown_fields(config, logger)
        try:
            sync = _open(self.parse_config(config, logger), logger, {}, CHECK_LIMITS)
            notes = notes_on(sync)
            # Logged as soon as the spaces are listed.
            excluded = sync.spaces.notes()
        except ConfluenceError as error:
            return False, " ".join([error.message, *unknown])
        for note in notes:
            logger.warning(note)
        return True, " ".join([*unknown, *notes, *excluded]) or None

    @override
    def read(
        self,
        logger: logging.Logger,
        config: Mapping[str, Any],
        catalog: ConfiguredAirbyteCatalog,
        state: list[AirbyteStateMessage] | None = None,
    ) -> Iterator[AirbyteMessage]:
        """Yield the messages of a sync. Raises AirbyteTracedException if a stream has failed."""
        wanted = {entry.stream.name: entry for entry in catalog.streams}
        self._unknown_fields(config, logger)
        parsed = self.parse_config(config, logger)
        sync = _open(parsed, logger, selected_streams(wanted.values(), state, logger))
        sync.spaces.require_named()
        streams = {stream.name: stream for stream in streams_of(sync)}
        known = [entry for name, entry in wanted.items() if name in streams]
        unknown = [entry.stream for name, entry in wanted.items() if name not in streams]
        for stream in unknown:
            yield from messages_of_unknown(stream)
        connection = sync.connection
        engine = Engine(sync.config.num_workers, connection.page_budget, logger)
        wanted_streams = [(entry, streams[entry.stream.name]) for entry in known]
        figures = Figures(
            {stream.name: stream.run.progress for _, stream in wanted_streams},
            engine.record_counts,
            connection.meter,
            connection.client.rate_limiter,
        )
        progress = Progress(figures, connection.clock, logger)
        workers = amount(sync.config.num_workers, "worker")
        logger.info(f"Reading {amount(len(known), 'stream')} with {workers}.")
        try:
            with progress.log_periodically(), engine.reading(wanted_streams) as messages:
                yield from messages
        finally:
            for row in table(figures, progress.seconds):
                logger.info(row)
        if unknown:
            names = inputs.shortened(", ".join(stream.name for stream in unknown))
            raise ConfigError(f"Not read, because this connector has no such stream: {names}.")

    def open_preview(
        self,
        logger: logging.Logger,
        config: Mapping[str, Any],
        catalog: ConfiguredAirbyteCatalog | None,
    ) -> tuple[Sync, set[str]]:
        """Return a first sync of some streams, all without a catalog, before any request.

        And the names of those that are incremental. Raises ConfigError if the config or the catalog
        is not valid.
        """
        self._unknown_fields(config, logger)
        parsed = self.parse_config(config, logger)
        selected, incremental = previewed(catalog)
        return _open(parsed, logger, selected, CHECK_LIMITS), incremental

    def parse_config(self, raw: Mapping[str, Any], logger: logging.Logger) -> Config:
        """Return the validated config. Raises ConfigError if it is not valid."""
        return Config.parse(raw, self.spec(logger).connectionSpecification)

    def _unknown_fields(self, raw: Mapping[str, Any], logger: logging.Logger) -> list[str]:
        """Return a sentence for each field of a config that does not exist; log them."""
        sentences = unknown_fields(raw, self.spec(logger).connectionSpecification)
        for sentence in sentences:
            logger.warning(sentence)
        return sentences

    @staticmethod
    @override
    def read_config(config_path: str) -> dict[str, Any]:
        """Return the config in a file. Raises ConfigError if there is none."""
        return inputs.read_config(config_path)

    @classmethod
    @override
    def read_catalog(cls, catalog_path: str) -> ConfiguredAirbyteCatalog:
        """Return the configured catalog in a file. Raises ConfigError if there is none."""
        return inputs.read_catalog(catalog_path)

    @classmethod
    @override
    def read_state(cls, state_path: str) -> list[AirbyteStateMessage]:
        """Return the states in a file, none without one. Raises ConfigError if it is no state."""
        return inputs.read_state(state_path) if state_path else []


def _open(
    config: Config,
    logger: logging.Logger,
    selected: Mapping[str, Selected],
    limits: RetryLimits = SYNC_LIMITS,
) -> Sync:
    connection = Connection.open(
        Site.named(config.domain_name),
        config.credentials,
        logger,
        requests_per_second=config.requests_per_second,
        num_workers=config.num_workers,
        limits=limits,
    )
    # The CDK masks what the config holds; requests send it in other forms, too.
    for secret in connection.client.auth.secrets:
        add_to_secrets(secret)
    return open_sync(config, connection, logger, selected)
