"""The connector as a process, and the messages that it prints."""

from __future__ import annotations

import multiprocessing
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from source_confluence.run import run

Json = dict[str, Any]

CONSOLE_SCRIPT = Path(sys.executable).parent / "source-confluence"
LONGEST_RUN = 200
"""Seconds after which a run counts as hanging; less than the time limit of a test."""

_FORKSERVER = multiprocessing.get_context("forkserver")
_FORKSERVER.set_forkserver_preload(
    ["source_confluence.airbyte.entrypoint", "integration_tests.connector"]
)


@dataclass(frozen=True)
class Run:
    """A finished run of the connector."""

    returncode: int
    stdout: bytes
    stderr: bytes

    @cached_property
    def messages(self) -> list[Json]:
        """The messages on stdout, in order; each line must be one."""
        return [orjson.loads(line) for line in self.stdout.splitlines()]

    @cached_property
    def records(self) -> dict[str, list[Json]]:
        """The records by stream, in order."""
        by_stream: dict[str, list[Json]] = defaultdict(list)
        for message in self.messages:
            if message["type"] == "RECORD":
                by_stream[message["record"]["stream"]].append(message["record"]["data"])
        return by_stream

    @cached_property
    def states(self) -> dict[str, Json]:
        """The last state message of each stream."""
        states = [message["state"] for message in self.messages if message["type"] == "STATE"]
        return {state["stream"]["stream_descriptor"]["name"]: state for state in states}

    @cached_property
    def statuses(self) -> dict[str, str]:
        """The last status of each stream."""
        statuses = [
            message["trace"]["stream_status"]
            for message in self.messages
            if message["type"] == "TRACE" and message["trace"]["type"] == "STREAM_STATUS"
        ]
        return {status["stream_descriptor"]["name"]: status["status"] for status in statuses}

    @cached_property
    def errors(self) -> list[Json]:
        """The errors of the TRACE messages."""
        return [
            message["trace"]["error"]
            for message in self.messages
            if message["type"] == "TRACE" and message["trace"]["type"] == "ERROR"
        ]

    def errors_of(self, stream: str) -> dict[str, str]:
        """Return the messages of a stream's errors, and the failure type of each."""
        return {
            error["message"]: error["failure_type"]
            for error in self.errors
            if error.get("stream_descriptor", {}).get("name") == stream
        }

    @cached_property
    def logs(self) -> list[str]:
        """The log messages, each after its level."""
        logs = [message["log"] for message in self.messages if message["type"] == "LOG"]
        return [f"{log['level']} {log['message']}" for log in logs]

    @property
    def warnings(self) -> list[str]:
        """What was logged as a warning or an error."""
        return [log for log in self.logs if log.startswith(("WARN", "ERROR", "FATAL"))]

    def logs_about(self, *names: str) -> list[str]:
        """Return the log messages that contain every name as a whole word."""
        return [log for log in self.logs if set(names) <= set(re.findall(r"\w+", log))]

    def warnings_about(self, *names: str) -> list[str]:
        """Return those of them that are warnings or errors."""
        return [log for log in self.logs_about(*names) if log in self.warnings]

    @property
    def connection_status(self) -> Json:
        """The result of a check: exactly one."""
        (status,) = [
            m["connectionStatus"] for m in self.messages if m["type"] == "CONNECTION_STATUS"
        ]
        found: Json = status
        return found

    def state_of(self, stream: str) -> Json:
        """Return the blob of a stream's last state."""
        blob: Json = self.states[stream]["stream"]["stream_state"]
        return blob


class Connector:
    """Runs the console script, with its config, catalog and state in files of one folder."""

    def __init__(self, folder: Path, config: Mapping[str, Any]) -> None:
        self.folder = folder
        self.config = dict(config)

    def spec(self) -> Run:
        """Run `spec`."""
        return self.run("spec")

    def check(self, **changes: Any) -> Run:
        """Run `check`, with some fields of the config changed."""
        return self.run("check", "--config", self.write("config", {**self.config, **changes}))

    def discover(self, **changes: Any) -> Run:
        """Run `discover`, with some fields of the config changed."""
        return self.run("discover", "--config", self.write("config", {**self.config, **changes}))

    def read(
        self, catalog: Json, states: Iterable[Json] | None = None, *flags: str, **changes: Any
    ) -> Run:
        """Run `read`, with some fields of the config changed."""
        return self.run(*self.read_arguments(catalog, states, **changes), *flags)

    def read_arguments(
        self, catalog: Json, states: Iterable[Json] | None = None, **changes: Any
    ) -> list[str]:
        """Return the arguments of `read`, having written its files."""
        arguments = ["read", "--config", self.write("config", {**self.config, **changes})]
        arguments += ["--catalog", self.write("catalog", catalog)]
        if states is not None:
            arguments += ["--state", self.write("state", list(states))]
        return arguments

    def write(self, name: str, content: Any) -> str:
        """Write a file of JSON; return its path."""
        path = self.folder / f"{name}.json"
        path.write_bytes(orjson.dumps(content))
        return str(path)

    def run(self, *arguments: str) -> Run:
        """Run the console script to its end."""
        done = subprocess.run(
            [CONSOLE_SCRIPT, *arguments], capture_output=True, timeout=LONGEST_RUN, check=False
        )
        return Run(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start the console script; the caller ends it."""
        return subprocess.Popen(
            [CONSOLE_SCRIPT, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )


class ForkedConnector(Connector):
    """Runs the function of the console script, in a process that is forked for each run.

    The process is forked from one that has imported the CDK already: the import takes 1.8 s of CPU
    time, and most reads of these tests a tenth of that.
    """

    def run(self, *arguments: str) -> Run:
        """Run the function of the console script to its end."""
        with TemporaryDirectory() as folder:
            outputs = [Path(folder) / name for name in ("stdout", "stderr")]
            process = _FORKSERVER.Process(
                target=_run_forked, args=(arguments, outputs, dict(os.environ))
            )
            process.start()
            try:
                process.join(LONGEST_RUN)
                assert process.exitcode is not None, f"hangs: {arguments}"
            finally:
                process.kill()
            return Run(process.exitcode, *(path.read_bytes() for path in outputs))


def _run_forked(
    arguments: Sequence[str], outputs: Iterable[Path], environment: Mapping[str, str]
) -> None:
    os.environ.update(environment)
    for number, path in enumerate(outputs, start=1):
        with path.open("wb") as file:
            os.dup2(file.fileno(), number)
    run(arguments)


def catalog_of(streams: Mapping[str, str], destination_sync_mode: str = "append") -> Json:
    """Return a configured catalog of streams with their sync modes."""
    return {
        "streams": [
            {
                "stream": {
                    "name": name,
                    "json_schema": {},
                    "supported_sync_modes": ["full_refresh", "incremental"],
                },
                "sync_mode": mode,
                "destination_sync_mode": destination_sync_mode,
            }
            for name, mode in streams.items()
        ]
    }


def peak_of(pid: int) -> int:
    """Return the largest size that a process had in memory so far; 0 after its end."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0
    fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return int(fields.get("VmHWM", "0 kB").split()[0]) * 1024
