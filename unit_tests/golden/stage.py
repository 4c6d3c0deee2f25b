"""Provokes messages through the connector's public functions, without a network."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from airbyte_cdk.models import AirbyteMessage, DestinationSyncMode
from airbyte_cdk.utils.traced_exception import AirbyteTracedException
from requests_mock import Mocker

from source_confluence import SourceConfluence
from source_confluence.config.config import Config
from unit_tests.fakes import RAW_CONFIG, spec_schema
from unit_tests.run_sync import catalog_of, entry, state_messages

LOGGER = logging.getLogger("golden")

Json = dict[str, Any]
Response = dict[str, Any]
"""What requests-mock answers: status_code, json or text, headers; or exc, which it raises."""


@dataclass(frozen=True)
class Stage:
    """What the tables of test_golden_messages.py provoke their messages with."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    caplog: pytest.LogCaptureFixture

    def parse(self, **changes: object) -> str:
        """The error of a config with these changes; None removes a field."""
        return error_of(lambda: Config.parse({**RAW_CONFIG, **changes}, spec_schema()))

    def load(self, read: Callable[[str], object], content: object) -> str:
        """The error of an input file: JSON, or bytes as they are, or None for a missing file."""
        path = self.folder / "input.json"
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(
                content if isinstance(content, bytes) else json.dumps(content).encode()
            )
        return error_of(lambda: read(str(path))).replace(str(self.folder), "FOLDER")

    def check(self, responses: Mapping[Any, Response], **changes: object) -> str:
        """The message of `check`; `responses` are by URL, and the last that matches wins."""
        with Mocker(case_sensitive=True) as mocker:
            for url, response in responses.items():
                mocker.get(url, **response)
            status = SourceConfluence().check(LOGGER, {**RAW_CONFIG, **changes})
        return str(status.message)

    def read(
        self,
        stream: str,
        responses: Mapping[Any, list[Response]],
        state: Json | None = None,
        destination: DestinationSyncMode = DestinationSyncMode.append,
        **changes: object,
    ) -> str:
        """The warnings and errors of reading a stream, one per line, and how the read ends.

        `responses` are by URL, in the order of the requests; the last URL that matches wins.
        """
        states = None if state is None else state_messages({stream: state})
        config = {**RAW_CONFIG, "num_workers": 1, **changes}
        errors: list[str] = []
        exits: list[str] = []
        self.caplog.clear()
        with Mocker(case_sensitive=True) as mocker:
            for url, answers in responses.items():
                mocker.get(url, answers)
            try:
                messages = SourceConfluence().read(
                    LOGGER, config, catalog_of(entry(stream, destination=destination)), states
                )
                errors.extend(line for message in messages for line in errors_in(message))
            except AirbyteTracedException as error:
                exits.append(f"exit: {error}")
        logged = [
            f"{record.levelname.lower()}: {record.getMessage()}"
            for record in self.caplog.records
            if record.levelno >= logging.WARNING
        ]
        return "\n".join([*logged, *errors, *exits])

    def printed(self, run: Callable[[], object]) -> str:
        """What a command prints on stdout and stderr before it exits."""
        self.capsys.readouterr()
        with pytest.raises(SystemExit):
            run()
        return "".join(self.capsys.readouterr()).strip()

    def logged(self, run: Callable[[logging.Logger], object]) -> str:
        """The lines that are logged."""
        self.caplog.clear()
        run(LOGGER)
        return "\n".join(self.caplog.messages)


def errors_in(message: AirbyteMessage) -> list[str]:
    error = message.trace and message.trace.error
    return [f"error: {error.message}"] if error else []


def error_of(provoke: Callable[[], object]) -> str:
    with pytest.raises(AirbyteTracedException) as raised:
        provoke()
    return str(raised.value)


Table = dict[str, Callable[[Stage], str]]
"""What provokes each message, by its cause."""
