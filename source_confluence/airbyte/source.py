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
from airbyte_cdk.sources.connector_state_manager import ConnectorStateManager
from airbyte_cdk.sources.streams import Stream
from airbyte_cdk.utils.airbyte_secrets_utils import filter_secrets
from typing_extensions import override

from source_confluence.airbyte import inputs
from source_confluence.airbyte.check import notes_on
from source_confluence.airbyte.engine import Sync, messages_of_unknown
from source_confluence.airbyte.progress import Progress
from source_confluence.config.config import Config
from source_confluence.config.spec import load_spec
from source_confluence.confluence.client import CHECK_LIMITS
from source_confluence.confluence.errors import ConfigError, ConfluenceError
from source_confluence.connection import Connection
from source_confluence.streams import catalogue


class SourceConfluence(AbstractSource):
    """Reads a Confluence Cloud site."""

    @override
    def spec(self, logger: logging.Logger) -> ConnectorSpecification:
        """Return spec.yaml: the CDK would look for it at the top of the package."""
        return load_spec()

    def parse_config(self, raw: Mapping[str, Any], logger: logging.Logger) -> Config:
        """Return the validated config. Raises ConfigError if it is not valid."""
        return Config.parse(raw, self.spec(logger).connectionSpecification)

    def streams(self, config: Mapping[str, Any]) -> list[Stream]:
        """Return every stream, in the order in which they are read; makes no request."""
        logger = logging.getLogger("airbyte")
        connection = Connection.open(self.parse_config(config, logger), logger)
        return list(catalogue(connection, logger).streams)

    def check(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteConnectionStatus:
        """Return whether the site can be read; the CDK's own wraps the sentence in quotes."""
        is_connected, sentence = self.check_connection(logger, config)
        status = Status.SUCCEEDED if is_connected else Status.FAILED
        return AirbyteConnectionStatus(
            status=status, message=filter_secrets(sentence) if sentence else None
        )

    def check_connection(
        self, logger: logging.Logger, config: Mapping[str, Any]
    ) -> tuple[bool, str | None]:
        """Return whether the site can be read, and what there is to say about that."""
        try:
            parsed = self.parse_config(config, logger)
            notes = notes_on(Connection.open(parsed, logger, patience=CHECK_LIMITS), logger)
        except ConfluenceError as error:
            return False, error.sentence
        for note in notes:
            logger.warning(note)
        return True, " ".join(notes) or None

    def read(
        self,
        logger: logging.Logger,
        config: Mapping[str, Any],
        catalog: ConfiguredAirbyteCatalog,
        state: list[AirbyteStateMessage] | None = None,
    ) -> Iterator[AirbyteMessage]:
        """Yield the messages of a sync. Raises AirbyteTracedException if a stream has failed."""
        connection = Connection.open(self.parse_config(config, logger), logger)
        configured = [entry.stream.name for entry in catalog.streams]
        found = catalogue(connection, logger, configured)
        found.selection.spaces.require_named()
        by_name = {stream.name: stream for stream in found.streams}
        wanted = {entry.stream.name: entry for entry in catalog.streams}
        known = [entry for name, entry in wanted.items() if name in by_name]
        unknown = [entry.stream for name, entry in wanted.items() if name not in by_name]
        for stream in unknown:
            yield from messages_of_unknown(stream)
        sync = Sync(
            connection.config.num_workers, connection.memory, ConnectorStateManager(state), logger
        )
        progress = Progress(connection.meter, connection.clock, logger)
        try:
            yield from progress.watched(
                sync.read([(entry, by_name[entry.stream.name]) for entry in known])
            )
        finally:
            progress.summarize(entry.stream.name for entry in known)
        if unknown:
            names = ", ".join(stream.name for stream in unknown)
            raise ConfigError(f"Not read, because this connector has no such stream: {names}.")

    @staticmethod
    def read_config(config_path: str) -> dict[str, Any]:
        """Return the config in a file. Raises ConfigError if there is none."""
        return inputs.read_config(config_path)

    @classmethod
    def read_catalog(cls, catalog_path: str) -> ConfiguredAirbyteCatalog:
        """Return the configured catalog in a file. Raises ConfigError if there is none."""
        return inputs.read_catalog(catalog_path)

    @classmethod
    def read_state(cls, state_path: str) -> list[AirbyteStateMessage]:
        """Return the states in a file, none without one. Raises ConfigError if it is no state."""
        return inputs.read_state(state_path) if state_path else []
