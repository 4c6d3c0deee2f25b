"""stdout, shared by the records and the log.

The CDK's own buffer keeps text at four bytes per character and copies it three times on its way:
with long bodies that alone would take a hundred megabytes.

One lock, of `Output`, guards the buffer and the write to stdout, so that lines stay whole and in
order.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from io import TextIOBase
from typing import BinaryIO, TextIO

from airbyte_cdk.logger import PRINT_BUFFER
from typing_extensions import override

BUFFER_BYTES = 256 * 1024
FLUSH_SECONDS = 0.1


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
        content = memoryview(b"".join(self._buffer))
        self._buffer.clear()
        self._buffered_bytes = 0
        try:
            while content and not self._is_broken:
                content = content[self._binary.write(content) :]
        except OSError as error:
            # Broken for good, even if a later write would succeed: this content is lost.
            self._is_broken = True
            if not isinstance(error, BrokenPipeError):
                message = f"Could not write to stdout: {error.strerror}."
                with suppress(OSError):  # stderr may be on the same disk
                    sys.stderr.write(message + "\n")
            self._exit()
        self._flushed_at = self._monotonic()

    def _exit(self) -> None:
        """Exit with 1. An error would not do: logging prints the stack trace of a handler's."""
        if threading.current_thread() is not threading.main_thread():
            # Only this thread would end, and the main thread may wait for a record for hours.
            self.exit_if_broken()
        sys.exit(1)


@contextmanager
def output_to(stdout: TextIO) -> Iterator[Output]:
    """Send what is written, printed and logged to `stdout`, in order, line by line.

    The process exits with 1 if stdout breaks: silently if its reader has closed it, as `head`
    does, otherwise (a full disk) with a message on stderr.
    """
    stdout.flush()
    output = Output(getattr(stdout.buffer, "raw", stdout.buffer))
    # The CDK offers no way to log anywhere else, so the handlers that it has configured are found
    # by the buffer that they write to. Other handlers stay as they are.
    handlers = [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler, logging.StreamHandler) and handler.stream is PRINT_BUFFER
    ]
    for handler in handlers:
        handler.setStream(output)
    try:
        with _flushed(output), redirect_stdout(output):
            yield output
    finally:
        for handler in handlers:
            handler.setStream(PRINT_BUFFER)


@contextmanager
def _flushed(output: Output) -> Iterator[None]:
    try:
        try:
            yield
        finally:
            output.flush()
    finally:
        output.exit_if_broken()
