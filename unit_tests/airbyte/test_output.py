"""stdout, shared by the records and the log: every line whole, none held back for long."""

from __future__ import annotations

import io
import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import pytest

from source_confluence.airbyte.output import Output, output_to
from unit_tests.fakes import FakeClock


class Pipe(io.BytesIO):
    """Takes so many bytes at a time; counts how often it is written to."""

    def __init__(self, most: int = 1_000_000) -> None:
        super().__init__()
        self._most = most
        self.writes = 0

    def write(self, content: object) -> int:
        self.writes += 1
        return super().write(memoryview(content)[: self._most])  # type: ignore[arg-type]


@pytest.fixture
def pipe() -> Pipe:
    return Pipe()


def test_lines_are_handed_over_together(pipe: Pipe, clock: FakeClock) -> None:
    output = Output(pipe, clock)

    assert output.write("one\n") == 4
    assert output.write("zwölf\n") == 6
    assert pipe.getvalue() == b""
    output.flush()

    assert pipe.getvalue() == "one\nzwölf\n".encode()
    assert pipe.writes == 1


def test_a_line_is_not_held_back_for_long(pipe: Pipe, clock: FakeClock) -> None:
    output = Output(pipe, clock)

    for moment in range(4):
        output.write(f"{moment}\n")
        clock.advance(0.05)

    assert pipe.getvalue() == b"0\n1\n2\n"


def test_much_text_is_handed_over_at_once(pipe: Pipe, clock: FakeClock) -> None:
    output = Output(pipe, clock)
    line = "x" * 1023 + "\n"

    for _ in range(255):
        output.write(line)
    assert pipe.writes == 0
    output.write(line)

    assert pipe.getvalue().decode() == line * 256
    assert pipe.writes == 1


def test_goes_on_where_a_pipe_takes_only_a_part(clock: FakeClock) -> None:
    pipe = Pipe(most=7)
    output = Output(pipe, clock)

    output.write("a line of some length\n")
    output.flush()

    assert pipe.getvalue() == b"a line of some length\n"


def test_flushing_nothing_writes_nothing(pipe: Pipe, clock: FakeClock) -> None:
    Output(pipe, clock).flush()

    assert pipe.writes == 0


def test_lines_of_many_threads_stay_whole(pipe: Pipe) -> None:
    output = Output(pipe)

    def write(name: str) -> None:
        for _ in range(200):
            output.write(f"{name * 50}\n")

    threads = [Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    output.flush()

    lines = pipe.getvalue().decode().splitlines()
    assert sorted(lines) == [name * 50 for name in "abcd" for _ in range(200)]


@pytest.fixture
def stdout(pipe: Pipe) -> io.TextIOWrapper:
    return io.TextIOWrapper(pipe, encoding="utf-8")


class Log:
    """The root logger with one handler, as in the process; pytest's own are put aside."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._stream = io.StringIO()
        self._root = logging.getLogger()
        monkeypatch.setattr(self._root, "handlers", [logging.StreamHandler(self._stream)])
        monkeypatch.setattr(self._root, "level", logging.INFO)
        monkeypatch.setattr("source_confluence.airbyte.output.PRINT_BUFFER", self._stream)

    def say(self, text: str) -> None:
        self._root.info(text)

    @property
    def said(self) -> str:
        return self._stream.getvalue()


def test_what_is_written_printed_and_logged_goes_the_same_way_in_order(
    pipe: Pipe, stdout: io.TextIOWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log(monkeypatch)
    stdout.write("before\n")

    with output_to(stdout) as output:
        output.write("written\n")
        print("printed")  # noqa: T201  # what the CDK does, too
        log.say("logged")
        output.write("written again\n")

    assert pipe.getvalue().decode() == "before\nwritten\nprinted\nlogged\nwritten again\n"
    assert log.said == ""


def test_all_is_as_before_afterwards_even_after_an_error(
    pipe: Pipe,
    stdout: io.TextIOWrapper,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    log = Log(monkeypatch)

    def fail() -> None:
        with output_to(stdout) as output:
            output.write("written\n")
            raise RuntimeError("a defect")

    with pytest.raises(RuntimeError):
        fail()
    print("printed")  # noqa: T201  # to see where it goes
    log.say("logged")

    assert pipe.getvalue() == b"written\n"
    assert capsys.readouterr().out == "printed\n"
    assert log.said == "logged\n"


class BrokenPipe(Pipe):
    """Nobody reads it."""

    def write(self, _content: object) -> int:
        self.writes += 1
        raise BrokenPipeError


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The codes with which the process would have ended at once."""
    codes: list[int] = []

    def end(code: int) -> None:
        codes.append(code)
        sys.exit(code)

    monkeypatch.setattr(os, "_exit", end)
    return codes


def test_without_a_reader_the_process_ends_with_1(
    ends: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log(monkeypatch)

    with pytest.raises(SystemExit), output_to(io.TextIOWrapper(BrokenPipe())) as output:
        output.write("held until the end\n")
    log.say("logged")

    assert ends == [1]
    assert log.said == "logged\n"


def test_a_log_line_that_nobody_reads_leaves_no_stack_trace(
    ends: list[int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log = Log(monkeypatch)

    with pytest.raises(SystemExit), output_to(io.TextIOWrapper(BrokenPipe())):
        log.say("logged")

    assert ends == [1]
    assert capsys.readouterr().err == ""


def test_a_worker_ends_the_process_at_once(ends: list[int], clock: FakeClock) -> None:
    output = Output(BrokenPipe(), clock)
    output.write("one\n")

    with ThreadPoolExecutor() as workers, pytest.raises(SystemExit):
        workers.submit(output.flush).result()

    assert ends == [1]


class FullDisk(Pipe):
    """There is room again after the first attempt."""

    def write(self, content: object) -> int:
        if self.writes == 0:
            self.writes += 1
            raise OSError(28, "No space left on device")
        return super().write(content)


@pytest.mark.parametrize(
    ("stdout", "said"),
    [
        pytest.param(BrokenPipe(), "", id="nobody reads it"),
        pytest.param(
            FullDisk(),
            "Nothing more can be written to stdout: No space left on device.\n",
            id="a full disk",
        ),
    ],
)
def test_it_is_told_once_and_nothing_follows_what_was_lost(
    ends: list[int], clock: FakeClock, capsys: pytest.CaptureFixture[str], stdout: Pipe, said: str
) -> None:
    output = Output(stdout, clock)
    output.write("lost\n")
    with pytest.raises(SystemExit):
        output.flush()

    output.write("later, when there may be room again\n")
    output.flush()

    assert stdout.writes == 1
    assert ends == []
    assert capsys.readouterr().err == said


def test_the_process_ends_though_stderr_is_on_the_full_disk_too(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(FullDisk(), write_through=True))
    output = Output(FullDisk(), clock)
    output.write("lost\n")

    with pytest.raises(SystemExit):
        output.flush()
