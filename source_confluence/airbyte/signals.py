"""Ends the process at SIGINT (Ctrl-C) and SIGTERM: soon, with whole lines, without a stack trace.

Python runs signal handlers in the main thread, which may wait for stdout, for the network or for
workers that sleep because of a rate limit; an exception raised there would have to pass through
all of that, and the process would still wait for the workers. So a thread of its own waits for the
signals, lets the last line be finished, and exits.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from source_confluence.airbyte.output import Output

SIGNALS = (signal.SIGINT, signal.SIGTERM)
SECONDS_TO_WRITE = 1.0
"""How long the reader of stdout may take for what is left to write."""
SECONDS_WITH_ROOM = 0.5


@contextmanager
def exiting_on_signals(output: Output) -> Iterator[None]:
    """Inside the block, exit with 128 plus the signal's number, as a shell reports it.

    Only the main thread can do this: in another one, signals stay as they are.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    # Python writes the number of a signal to this pipe at once, whatever the main thread does. But
    # only for signals that have a handler.
    wakeup = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    handlers = [signal.signal(one, lambda *_: None) for one in SIGNALS]
    thread = threading.Thread(target=_wait, args=(reader, output), name="signals", daemon=True)
    thread.start()
    try:
        yield
    finally:
        for one, handler in zip(SIGNALS, handlers, strict=True):
            signal.signal(one, handler)
        signal.set_wakeup_fd(wakeup)
        os.close(writer)
        thread.join()
        os.close(reader)


def stopped_by(received: signal.Signals) -> str:
    """Return the only sentence that the process says."""
    return f"Stopped by {received.name}."


def _wait(reader: int, output: Output) -> None:
    """Exit at the first signal; return once the other end of the pipe is closed."""
    while numbers := os.read(reader, 1):
        if numbers[0] in SIGNALS:
            _exit(signal.Signals(numbers[0]), output)


def _exit(received: signal.Signals, output: Output) -> None:
    end = threading.Thread(target=output.end, daemon=True)
    end.start()
    end.join(SECONDS_TO_WRITE)
    if end.is_alive():
        output.make_room()
        end.join(SECONDS_WITH_ROOM)
    with suppress(OSError, AttributeError):  # stderr may be closed, or None
        sys.stderr.write(f"{stopped_by(received)}\n")
        sys.stderr.flush()
    os._exit(128 + received)
