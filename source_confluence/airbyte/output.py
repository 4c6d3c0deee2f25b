"""stdout, shared by the records and the log.

The CDK's own buffer keeps text at four bytes a character and copies it three times on its way: with
long bodies that alone would take a hundred megabytes.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from io import TextIOBase
from typing import BinaryIO, TextIO

from airbyte_cdk.logger import PRINT_BUFFER

from source_confluence.confluence.clock import Clock, SystemClock

MOST_BYTES_HELD = 256 * 1024
LONGEST_SECONDS_HELD = 0.1


class Output(TextIOBase):
    """A text stream that takes whole lines from any thread, and holds none back for long."""

    def __init__(self, binary: BinaryIO, clock: Clock | None = None) -> None:
        """Write to `binary`, an unbuffered stream."""
        self._binary = binary
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._handed_over_at = self._clock.monotonic()
        self._is_broken = False

    def write(self, text: str) -> int:
        """Write `text`; return its length."""
        self._hold(text.encode())
        return len(text)

    def write_line(self, content: bytes) -> None:
        """Write a line that has no end yet."""
        self._hold(content, b"\n")

    def _hold(self, *parts: bytes) -> None:
        with self._lock:
            self._held.extend(parts)
            self._held_bytes += len(parts[0])
            is_late = self._clock.monotonic() - self._handed_over_at >= LONGEST_SECONDS_HELD
            if is_late or self._held_bytes >= MOST_BYTES_HELD:
                self._hand_over()

    def flush(self) -> None:
        """Hand over all that was written."""
        with self._lock:
            self._hand_over()

    def end_if_broken(self) -> None:
        """End the process at once if stdout takes no more.

        Python's own exit would wait for the workers, and they may wait for the server.
        """
        if self._is_broken:
            os._exit(1)

    def _hand_over(self) -> None:
        content = memoryview(b"".join(self._held))
        self._held.clear()
        self._held_bytes = 0
        try:
            while content and not self._is_broken:
                content = content[self._binary.write(content) :]
        except OSError as error:
            # Not the next time either, even if it would work again: this content is lost.
            self._is_broken = True
            if not isinstance(error, BrokenPipeError):
                sentence = f"Nothing more can be written to stdout: {error.strerror}."
                with suppress(OSError):  # stderr may be on the same disk
                    sys.stderr.write(sentence + "\n")
            self._leave()
        self._handed_over_at = self._clock.monotonic()

    def _leave(self) -> None:
        """Not with an error: of one in a log handler, logging would print the stack trace."""
        if threading.current_thread() is not threading.main_thread():
            # The main thread may wait for a record for hours before it would notice.
            self.end_if_broken()
        sys.exit(1)


@contextmanager
def output_to(stdout: TextIO) -> Iterator[Output]:
    """Send what is printed and what is logged the same way, one line after the other.

    The process ends with 1 if stdout takes no more: quietly if whoever reads it is gone, as `head`
    is, with a sentence on stderr if the disk is full.
    """
    stdout.flush()
    output = Output(getattr(stdout.buffer, "raw", stdout.buffer))
    handlers = [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler, logging.StreamHandler) and handler.stream is PRINT_BUFFER
    ]
    streams = [handler.stream for handler in handlers]
    for handler in handlers:
        handler.setStream(output)
    try:
        with _flushed(output), redirect_stdout(output):
            yield output
    finally:
        for handler, stream in zip(handlers, streams, strict=True):
            handler.setStream(stream)


@contextmanager
def _flushed(output: Output) -> Iterator[None]:
    try:
        try:
            yield
        finally:
            output.flush()
    finally:
        output.end_if_broken()
