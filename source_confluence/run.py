"""The console entry point: `source-confluence spec|check|discover|read`."""

from __future__ import annotations

import base64
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from io import TextIOBase
from typing import Any, cast

from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.models import AirbyteMessage, ConnectorSpecification
from airbyte_cdk.utils import AirbyteTracedException
from airbyte_cdk.utils.airbyte_secrets_utils import add_to_secrets

from source_confluence.allocation import return_freed_memory
from source_confluence.config import Config
from source_confluence.output import output_to
from source_confluence.source import SourceConfluence


class Entrypoint(AirbyteEntrypoint):
    """The CDK's entry point, in our own words."""

    @staticmethod
    def validate_connection(source_spec: ConnectorSpecification, config: Mapping[str, Any]) -> None:
        """Raise ConfigError if the config is not valid; the CDK's error names no field."""
        Config.parse(config, source_spec.connectionSpecification)

    @staticmethod
    def set_up_secret_filter(
        config: Mapping[str, Any], connection_specification: Mapping[str, Any]
    ) -> None:
        """Mask the secrets in all that is logged, and the form in which they travel, too."""
        AirbyteEntrypoint.set_up_secret_filter(config, connection_specification)
        for holder in (config, config.get("credentials")):
            if isinstance(holder, Mapping) and holder.get("api_token"):
                email, token = str(holder.get("email")).strip(), str(holder["api_token"]).strip()
                add_to_secrets(token)
                add_to_secrets(base64.b64encode(f"{email}:{token}".encode()).decode())


def run(args: Sequence[str] | None = None) -> None:
    """Run one command of the Airbyte protocol. Exits with 1 if it fails."""
    return_freed_memory()
    entrypoint = Entrypoint(SourceConfluence())
    parsed = entrypoint.parse_args(list(sys.argv[1:] if args is None else args) or ["--help"])
    messages = cast("Generator[str]", entrypoint.run(parsed))
    # Closed at once when stdout is: its workers would wait, and the process for them.
    with output_to(sys.stdout) as output, _errors_as_messages(output), closing(messages):
        for message in messages:
            output.write(f"{message}\n")


@contextmanager
def _errors_as_messages(output: TextIOBase) -> Iterator[None]:
    """An error with a sentence of its own needs no stack trace; any other goes the CDK's way."""
    try:
        yield
    except AirbyteTracedException as error:
        message: AirbyteMessage = error.as_sanitized_airbyte_message()
        if message.trace is not None and message.trace.error is not None:
            message.trace.error.stack_trace = None
        output.write(f"{AirbyteEntrypoint.airbyte_message_to_string(message)}\n")
        sys.exit(1)
