"""The commands of the Airbyte protocol: spec, check, discover, read."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, cast

from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.models import (
    AirbyteMessage,
    AirbyteRecordMessage,
    ConfiguredAirbyteCatalog,
    ConnectorSpecification,
)
from airbyte_cdk.utils import AirbyteTracedException
from typing_extensions import override

from source_confluence.airbyte.output import Output, output_to
from source_confluence.airbyte.source import SourceConfluence
from source_confluence.confluence.records import encoded

COMMANDS = {
    "spec": "print the specification of the config",
    "check": "check whether a config gives access to the site",
    "discover": "print the available streams as a catalog",
    "read": "print the records of the configured streams, and their states",
}


class Entrypoint(AirbyteEntrypoint):
    """The CDK's entry point, with a command line of our own and a shorter way for records.

    It writes records to `output` itself: on the CDK's way to stdout each is copied five times.
    """

    def __init__(self, source: SourceConfluence, output: Output) -> None:
        super().__init__(source)
        self._output = output

    @override
    @staticmethod
    def parse_args(args: Sequence[str]) -> argparse.Namespace:
        """Return the parsed arguments. Exits after `--help`, and with 2 if they are wrong.

        The CDK's own parser also accepts the files of a declarative connector and ignores them.
        """
        parser = argparse.ArgumentParser(prog="source-confluence")
        commands = parser.add_subparsers(title="commands", dest="command", required=True)
        for name, purpose in COMMANDS.items():
            command = commands.add_parser(name, help=purpose, description=purpose)
            if name != "spec":
                command.add_argument(
                    "--config", metavar="FILE", required=True, help="the config, in JSON"
                )
            if name == "read":
                command.add_argument(
                    "--catalog",
                    metavar="FILE",
                    required=True,
                    help="the streams to read and how, as source-confluence-catalog prints them",
                )
                command.add_argument(
                    "--state",
                    metavar="FILE",
                    help="the last states that an earlier read printed, as a list",
                )
            command.add_argument("--debug", action="store_true", help="also log every request")
        return parser.parse_args(args)

    @override
    def read(
        self,
        source_spec: ConnectorSpecification,
        config: Any,
        catalog: ConfiguredAirbyteCatalog,
        state: list[Any],
    ) -> Iterator[AirbyteMessage]:
        """Write the records to `output`, and yield the messages between them."""
        for message in super().read(source_spec, config, catalog, state):
            if message.record is None:
                yield message
            else:
                self._output.write_line(_as_json(message.record))

    @override
    @staticmethod
    def validate_connection(source_spec: ConnectorSpecification, config: Mapping[str, Any]) -> None:
        """Do nothing: the source parses the config, once, before its first request.

        The CDK would validate it here a second time, with an error that names no field.
        """


def main(args: Sequence[str] | None = None) -> None:
    """Run one command of the Airbyte protocol. Exits with 1 if it fails."""
    with output_to(sys.stdout) as output, _errors_as_messages(output):
        # Before the CDK's entry point exists, which logs as soon as it is created.
        parsed = Entrypoint.parse_args(list(sys.argv[1:] if args is None else args) or ["--help"])
        entrypoint = Entrypoint(SourceConfluence(), output)
        # Closed as soon as stdout breaks: otherwise the process would wait for the workers, and
        # they for someone to read their records.
        with closing(cast("Generator[str]", entrypoint.run(parsed))) as messages:
            for message in messages:
                output.write_line(message.encode())


def _as_json(record: AirbyteRecordMessage) -> bytes:
    content = {"stream": record.stream, "data": record.data, "emitted_at": record.emitted_at}
    return encoded({"type": "RECORD", "record": content})


@contextmanager
def _errors_as_messages(output: Output) -> Iterator[None]:
    """Write an error that explains itself without a stack trace; leave others to the CDK."""
    try:
        yield
    except AirbyteTracedException as error:
        message: AirbyteMessage = error.as_sanitized_airbyte_message()
        if message.trace is not None and message.trace.error is not None:
            message.trace.error.stack_trace = None
        output.write_line(AirbyteEntrypoint.airbyte_message_to_string(message).encode())
        sys.exit(1)
