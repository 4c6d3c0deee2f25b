"""The commands of the Airbyte protocol: spec, check, discover, read; and `cost`, for people."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, TextIO, cast

from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.logger import PRINT_BUFFER
from airbyte_cdk.models import (
    AirbyteMessage,
    AirbyteRecordMessage,
    ConfiguredAirbyteCatalog,
    ConnectorSpecification,
)
from airbyte_cdk.utils import AirbyteTracedException
from airbyte_cdk.utils.airbyte_secrets_utils import filter_secrets
from typing_extensions import override

from source_confluence.airbyte import arguments
from source_confluence.airbyte.cost import report
from source_confluence.airbyte.output import Output
from source_confluence.airbyte.source import SourceConfluence
from source_confluence.confluence.records import drop_texts, encoded

LONG_LINE = 512 * 1024
"""Bytes of a record that must not stay in memory once it is written. The CDK and the worker that
has read it keep their last record until they get another one."""


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
        """Return the parsed arguments."""
        return arguments.parse(args)

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
                self._write(message.record)

    def _write(self, record: AirbyteRecordMessage) -> None:
        line = _as_json(record)
        self._output.write_line(line)
        if len(line) > LONG_LINE:
            drop_texts(record.data)

    @override
    @staticmethod
    def validate_connection(source_spec: ConnectorSpecification, config: Mapping[str, Any]) -> None:
        """Do nothing: the source parses the config, once, before its first request.

        The CDK would validate it here a second time, with an error that names no field.
        """


def main(parsed: argparse.Namespace, output: Output) -> None:
    """Run one command. Exits with 1 if it fails."""
    if parsed.command == "cost":
        _print_cost(parsed, output)
        return
    # Before the CDK's entry point exists, which logs as soon as it is created.
    with logging_to(output), _errors_as_messages(output):
        entrypoint = Entrypoint(SourceConfluence(), output)
        # Closed as soon as stdout breaks: otherwise the process would wait for the workers, and
        # they for someone to read their records.
        with closing(cast("Generator[str]", entrypoint.run(parsed))) as messages:
            for message in messages:
                output.write_line(message.encode())


def _print_cost(parsed: argparse.Namespace, output: Output) -> None:
    """Write a text to `output`; the log, and an error as one sentence, to stderr."""
    logger = logging.getLogger("airbyte")
    logger.setLevel(logging.DEBUG if parsed.debug else logging.WARNING)
    with logging_to(sys.stderr):
        try:
            config = SourceConfluence.read_config(parsed.config)
            catalog = SourceConfluence.read_catalog(parsed.catalog) if parsed.catalog else None
            sync, incremental = SourceConfluence().open_preview(logger, config, catalog)
            text = report(sync, incremental, parsed.requests_per_second)
        except AirbyteTracedException as error:
            sys.exit(filter_secrets(str(error.message)))
    output.write_line(text.encode())


@contextmanager
def logging_to(output: Output | TextIO) -> Iterator[None]:
    """Log to `output` instead of the CDK's own buffer.

    The CDK offers no way to log anywhere else, so the handlers that it has configured are found by
    the buffer that they write to. Other handlers stay as they are.
    """
    handlers = [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler, logging.StreamHandler) and handler.stream is PRINT_BUFFER
    ]
    # Not by `setStream`, which would flush the CDK's buffer, even an empty one, to the real stdout.
    for handler in handlers:
        handler.stream = output
    try:
        yield
    finally:
        for handler in handlers:
            handler.stream = PRINT_BUFFER


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
