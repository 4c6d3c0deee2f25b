"""SIGINT (Ctrl-C) and SIGTERM: the process ends soon, with whole lines, without a stack trace."""

from __future__ import annotations

import fcntl
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest

from integration_tests.confluence_emulator import Emulator, Fault, Settings, SiteSpec
from integration_tests.conftest import connector_for
from integration_tests.connector import CONSOLE_SCRIPT, catalog_of

SECONDS_TO_END = 5
"""Two are enough where the machine is not busy."""
SECONDS_TO_START = 60
SIGNALS = [signal.SIGINT, signal.SIGTERM]
SPEC = SiteSpec(pages=4000, spaces=10)
PAGES = catalog_of({"pages": "full_refresh"})

pytestmark = pytest.mark.parametrize("sent", SIGNALS, ids=lambda one: one.name)

Process = subprocess.Popen[bytes]


@contextmanager
def reading(folder: Path, latency: float = 0.0, fault: Fault | None = None) -> Iterator[Process]:
    """Start a read of pages from an emulated site."""
    with Emulator(SPEC, Settings(latency=latency)) as emulator:
        if fault is not None:
            emulator.faults.add(fault)
        arguments = connector_for(emulator, folder).read_arguments(PAGES)
        with subprocess.Popen(
            [CONSOLE_SCRIPT, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            try:
                yield process
            finally:
                process.kill()


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while not condition():
        assert time.monotonic() < end
        threading.Event().wait(0.01)


def in_background(process: Process) -> tuple[threading.Thread, list[bytes]]:
    """Read stdout as it comes."""
    lines: list[bytes] = []
    assert process.stdout is not None
    thread = threading.Thread(target=lines.extend, args=(process.stdout,))
    thread.start()
    return thread, lines


def assert_ended(process: Process, sent: signal.Signals) -> None:
    assert process.wait(SECONDS_TO_END) == 128 + sent
    assert process.stderr is not None
    (sentence,) = process.stderr.read().splitlines()
    assert sent.name.encode() in sentence


def assert_whole(lines: list[bytes]) -> None:
    assert lines
    assert lines[-1].endswith(b"\n")
    for line in lines:
        assert orjson.loads(line)


def test_while_all_workers_wait_for_a_rate_limit(tmp_path: Path, sent: signal.Signals) -> None:
    throttled = Fault("/pages[?]", status=429, times=None, wait=("seconds", 600))
    with reading(tmp_path, fault=throttled) as process:
        thread, lines = in_background(process)
        wait_until(lambda: any(b"429" in line for line in list(lines)))
        process.send_signal(sent)

        assert_ended(process, sent)
        thread.join()
    assert_whole(lines)


@pytest.mark.parametrize("after", [0.0, 0.05, 0.1, 0.2])
def test_while_records_are_written(tmp_path: Path, sent: signal.Signals, after: float) -> None:
    with reading(tmp_path, latency=0.1) as process:
        thread, lines = in_background(process)
        wait_until(lambda: any(b'"RECORD"' in line for line in list(lines)))
        threading.Event().wait(after)
        process.send_signal(sent)

        assert_ended(process, sent)
        thread.join()
    assert_whole(lines)


def test_while_the_reader_of_stdout_is_stalled(tmp_path: Path, sent: signal.Signals) -> None:
    with reading(tmp_path) as process:
        assert process.stdout is not None
        pipe = process.stdout.fileno()
        wait_until(lambda: waiting_bytes(pipe) >= 60_000)
        process.send_signal(sent)

        assert_ended(process, sent)
        lines = process.stdout.readlines()
    assert_whole(lines)


def waiting_bytes(pipe: int) -> int:
    """Return how many bytes a pipe holds."""
    number: int = struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]
    return number


def test_while_the_cdk_is_imported(tmp_path: Path, sent: signal.Signals) -> None:
    with reading(tmp_path) as process:
        wait_until(lambda: catches(process.pid, signal.SIGTERM))
        process.send_signal(sent)

        assert_ended(process, sent)
        assert process.stdout is not None
        assert process.stdout.read() == b""


def catches(pid: int, number: int) -> bool:
    """Return whether a process has a handler for a signal."""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) & 1 << (number - 1))
