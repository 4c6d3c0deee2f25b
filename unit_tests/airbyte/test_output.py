"""stdout, shared by the records and the log: whole lines, flushed soon, and no stack trace."""

from __future__ import annotations

import io
import logging
import os
import sys
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from airbyte_cdk.logger import PRINT_BUFFER
from typing_extensions import override

from source_confluence.airbyte.entrypoint import logging_to
from source_confluence.airbyte.output import Output, output_to
from unit_tests.fakes import FakeClock


class Pipe(io.BytesIO):
    """Takes `most` bytes at a time; counts how often it is written to."""

    def __init__(self, most: int = 1_000_000) -> None:
        super().__init__()
        self._most = most
        self.writes = 0

    @override
    def write(self, content: object) -> int:
        self.writes += 1
        return super().write(memoryview(content)[: self._most])  # type: ignore[arg-type]


@pytest.fixture
def pipe() -> Pipe:
    return Pipe()


@pytest.fixture
def output(pipe: Pipe, clock: FakeClock) -> Output:
    return Output(pipe, clock.monotonic)


def test_lines_are_written_together(output: Output, pipe: Pipe) -> None:
    assert output.write("one\n") == 4
    assert output.write("zwölf\n") == 6
    assert pipe.getvalue() == b""
    output.flush()

    assert pipe.getvalue() == "one\nzwölf\n".encode()
    assert pipe.writes == 1


def test_a_late_line_flushes_the_buffer(output: Output, pipe: Pipe, clock: FakeClock) -> None:
    for moment in range(4):
        output.write(f"{moment}\n")
        clock.advance(0.05)

    assert pipe.getvalue() == b"0\n1\n2\n"


def test_a_full_buffer_is_flushed(output: Output, pipe: Pipe) -> None:
    line = "x" * 1023 + "\n"

    for _ in range(255):
        output.write(line)
    assert pipe.writes == 0
    output.write(line)

    assert pipe.getvalue().decode() == line * 256
    assert pipe.writes == 1


def test_a_pipe_that_takes_only_a_part_gets_the_rest(clock: FakeClock) -> None:
    pipe = Pipe(most=7)
    output = Output(pipe, clock.monotonic)

    output.write("a line of some length\n")
    output.flush()

    assert pipe.getvalue() == b"a line of some length\n"


def test_flushing_an_empty_buffer_writes_nothing(output: Output, pipe: Pipe) -> None:
    output.flush()

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


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> logging.StreamHandler[Any]:
    """The only handler of the root logger; it writes where the CDK's handler does."""
    handler: logging.StreamHandler[Any] = logging.StreamHandler(PRINT_BUFFER)
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [handler])
    monkeypatch.setattr(root, "level", logging.INFO)
    return handler


def test_lines_written_printed_and_logged_stay_in_order(
    pipe: Pipe, stdout: io.TextIOWrapper, handler: logging.StreamHandler[Any]
) -> None:
    stdout.write("before\n")

    with output_to(stdout) as output, logging_to(output):
        output.write("written\n")
        print("printed")  # noqa: T201  # as the CDK does
        logging.getLogger().info("logged")
        output.write_line(b"written again")
        assert handler.stream is output

    assert pipe.getvalue().decode() == "before\nwritten\nprinted\nlogged\nwritten again\n"


def test_everything_is_restored_even_after_an_error(
    pipe: Pipe,
    stdout: io.TextIOWrapper,
    handler: logging.StreamHandler[Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail() -> None:
        with output_to(stdout) as output, logging_to(output):
            output.write("written\n")
            raise RuntimeError("a defect")

    with pytest.raises(RuntimeError):
        fail()
    print("printed")  # noqa: T201  # to see where it goes

    assert pipe.getvalue() == b"written\n"
    assert capsys.readouterr().out == "printed\n"
    assert handler.stream is PRINT_BUFFER


def test_other_handlers_are_left_alone(
    pipe: Pipe, stdout: io.TextIOWrapper, handler: logging.StreamHandler[Any]
) -> None:
    elsewhere = io.StringIO()
    handler.setStream(elsewhere)

    with output_to(stdout) as output, logging_to(output):
        logging.getLogger().info("logged")

    assert elsewhere.getvalue() == "logged\n"
    assert pipe.getvalue() == b""


class BrokenPipe(Pipe):
    """A pipe whose reader has closed it."""

    @override
    def write(self, content: object) -> int:
        self.writes += 1
        raise BrokenPipeError


class FullDisk(Pipe):
    """Has room again after the first write."""

    @override
    def write(self, content: object) -> int:
        if self.writes == 0:
            self.writes += 1
            raise OSError(28, "No space left on device")
        return super().write(content)


@pytest.fixture
def exits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The codes with which the process would have exited at once."""
    codes: list[int] = []

    def exit_at_once(code: int) -> None:
        codes.append(code)
        sys.exit(code)

    monkeypatch.setattr(os, "_exit", exit_at_once)
    return codes


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda output: output.write("buffered until the end\n"), id="written"),
        pytest.param(lambda _: logging.getLogger().info("logged"), id="logged"),
    ],
)
def test_a_closed_pipe_exits_with_1_and_leaves_no_stack_trace(
    *,
    exits: list[int],
    handler: logging.StreamHandler[Any],
    capsys: pytest.CaptureFixture[str],
    write: Callable[[Output], object],
) -> None:
    with (
        pytest.raises(SystemExit),
        output_to(io.TextIOWrapper(BrokenPipe())) as output,
        logging_to(output),
    ):
        write(output)

    assert exits == [1]
    assert capsys.readouterr().err == ""
    assert handler.stream is PRINT_BUFFER


def test_a_worker_exits_the_process_at_once(exits: list[int], clock: FakeClock) -> None:
    output = Output(BrokenPipe(), clock.monotonic)
    output.write("one\n")

    with ThreadPoolExecutor() as workers, pytest.raises(SystemExit):
        workers.submit(output.flush).result()

    assert exits == [1]


@pytest.mark.parametrize(
    ("stdout", "reason"),
    [
        pytest.param(BrokenPipe(), None, id="a closed pipe"),
        pytest.param(FullDisk(), "No space left on device", id="a full disk"),
    ],
)
def test_broken_stdout_is_reported_once_and_never_written_again(
    exits: list[int],
    clock: FakeClock,
    capsys: pytest.CaptureFixture[str],
    stdout: Pipe,
    reason: str | None,
) -> None:
    output = Output(stdout, clock.monotonic)
    output.write("lost\n")
    with pytest.raises(SystemExit):
        output.flush()

    output.write("later, when there may be room again\n")
    output.flush()

    reported = capsys.readouterr().err
    assert stdout.writes == 1
    assert exits == []
    assert reported.count("\n") == (1 if reason else 0)
    assert (reason or "") in reported


def test_the_process_exits_even_if_stderr_is_on_the_full_disk(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(FullDisk(), write_through=True))
    output = Output(FullDisk(), clock.monotonic)
    output.write("lost\n")

    with pytest.raises(SystemExit):
        output.flush()


def test_a_process_without_stdout_exits_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited, output_to(None):
        pass

    assert exited.value.code == 1
    assert "stdout" in capsys.readouterr().err


def test_a_pipe_whose_reader_is_stalled_can_be_enlarged() -> None:
    reader, writer = os.pipe()
    lines = b"x" * 1000 + b"\n"
    with open(reader, "rb") as stalled, open(writer, "wb", buffering=0) as pipe:  # noqa: PTH123
        # By the real clock a slow machine would write too early, in this thread, and wait.
        output = Output(pipe, monotonic=lambda: 0.0)
        for _ in range(200):
            output.write_line(lines.strip())
        end = Thread(target=output.end, daemon=True)
        end.start()
        end.join(0.1)
        assert end.is_alive()

        output.make_room()
        end.join(10)

        assert not end.is_alive()
        pipe.close()
        assert stalled.read() == lines * 200


class NonBlockingPipe(io.FileIO):
    """The writer's end of a pipe; knows how often it refused to write."""

    def __init__(self, fd: int) -> None:
        super().__init__(fd, "w")
        os.set_blocking(fd, False)
        self.has_refused = Event()
        self.refusals_in_a_row = 0
        self.most_in_a_row = 0

    @override
    def write(self, content: object) -> int | None:  # type: ignore[override]
        count = super().write(content)  # type: ignore[arg-type]
        self.refusals_in_a_row = self.refusals_in_a_row + 1 if count is None else 0
        self.most_in_a_row = max(self.most_in_a_row, self.refusals_in_a_row)
        if count is None:
            self.has_refused.set()
        return count


def test_a_pipe_that_does_not_block_is_waited_for() -> None:
    reader, writer = os.pipe()
    content, received = b"x" * 1_000_000, io.BytesIO()
    with open(reader, "rb", buffering=0) as source, NonBlockingPipe(writer) as pipe:  # noqa: PTH123

        def read() -> None:
            pipe.has_refused.wait()
            while received.tell() <= len(content):
                received.write(source.read(65_536))

        thread = Thread(target=read, daemon=True)
        thread.start()
        Output(pipe).write_line(content)
        thread.join(10)

    assert received.getvalue() == content + b"\n"
    assert pipe.most_in_a_row == 1, "it tries again and again"


def test_other_outputs_than_a_pipe_need_no_room(output: Output, tmp_path: Path) -> None:
    output.make_room()
    with (tmp_path / "stdout").open("wb", buffering=0) as file:
        Output(file).make_room()


def test_after_the_end_nothing_is_written(output: Output, pipe: Pipe) -> None:
    output.write("one\n")
    output.end()
    late = Thread(target=output.write, args=("two\n",), daemon=True)
    late.start()
    late.join(0.1)

    assert late.is_alive()
    assert pipe.getvalue() == b"one\n"


def test_a_long_line_is_written_without_a_copy(output: Output, pipe: Pipe) -> None:
    line = b"x" * 20_000_000
    output.write_line(b"short")

    tracemalloc.start()
    output.write_line(line)
    output.flush()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert pipe.getvalue() == b"short\n" + line + b"\n"
    assert peak < 2 * len(line)  # the pipe's own
