"""The commands of the Airbyte protocol: spec, check, discover, read."""

from __future__ import annotations

import argparse
import base64
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, cast

import orjson
from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.models import (
    AirbyteMessage,
    AirbyteRecordMessage,
    ConfiguredAirbyteCatalog,
    ConnectorSpecification,
)
from airbyte_cdk.utils import AirbyteTracedException
from airbyte_cdk.utils.airbyte_secrets_utils import add_to_secrets

from source_confluence.airbyte.allocation import return_freed_memory
from source_confluence.airbyte.output import Output, output_to
from source_confluence.airbyte.source import SourceConfluence
from source_confluence.config.config import Config

COMMANDS = {
    "spec": "print which config the connector wants",
    "check": "tell whether the site can be read with a config",
    "discover": "print the streams",
    "read": "print the records of streams",
}


class Entrypoint(AirbyteEntrypoint):
    """The CDK's entry point, in our own words.

    It writes records to `output` itself: on the CDK's way to stdout each is copied five times.
    """

    def __init__(self, source: SourceConfluence, output: Output) -> None:
        super().__init__(source)
        self._output = output

    @staticmethod
    def parse_args(args: Sequence[str]) -> argparse.Namespace:
        """Parse the arguments. Exits if they are wrong, or ask for help.

        The CDK's own parser takes the files of a declarative connector too, and ignores them.
        """
        parser = argparse.ArgumentParser(prog="source-confluence")
        commands = parser.add_subparsers(title="commands", dest="command", required=True)
        for name, purpose in COMMANDS.items():
            command = commands.add_parser(name, help=purpose, description=purpose)
            if name != "spec":
                command.add_argument("--config", metavar="FILE", required=True, help="in JSON")
            if name == "read":
                command.add_argument(
                    "--catalog",
                    metavar="FILE",
                    required=True,
                    help="which streams to read, and how: source-confluence-catalog prints one",
                )
                command.add_argument(
                    "--state", metavar="FILE", help="the last states of an earlier read, as a list"
                )
            command.add_argument("--debug", action="store_true", help="log every request, too")
        return parser.parse_args(args)

    def read(
        self,
        source_spec: ConnectorSpecification,
        config: Any,
        catalog: ConfiguredAirbyteCatalog,
        state: list[Any],
    ) -> Iterator[AirbyteMessage]:
        """Write the records, and yield the messages between them."""
        for message in super().read(source_spec, config, catalog, state):
            if message.record is None:
                yield message
            else:
                self._output.write_line(_as_json(message.record))

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


def main(args: Sequence[str] | None = None) -> None:
    """Run one command of the Airbyte protocol. Exits with 1 if it fails."""
    return_freed_memory()
    with output_to(sys.stdout) as output, _errors_as_messages(output):
        # First of all, for the CDK logs something as soon as there is an entry point.
        parsed = Entrypoint.parse_args(list(sys.argv[1:] if args is None else args) or ["--help"])
        entrypoint = Entrypoint(SourceConfluence(), output)
        # Closed at once when stdout is: its workers would wait, and the process for them.
        with closing(cast("Generator[str]", entrypoint.run(parsed))) as messages:
            for message in messages:
                output.write_line(message.encode())


def _as_json(record: AirbyteRecordMessage) -> bytes:
    content = {"stream": record.stream, "data": record.data, "emitted_at": record.emitted_at}
    return orjson.dumps({"type": "RECORD", "record": content})


@contextmanager
def _errors_as_messages(output: Output) -> Iterator[None]:
    """An error with a sentence of its own needs no stack trace; any other goes the CDK's way."""
    try:
        yield
    except AirbyteTracedException as error:
        message: AirbyteMessage = error.as_sanitized_airbyte_message()
        if message.trace is not None and message.trace.error is not None:
            message.trace.error.stack_trace = None
        output.write_line(AirbyteEntrypoint.airbyte_message_to_string(message).encode())
        sys.exit(1)
