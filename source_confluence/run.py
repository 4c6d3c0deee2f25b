"""The console script `source-confluence`, and what it sets for the whole process."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from source_confluence.airbyte.arguments import parse
from source_confluence.airbyte.output import output_to
from source_confluence.airbyte.signals import exiting_on_signals

# Parameters of mallopt(3).
M_MMAP_THRESHOLD = -3
M_ARENA_MAX = -8
MMAP_BYTES = 128 * 1024
ARENAS = 2
SECONDS_TO_END = 2.0
"""How long threads may take to end after an error."""


def run(args: Sequence[str] | None = None) -> None:
    """Run the command that `args` name, by default the process's own. Exits with 1 if it fails."""
    with ending_after_errors(), output_to(sys.stdout) as output, exiting_on_signals(output):
        parsed = parse(sys.argv[1:] if args is None else args)
        # Importing the CDK creates a million objects that stay: searching them for garbage would
        # take a tenth of the time until the first request.
        gc.disable()
        from source_confluence.airbyte.entrypoint import main  # noqa: PLC0415  # see above

        gc.freeze()
        gc.enable()
        return_freed_memory()
        main(parsed, output)


@contextmanager
def ending_after_errors() -> Iterator[None]:
    """End the process after an error even if workers still read, for example at a full memory.

    Python's own exit would wait for them, and they may wait for a rate limit for an hour.
    """
    try:
        yield
    except BaseException as error:
        if not _workers_remain():
            raise
        if not isinstance(error, SystemExit):
            sys.excepthook(type(error), error, error.__traceback__)
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, AttributeError):  # closed, or None
                stream.flush()
        os._exit(1)


def _workers_remain() -> bool:
    """Return whether threads that a process waits for do not end soon."""
    last = time.monotonic() + SECONDS_TO_END
    others = [one for one in threading.enumerate() if one is not threading.current_thread()]
    workers = [one for one in others if not one.daemon]
    for worker in workers:
        worker.join(max(0.0, last - time.monotonic()))
    return any(worker.is_alive() for worker in workers)


def return_freed_memory() -> None:
    """Make glibc return the memory of long bodies to the system as soon as they are freed.

    By default glibc keeps an arena per thread, and once large blocks were freed it takes ever
    larger ones from these arenas: with pages of results of 25 MB it held twice what was in use.
    The environment variables MALLOC_ARENA_MAX and MALLOC_MMAP_THRESHOLD_ do the same, but only for
    processes that start after they were set. Other C libraries are left alone.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, MMAP_BYTES)
        mallopt(M_ARENA_MAX, ARENAS)
