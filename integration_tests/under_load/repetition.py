"""One sync under its conditions: what it printed, compared with the site."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import IO

import orjson

from integration_tests.confluence_emulator import Emulator
from integration_tests.connector import CONSOLE_SCRIPT, Connector, catalog_of, peak_of
from integration_tests.truth import Json, all_streams, comparable, expected, key_of
from integration_tests.under_load.conditions import Conditions, drawn

LONGEST_SYNC = 240
"""Seconds after which a sync counts as hanging."""
SECONDS_TO_DUMP = 5
SLOW_BYTES_PER_SECOND = 10_000_000
NOT_A_PROBLEM = "not-in-v2"
"""Occurs in what is logged about a type of custom content that the site does not serve."""
MEGABYTE = 1 << 20
LINES_PER_LOOK = 20


@dataclass
class Outcome:
    """How a sync ended, and what is wrong with it."""

    conditions: Conditions
    seconds: float = 0.0
    requests: int = 0
    refused: int = 0
    """Requests that got another status than 200."""
    megabytes: float = 0.0
    peak: float = 0.0
    """The largest size of the process, in MB."""
    records: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return the outcome as text."""
        verdict = f"{len(self.wrong)} WRONG" if self.wrong else "good"
        measured = (
            f"{self.seconds:.1f} s, {self.records.total()} records, {self.megabytes:.0f} MB, "
            f"{self.requests} requests, {self.refused} failed, peak {self.peak:.0f} MB"
        )
        return [
            f"seed {self.conditions.seed}: {verdict}; {measured}; {self.conditions}",
            *(f"  WRONG {line}" for line in self.wrong[:20]),
        ]


def repeat(kind: str, seed: int, logs: str) -> Outcome:
    """Run the sync of a seed; keep its whole log in the folder `logs` if something is wrong."""
    conditions = drawn(kind, seed)
    outcome = Outcome(conditions)
    printed = _Printed()
    with (
        Emulator(conditions.spec, conditions.settings()) as emulator,
        TemporaryDirectory() as folder,
    ):
        for fault in conditions.faults:
            emulator.add_fault(fault)
        began = time.monotonic()
        _read(emulator, Path(folder), conditions, printed)
        outcome.seconds = time.monotonic() - began
        emulator.settings.limit = None
        outcome.requests = len(emulator.requests)
        outcome.refused = sum(one.status != 200 for one in emulator.requests)
        outcome.wrong = [*printed.problems, *_differences(emulator, conditions, printed)]
    outcome.megabytes, outcome.peak = printed.bytes / MEGABYTE, printed.peak
    outcome.records = Counter({name: len(rows) for name, rows in printed.digests.items()})
    if outcome.wrong:
        name = Path(logs, f"{kind}-{seed}.log")
        name.write_bytes("\n".join([*outcome.lines(), *outcome.wrong, ""]).encode() + printed.log())
    return outcome


class _Printed:
    """What the connector printed, without the bodies."""

    def __init__(self) -> None:
        self.digests: dict[str, dict[tuple[object, ...], int]] = {}
        """A hash of each record, by stream and key."""
        self.statuses: dict[str, str] = {}
        self.problems: list[str] = []
        self.bytes = 0
        self.peak = 0.0
        self._lines: list[bytes] = []
        self._keys = {name: stream.key for name, stream in all_streams().items()}

    def add(self, line: bytes) -> None:
        """Take a line of stdout."""
        self.bytes += len(line)
        try:
            message = orjson.loads(line)
        except orjson.JSONDecodeError:
            self.problems.append(f"no JSON: {line[:200]!r}")
            return
        if message["type"] == "RECORD":
            self._add_record(message["record"])
            line = line[:200]
        elif message["type"] == "TRACE" and message["trace"]["type"] == "STREAM_STATUS":
            status = message["trace"]["stream_status"]
            self.statuses[status["stream_descriptor"]["name"]] = status["status"]
        elif message["type"] == "TRACE":
            self.problems.append(f"error: {message['trace']['error']['message']}")
        elif message["type"] == "LOG" and _is_problem(message["log"]):
            self.problems.append(f"{message['log']['level']} {message['log']['message']}")
        self._lines.append(line.rstrip() + b"\n")

    def add_stderr(self, content: bytes) -> None:
        """Take everything from stderr."""
        if content:
            self.problems.append(f"stderr: {content[-300:].decode(errors='replace')}")
            self._lines += [b"stderr:\n", content]

    def log(self) -> bytes:
        """Return all lines; of records only their beginnings."""
        return b"".join(self._lines)

    def _add_record(self, record: Json) -> None:
        stream, data = record["stream"], record["data"]
        rows, key = self.digests.setdefault(stream, {}), key_of(data, self._keys[stream])
        if key in rows:
            self.problems.append(f"{stream} {key} came twice")
        rows[key] = _digest(data)


def _is_problem(log: Json) -> bool:
    return log["level"] != "INFO" and NOT_A_PROBLEM not in log["message"]


def _digest(record: Json) -> int:
    return hash(orjson.dumps(comparable(record), option=orjson.OPT_SORT_KEYS))


def _read(emulator: Emulator, folder: Path, conditions: Conditions, printed: _Printed) -> None:
    """Run the console script and take what it prints, as the conditions' reader does."""
    config = {
        "domain_name": emulator.url,
        "email": emulator.email,
        "api_token": emulator.token,
        "num_workers": conditions.workers,
    }
    arguments = Connector(folder, config).read_arguments(catalog_of(conditions.modes))
    with (folder / "stderr").open("wb") as stderr:
        process = subprocess.Popen(
            [CONSOLE_SCRIPT, *arguments],
            stdout=subprocess.PIPE,
            stderr=stderr,
            env={**os.environ, "PYTHONFAULTHANDLER": "1"},
        )
    limit = threading.Timer(LONGEST_SYNC, _end, [process, printed])
    limit.start()
    assert process.stdout is not None
    with process.stdout as stdout:
        for number, line in enumerate(_lines(stdout, conditions)):
            printed.add(line)
            if number % LINES_PER_LOOK == 0:
                printed.peak = max(printed.peak, peak_of(process.pid) / MEGABYTE)
    process.wait()
    limit.cancel()
    if process.returncode != 0:
        printed.problems.append(f"exit code {process.returncode}")
    printed.add_stderr((folder / "stderr").read_bytes())


def _end(process: subprocess.Popen[bytes], printed: _Printed) -> None:
    """Let a process that hangs write where its threads are, then end it."""
    printed.problems.append(f"hangs: not at its end after {LONGEST_SYNC} s")
    process.send_signal(signal.SIGABRT)
    time.sleep(SECONDS_TO_DUMP)
    process.kill()


def _lines(stdout: IO[bytes], conditions: Conditions) -> Iterator[bytes]:
    """Yield the lines: at once, slowly, or with pauses of seconds."""
    random = Random(conditions.seed)
    stalls = [random.randint(1, 50) * MEGABYTE for _ in range(3)]
    read = 0
    for line in stdout:
        read += len(line)
        if conditions.reader == "slow":
            time.sleep(len(line) / SLOW_BYTES_PER_SECOND)
        elif conditions.reader == "stalls" and stalls and read >= min(stalls):
            stalls.remove(min(stalls))
            time.sleep(random.uniform(0.5, 4))
        yield line


def _differences(emulator: Emulator, conditions: Conditions, printed: _Printed) -> list[str]:
    """Return how the records and the statuses differ from the site's."""
    found = []
    for name in conditions.modes:
        stream = all_streams()[name]
        has_body = "body" in stream.get_json_schema()["properties"]
        wanted = {
            key_of(record, stream.key): _digest(record)
            for record in expected(emulator, name, body_format="storage" if has_body else None)
        }
        rows = printed.digests.get(name, {})
        for what, keys in (
            ("missing", wanted.keys() - rows.keys()),
            ("extra", rows.keys() - wanted.keys()),
            ("different", {key for key in wanted.keys() & rows.keys() if wanted[key] != rows[key]}),
        ):
            if keys:
                found.append(f"{name}: {len(keys)} {what}, such as {sorted(keys, key=str)[:3]}")
        if (status := printed.statuses.get(name)) != "COMPLETE":
            found.append(f"{name}: {status}")
    return found
