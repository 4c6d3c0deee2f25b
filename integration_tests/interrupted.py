"""A sync that SIGKILL interrupts, once or several times, and that continues from its last state.

A benchmark and a test use it like this:

    sync = InterruptedSync(emulator, command_of(connector, catalog_of({"pages": "incremental"})))
    for records in random_moments(10, of=12_000, seed=1)[:2]:
        sync.run(kill_after=records)
    last = sync.run()
    sync.records("pages"), sync.rereads("pages"), sync.states, last.requests
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from signal import SIGKILL
from types import MappingProxyType
from typing import Any

import orjson

from integration_tests.confluence_emulator import Emulator, EmulatorProcess
from integration_tests.connector import CONSOLE_SCRIPT, LONGEST_RUN, Connector, Json

Command = Callable[[Sequence[Json]], Sequence[str]]
"""Returns the command line of a sync that starts with these state messages, or with none."""


@dataclass(frozen=True)
class Part:
    """What one process printed before it ended or was killed."""

    returncode: int
    records: Mapping[str, Mapping[str, Json]]
    """By stream and id: of records with the same id the last one."""
    states: Mapping[str, Json]
    """The last state message of each stream."""
    emitted: Mapping[str, int]
    """The number of record messages by stream; more than the ids if a record came twice."""
    requests: int
    """Its requests, except those without a response when it was killed."""

    @property
    def was_killed(self) -> bool:
        """Whether SIGKILL ended it; it may have ended by itself before."""
        return self.returncode == -SIGKILL


class InterruptedSync:
    """A sync in several processes: each continues from the last states that were printed."""

    def __init__(
        self,
        emulator: Emulator | EmulatorProcess,
        command: Command,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`environment` replaces the one of this process."""
        self._emulator = emulator
        self._command = command
        self._environment = environment
        self.parts: list[Part] = []
        self.states: dict[str, Json] = {}
        """The last state message of each stream so far, by its name."""

    def run(self, kill_after: int | None = None, limit: float = LONGEST_RUN) -> Part:
        """Run a process to its end, or kill it when it has printed this number of records.

        What is left in the pipe of a killed process counts, as it reaches the destination. Raises
        TimeoutError if the process takes more than `limit` seconds.
        """
        started_at = time.monotonic()
        with subprocess.Popen(
            self._command(list(self.states.values())),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self._environment,
        ) as process:
            assert process.stdout is not None
            is_late = threading.Event()
            timer = threading.Timer(limit, _end, (process, is_late))
            timer.start()
            try:
                printed = _read(process.stdout, kill_after, process.kill)
            finally:
                timer.cancel()
                process.kill()
        if is_late.is_set():
            raise TimeoutError(f"The process took more than {limit:g} s.")
        # What an earlier process had requested when it was killed can be logged only now.
        requests = sum(one.arrived_at >= started_at for one in self._emulator.requests)
        part = Part(process.returncode, *printed, requests)
        self.parts.append(part)
        self.states.update(part.states)
        return part

    def records(self, stream: str) -> dict[str, Json]:
        """Return the records of all processes by id, as a destination with this key has them."""
        records: dict[str, Json] = {}
        for part in self.parts:
            records.update(part.records.get(stream, {}))
        return records

    def rereads(self, stream: str) -> int:
        """Return how many records a process printed that an earlier one had printed."""
        seen: set[str] = set()
        number = 0
        for part in self.parts:
            ids = part.records.get(stream, {}).keys()
            number += len(seen & ids)
            seen |= ids
        return number


def command_of(connector: Connector, catalog: Json, **changes: Any) -> Command:
    """Return the command line of the connector's `read`, with some fields of the config changed."""

    def command(states: Sequence[Json]) -> list[str]:
        arguments = connector.read_arguments(catalog, states or None, **changes)
        return [str(CONSOLE_SCRIPT), *arguments]

    return command


def random_moments(number: int, of: int, seed: int) -> list[int]:
    """Return different numbers of records, at least 1 and less than `of`, in random order."""
    return Random(seed).sample(range(1, of), number)


def _end(process: subprocess.Popen[bytes], is_late: threading.Event) -> None:
    is_late.set()
    process.kill()


def _read(
    lines: Iterable[bytes], kill_after: int | None, kill: Callable[[], None]
) -> tuple[Mapping[str, Mapping[str, Json]], Mapping[str, Json], Mapping[str, int]]:
    """Return the records, the states and the numbers of records; a broken line counts for none."""
    records: dict[str, dict[str, Json]] = defaultdict(dict)
    emitted: dict[str, int] = defaultdict(int)
    states: dict[str, Json] = {}
    for line in lines:
        if not line.endswith(b"\n"):
            break
        message = orjson.loads(line)
        if message["type"] == "RECORD":
            stream, record = message["record"]["stream"], message["record"]["data"]
            records[stream][str(record["id"])] = record
            emitted[stream] += 1
            if sum(emitted.values()) == kill_after:
                kill()
        elif message["type"] == "STATE":
            state = message["state"]
            states[state["stream"]["stream_descriptor"]["name"]] = state
    return MappingProxyType(records), states, MappingProxyType(emitted)
