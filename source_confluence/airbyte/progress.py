"""Log lines about a running sync: its progress now and then, and a summary per stream at its end.

The records are counted where the queue hands them over, batch by batch (`RecordQueue`): a layer of
its own around the messages would cost every record a detour.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from source_confluence.confluence.clock import Clock
from source_confluence.confluence.meter import Cost, Meter

SECONDS_BETWEEN_LINES = 30.0


class Progress:
    """Logs how many records and requests a sync has come to, and the time since it was made."""

    def __init__(
        self,
        record_counts: Mapping[str, int],
        meter: Meter,
        clock: Clock,
        logger: logging.Logger,
        *,
        interval: float = SECONDS_BETWEEN_LINES,
    ) -> None:
        """`record_counts` holds the records per stream so far; `interval` is in seconds."""
        self._record_counts = record_counts
        self._meter = meter
        self._clock = clock
        self._logger = logger
        self._interval = interval
        self._started_at = clock.monotonic()

    @contextmanager
    def log_periodically(self) -> Iterator[None]:
        """Log the progress at a steady pace inside the block, even while no record arrives."""
        done = threading.Event()

        def log_until_done() -> None:
            while not done.wait(self._interval):
                self.log()

        thread = threading.Thread(target=log_until_done, name="progress", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def log(self) -> None:
        """Log how far the sync has come."""
        # A list, because the sync may add a stream meanwhile.
        counts = list(self._record_counts.items())
        so_far = ", ".join(f"{stream} {count:,}" for stream, count in counts) or "none"
        self._logger.info(
            f"Records so far: {so_far}; {_formatted(self._meter.total())}, {self._seconds():.0f} s."
        )

    def log_summary(self, streams: Iterable[str]) -> None:
        """Log the records and the cost of each of `streams`, then the cost that they share."""
        names = list(streams)
        for stream in names:
            self._logger.info(
                f"Summary of {stream}: {self._record_counts.get(stream, 0):,} records, "
                f"{_formatted(self._meter.cost(stream))}."
            )
        for name in self._meter.streams():
            if name not in names:
                cost = _formatted(self._meter.cost(name))
                self._logger.info(f"Summary of {name}, requested for other streams: {cost}.")
        self._logger.info(
            f"Summary of all: {_formatted(self._meter.total())}, {self._seconds():.1f} s."
        )

    def _seconds(self) -> float:
        return self._clock.monotonic() - self._started_at


def _formatted(cost: Cost) -> str:
    return f"{cost.requests:,} requests, throttled for {cost.throttled_seconds:.1f} s"
