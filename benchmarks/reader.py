"""Runs a command, stores its output in a file, and prints its time and memory.

This is a separate, small process that imports only the standard library: until a child process has
loaded its program, it has its parent's size, and the kernel counts that in the child's peak memory.

    python -m benchmarks.reader OUTPUT LIMIT STALL COMMAND...

OUTPUT is the file for the command's stdout, LIMIT the seconds after which the command is killed,
STALL the seconds to pause after the first read. Prints an Observation as JSON and exits with 0,
even if the command fails.
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
    """The exit status, time and memory of a command."""

    returncode: int
    seconds: float
    """Wall-clock time."""
    cpu_seconds: float
    peak_bytes: int
    """Peak resident set."""


def observe(output: Path, limit: float, stall: float, command: list[str]) -> Observation:
    """Run the command until it ends, or kill it after `limit` seconds."""
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
