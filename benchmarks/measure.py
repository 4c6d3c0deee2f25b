"""One measurement: runs a contender against an emulated site and verifies what it read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import orjson

from benchmarks.contenders import Contender
from benchmarks.reader import Observation
from integration_tests.confluence_emulator import EmulatorProcess
from integration_tests.connector import catalog_of

TIMEOUT_SECONDS = 600
"""Seconds after which a contender is killed."""


class BenchmarkError(Exception):
    """The measurement is invalid: a contender failed or didn't read every page exactly once."""


@dataclass(frozen=True)
class Measurement:
    """The time, memory and requests of one run of a contender."""

    records: int
    requests: int
    seconds: float
    """Wall-clock time of the whole process."""
    cpu_seconds: float
    rate: float | None
    """Records per second from the first record to the last; None if records have no timestamp."""
    peak_bytes: int

    @staticmethod
    def median_of(runs: Sequence[Measurement]) -> Measurement:
        """Return the medians of several runs of the same contender."""
        rates = [run.rate for run in runs if run.rate is not None]
        return Measurement(
            records=runs[0].records,
            requests=round(median(run.requests for run in runs)),
            seconds=median(run.seconds for run in runs),
            cpu_seconds=median(run.cpu_seconds for run in runs),
            rate=median(rates) if rates else None,
            peak_bytes=round(median(run.peak_bytes for run in runs)),
        )


@dataclass(frozen=True)
class Output:
    """What a contender read: the ids of pages, and records per second if records are timed."""

    ids: Sequence[str]
    rate: float | None

    @staticmethod
    def printed(output: Path) -> Output:
        """Return the output of a contender that prints Airbyte messages.

        The rate uses the records' own timestamps: output arrives in bursts, so its arrival times
        are less exact.
        """
        ids, times = [], []
        for message in _rows(output):
            if message["type"] == "RECORD":
                ids.append(message["record"]["data"]["id"])
                times.append(message["record"]["emitted_at"])
        milliseconds = max(times, default=0) - min(times, default=0)
        return Output(ids, len(ids) / max(1, milliseconds) * 1000)

    @staticmethod
    def written(folder: Path) -> Output:
        """Return the output of a contender that writes JSONL files."""
        files = sorted(folder.glob("**/pages/*.jsonl"))
        return Output([row["id"] for path in files for row in _rows(path)], None)


class Bench:
    """Measures contenders; their inputs and outputs are in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._output = folder / "output.jsonl"

    def measure(
        self, contender: Contender, emulator: EmulatorProcess, pages: int, stall: float = 0.0
    ) -> Measurement:
        """Run a contender on a site with this number of pages and return its measurement.

        The process that reads the contender's output pauses for `stall` seconds after its first
        read. Raises BenchmarkError if the contender fails or doesn't read every page exactly once.
        """
        self.clear(emulator)
        observed = self._observe(contender, self.command(contender, emulator), stall)
        result = (
            Output.written(self.folder) if contender.writes_files else Output.printed(self._output)
        )
        if not len(result.ids) == len(set(result.ids)) == pages:
            raise BenchmarkError(
                f"{contender.name} read {len(result.ids)} records of {len(set(result.ids))} pages "
                f"from a site of {pages} pages."
            )
        shutil.rmtree(self.folder)
        return Measurement(
            records=len(result.ids),
            requests=len(emulator.requests),
            seconds=observed.seconds,
            cpu_seconds=observed.cpu_seconds,
            rate=result.rate,
            peak_bytes=observed.peak_bytes,
        )

    def clear(self, emulator: EmulatorProcess) -> None:
        """Forget the requests so far, and empty the folder."""
        emulator.reset()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    def attempt(
        self, contender: Contender, emulator: EmulatorProcess, pages: int, stall: float = 0.0
    ) -> Measurement | None:
        """Like `measure`, but return None if the contender fails, and print why to stderr."""
        print(f"{contender.name}, {pages:,} pages", file=sys.stderr, flush=True)
        try:
            return self.measure(contender, emulator, pages, stall)
        except BenchmarkError as error:
            print(error, file=sys.stderr, flush=True)
            return None

    def command(
        self,
        contender: Contender,
        emulator: EmulatorProcess,
        mode: str = "full_refresh",
        states: Sequence[object] = (),
    ) -> list[str]:
        """Write the inputs of a contender, and return the command line that reads all pages."""
        site = {"domain_name": emulator.url, "email": emulator.email, "api_token": emulator.token}
        paths = {
            "config": self._write("config", {**site, **contender.config}),
            "catalog": self._write("catalog", catalog_of({"pages": mode})),
            "folder": str(self.folder),
        }
        command = [part.format(**paths) for part in contender.command]
        return [*command, "--state", self._write("state", states)] if states else command

    def _write(self, name: str, content: object) -> str:
        path = self.folder / f"{name}.json"
        path.write_bytes(orjson.dumps(content))
        return str(path)

    def _observe(self, contender: Contender, command: list[str], stall: float) -> Observation:
        reader = [
            sys.executable,
            "-m",
            "benchmarks.reader",
            str(self._output),
            str(TIMEOUT_SECONDS),
        ]
        done = subprocess.run(
            [*reader, str(stall), *command],
            capture_output=True,
            env={**os.environ, **contender.environment},
            check=False,
        )
        if done.returncode != 0:
            raise BenchmarkError(f"{contender.name} did not start: {done.stderr.decode()[-2000:]}")
        observed = Observation(**orjson.loads(done.stdout))
        if observed.returncode != 0:
            output = done.stderr.decode() or self._output.read_text(errors="replace")
            raise BenchmarkError(
                f"{contender.name} exited with {observed.returncode} after "
                f"{observed.seconds:.0f} s: {output[-2000:]}"
            )
        return observed


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as lines:
        for line in lines:
            yield orjson.loads(line)
