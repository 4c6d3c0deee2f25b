"""Run a command, keep what it prints, and tell what it took.

A process of its own, with nothing but the standard library: what starts a command lends it its own
size until the command's program is loaded, and the kernel counts that towards the command's peak.

    python -m benchmarks.reader OUTPUT LIMIT STALL COMMAND...

OUTPUT is the file that gets what the command prints, LIMIT the seconds after which it is killed,
STALL the seconds for which nothing more is read after the first part. Prints an Observation as JSON
and ends with 0, whatever became of the command.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

CHUNK_BYTES = 1 << 20
MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Observation:
    """What became of a command."""

    returncode: int
    seconds: float
    """From its start to its end."""
    cpu_seconds: float
    peak_bytes: int
    """The most memory that it occupied (resident set)."""


def observe(output: Path, limit: float, stall: float, command: list[str]) -> Observation:
    """Run the command to its end, or until the limit."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    killer = threading.Timer(limit, os.kill, (process.pid, signal.SIGKILL))
    killer.start()
    source = process.stdout.fileno()
    with output.open("wb", buffering=0) as file:
        file.write(os.read(source, CHUNK_BYTES))
        time.sleep(stall)
        while chunk := os.read(source, CHUNK_BYTES):
            file.write(chunk)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    killer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return Observation(
        returncode=process.returncode,
        seconds=seconds,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_bytes=usage.ru_maxrss * MAXRSS_UNIT,
    )


if __name__ == "__main__":
    _, output, limit, stall, *command = sys.argv
    print(json.dumps(asdict(observe(Path(output), float(limit), float(stall), command))))
