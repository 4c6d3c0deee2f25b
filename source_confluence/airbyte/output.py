"""stdout, shared by the records and the log.

The CDK's own buffer keeps text at four bytes per character and copies it three times on its way:
with long bodies that alone would take a hundred megabytes. This module does not import the CDK, so
that `--help` need not wait for it.

One lock, of `Output`, guards the buffer and the write to stdout, so that lines stay whole and in
order.
"""

from __future__ import annotations

import fcntl
import os
import select
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from errno import EBADF
from io import TextIOBase
from typing import BinaryIO, TextIO

from typing_extensions import override

BUFFER_BYTES = 256 * 1024
LARGEST_COPY = 2 * BUFFER_BYTES
"""Bytes that are written at once; more, which is one long line, is not worth a copy."""
FLUSH_SECONDS = 0.1
LARGEST_PIPE = 1024 * 1024
"""Bytes; what Linux allows everybody."""


class Output(TextIOBase):
    """A buffered text stream for whole lines; thread-safe.

    A write flushes the buffer once it holds `BUFFER_BYTES`, or if the last flush was more than
    `FLUSH_SECONDS` ago.
    """

    def __init__(self, binary: BinaryIO, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Write to `binary`, an unbuffered stream; `monotonic` returns seconds."""
        self._binary = binary
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._buffer: list[bytes] = []
        self._buffered_bytes = 0
        self._flushed_at = monotonic()
        self._is_broken = False

    @override
    def write(self, text: str) -> int:
        """Write `text`; return its length in characters."""
        self._append(text.encode())
        return len(text)

    def write_line(self, content: bytes) -> None:
        """Write `content`, which has no line break, as a line."""
        self._append(content, b"\n")

    @override
    def flush(self) -> None:
        """Write everything buffered to stdout."""
        with self._lock:
            self._write_buffer()

    def end(self) -> None:
        """Write everything buffered, and let no thread write any more: each one waits forever.

        For a process that is going to exit at once.
        """
        self._lock.acquire()
        self._write_buffer()

    def make_room(self) -> None:
        """Enlarge the pipe that stdout is, on Linux: a write that waits for its reader succeeds.

        Only a line of more than `LARGEST_PIPE` bytes may then still be cut off.
        """
        with suppress(OSError, AttributeError):  # no pipe, or not Linux
            fcntl.fcntl(self._binary.fileno(), fcntl.F_SETPIPE_SZ, LARGEST_PIPE)

    @override
    def close(self) -> None:
        """Do nothing: Python calls this when it frees the object, and after `end` it would wait."""

    def exit_if_broken(self) -> None:
        """Exit the process at once if stdout is broken.

        Python's own exit would wait for the workers, and they may wait for the server.
        """
        if self._is_broken:
            os._exit(1)

    def _append(self, *parts: bytes) -> None:
        with self._lock:
            self._buffer.extend(parts)
            self._buffered_bytes += len(parts[0])
            is_late = self._monotonic() - self._flushed_at >= FLUSH_SECONDS
            if is_late or self._buffered_bytes >= BUFFER_BYTES:
                self._write_buffer()

    def _write_buffer(self) -> None:
        parts, self._buffer = self._buffer, []
        self._buffered_bytes = 0
        if sum(map(len, parts)) < LARGEST_COPY:
            parts = [b"".join(parts)]
        for part in parts:
            self._write(memoryview(part))

    def _write(self, content: memoryview) -> None:
        try:
            while content and not self._is_broken:
                count: int | None = self._binary.write(content)
                if count is None:  # a full pipe that whoever made it set to non-blocking
                    select.select([], [self._binary], [])
                else:
                    content = content[count:]
        except OSError as error:
            # Broken for good, even if a later write would succeed: this content is lost.
            self._is_broken = True
            if not isinstance(error, BrokenPipeError):
                report(error)
            self._exit()
        self._flushed_at = self._monotonic()

    def _exit(self) -> None:
        """Exit with 1. An error would not do: logging prints the stack trace of a handler's."""
        if threading.current_thread() is not threading.main_thread():
            # Only this thread would end, and the main thread may wait for a record for hours.
            self.exit_if_broken()
        sys.exit(1)


def report(error: OSError) -> None:
    """Say on stderr why stdout cannot be written to."""
    with suppress(OSError, AttributeError):  # stderr may be on the same disk, or closed
        sys.stderr.write(f"Could not write to stdout: {error.strerror}.\n")
        sys.stderr.flush()


@contextmanager
def output_to(stdout: TextIO | None) -> Iterator[Output]:
    """Send what is written and printed to `stdout`, in order, line by line.

    The process exits with 1 if stdout breaks: silently if its reader has closed it, as `head`
    does, otherwise (a full disk) with a message on stderr. Also if it is None, because the process
    was started without one.
    """
    if stdout is None:
        report(OSError(EBADF, os.strerror(EBADF)))
        sys.exit(1)
    stdout.flush()
    output = Output(getattr(stdout.buffer, "raw", stdout.buffer))
    with _flushed(output), redirect_stdout(output):
        yield output


@contextmanager
def _flushed(output: Output) -> Iterator[None]:
    try:
        try:
            yield
        finally:
            output.flush()
    finally:
        output.exit_if_broken()
