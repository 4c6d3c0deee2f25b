"""stdout fails: its reader exited, as `head` does, or the disk is full."""

from __future__ import annotations

import os
import resource
import subprocess
from pathlib import Path

import pytest

from integration_tests.confluence_emulator import Emulator, Fault, Settings, SiteSpec
from integration_tests.conftest import connector_for
from integration_tests.connector import CONSOLE_SCRIPT, LONGEST_RUN, Connector, catalog_of

CATALOG_SCRIPT = CONSOLE_SCRIPT.parent / "source-confluence-catalog"
SECONDS_TO_END = 15
"""A tenth of that is enough where the machine is not busy."""


def without_reader(*command: str | Path) -> tuple[int, bytes]:
    """Run a command whose stdout is closed; return its exit code and its stderr."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            command, stdout=writer, stderr=subprocess.PIPE, timeout=LONGEST_RUN, check=False
        )
    finally:
        os.close(writer)
    return done.returncode, done.stderr


def test_spec() -> None:
    assert without_reader(CONSOLE_SCRIPT, "spec") == (1, b"")


def test_the_configured_catalog() -> None:
    assert without_reader(CATALOG_SCRIPT) == (1, b"")


@pytest.mark.parametrize("script", [CONSOLE_SCRIPT, CATALOG_SCRIPT], ids=lambda one: one.name)
@pytest.mark.parametrize("arguments", [["--help"], []], ids=["help", "no arguments"])
@pytest.mark.parametrize("redirection", [">&-", ">/dev/full"])
def test_no_stdout_at_the_start(script: Path, arguments: list[str], redirection: str) -> None:
    command = ["/bin/sh", "-c", f'exec "$@" {redirection}', "sh", str(script), *arguments]

    done = subprocess.run(command, stderr=subprocess.PIPE, timeout=LONGEST_RUN, check=False)

    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    assert b"stdout" in sentence


@pytest.mark.parametrize("command", ["check", "read"])
def test_commands_with_a_config(connector: Connector, command: str) -> None:
    arguments = connector.read_arguments(catalog_of({"pages": "full_refresh"}))
    end = len(arguments) if command == "read" else arguments.index("--catalog")

    assert without_reader(CONSOLE_SCRIPT, command, *arguments[1:end]) == (1, b"")


@pytest.mark.parametrize("waits", [False, True], ids=["while it reads", "while all workers wait"])
def test_in_the_middle_of_a_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, waits: bool
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    with Emulator(SiteSpec(pages=20_000, spaces=10), Settings(latency=0.1)) as emulator:
        connector = connector_for(emulator, tmp_path)
        arguments = connector.read_arguments(catalog_of({"pages": "full_refresh"}))
        with subprocess.Popen(
            [CONSOLE_SCRIPT, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            try:
                assert process.stdout is not None
                assert process.stderr is not None
                next(line for line in process.stdout if b'"RECORD"' in line)
                if waits:
                    throttled = Fault("/pages[?]", status=429, times=None, wait=("seconds", 600))
                    emulator.faults.add(throttled)
                process.stdout.close()

                assert process.wait(SECONDS_TO_END) == 1
                assert process.stderr.read() == b""
                # If a worker notices first, the process ends before the CDK removes its folder.
                assert waits or not list(temporary.iterdir())
            finally:
                process.kill()


def test_a_disk_that_is_full(connector: Connector, tmp_path: Path) -> None:
    arguments = connector.read_arguments(catalog_of({"pages": "full_refresh"}))
    full = 64 * 1024

    def limit_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (full, full))

    with (tmp_path / "messages.jsonl").open("wb") as stdout:
        done = subprocess.run(
            [CONSOLE_SCRIPT, *arguments],
            stdout=stdout,
            stderr=subprocess.PIPE,
            timeout=LONGEST_RUN,
            check=False,
            preexec_fn=limit_files,
        )

    assert done.stderr.count(b"\n") == 1
    assert b"stdout" in done.stderr
    assert b"File too large" in done.stderr
    assert done.returncode == 1
    assert (tmp_path / "messages.jsonl").stat().st_size == full
