"""One measurement: a contender started on an emulated site, watched, and held to account."""

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

LONGEST_RUN = 600
"""Seconds after which a contender is killed."""


class BenchmarkError(Exception):
    """A measurement that says nothing: a contender failed, or did not bring every page."""


@dataclass(frozen=True)
class Measurement:
    """What a run of a contender took."""

    records: int
    requests: int
    seconds: float
    """The whole process, from its start to its end."""
    cpu_seconds: float
    rate: float | None
    """Records over the seconds from the first to the last, or None where they bear no time."""
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
class Haul:
    """What a contender brought: ids of pages, and the records per second if the records tell."""

    ids: Sequence[str]
    rate: float | None

    @staticmethod
    def printed(output: Path) -> Haul:
        """Return the haul of a contender that prints messages of the Airbyte protocol.

        The rate goes by the moments that the records bear: what is printed in bursts blurs when the
        first of them came.
        """
        ids, moments = [], []
        for message in _rows(output):
            if message["type"] == "RECORD":
                ids.append(message["record"]["data"]["id"])
                moments.append(message["record"]["emitted_at"])
        milliseconds = max(moments, default=0) - min(moments, default=0)
        return Haul(ids, len(ids) / max(1, milliseconds) * 1000)

    @staticmethod
    def written(folder: Path) -> Haul:
        """Return the haul of a contender that writes tables of JSON lines."""
        files = sorted(folder.glob("**/pages/*.jsonl"))
        return Haul([row["id"] for path in files for row in _rows(path)], None)


class Bench:
    """Measures contenders, in a folder for what they are given and what they bring."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._output = folder / "output.jsonl"

    def measure(
        self, contender: Contender, emulator: EmulatorProcess, pages: int, stall: float = 0.0
    ) -> Measurement:
        """Return what it takes to read a site of so many pages.

        `stall` is for how many seconds the reader stops after the first it reads. Raises
        BenchmarkError if the contender fails, or brings anything but every page once.
        """
        emulator.reset()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        observed = self._observe(contender, self._command(contender, emulator), stall)
        haul = Haul.written(self.folder) if contender.writes_files else Haul.printed(self._output)
        if not len(haul.ids) == len(set(haul.ids)) == pages:
            raise BenchmarkError(
                f"{contender.name} brought {len(haul.ids)} records of {len(set(haul.ids))} pages, "
                f"and there are {pages}."
            )
        shutil.rmtree(self.folder)
        return Measurement(
            records=len(haul.ids),
            requests=len(emulator.requests),
            seconds=observed.seconds,
            cpu_seconds=observed.cpu_seconds,
            rate=haul.rate,
            peak_bytes=observed.peak_bytes,
        )

    def _command(self, contender: Contender, emulator: EmulatorProcess) -> list[str]:
        site = {"domain_name": emulator.url, "email": emulator.email, "api_token": emulator.token}
        paths = {
            "config": self._write("config", {**site, **contender.config}),
            "catalog": self._write("catalog", catalog_of({"pages": "full_refresh"})),
            "folder": str(self.folder),
        }
        return [part.format(**paths) for part in contender.command]

    def _write(self, name: str, content: object) -> str:
        path = self.folder / f"{name}.json"
        path.write_bytes(orjson.dumps(content))
        return str(path)

    def _observe(self, contender: Contender, command: list[str], stall: float) -> Observation:
        reader = [sys.executable, "-m", "benchmarks.reader", str(self._output), str(LONGEST_RUN)]
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
            said = done.stderr.decode() or self._output.read_text(errors="replace")
            raise BenchmarkError(
                f"{contender.name} ended with {observed.returncode} after "
                f"{observed.seconds:.0f} s: {said[-2000:]}"
            )
        return observed


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as lines:
        for line in lines:
            yield orjson.loads(line)
