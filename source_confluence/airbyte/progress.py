"""What a sync has come to: a log line now and then, and one per stream at the end."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from airbyte_cdk.models import AirbyteMessage, Type

from source_confluence.confluence.clock import Clock
from source_confluence.confluence.meter import Cost, Meter

SECONDS_BETWEEN_LINES = 30.0


class Progress:
    """Counts the records that go by, and tells of them."""

    def __init__(self, meter: Meter, clock: Clock, logger: logging.Logger) -> None:
        self._meter = meter
        self._clock = clock
        self._logger = logger
        self._records: Counter[str] = Counter()
        self._started_at = clock.monotonic()

    def watched(self, messages: Iterable[AirbyteMessage]) -> Iterator[AirbyteMessage]:
        """Yield `messages`, telling of them at a steady pace, even while none comes."""
        with self._telling():
            for message in messages:
                if message.type is Type.RECORD and message.record is not None:
                    self._records[message.record.stream] += 1
                yield message

    def tell(self) -> None:
        """Log how far the sync has come."""
        so_far = ", ".join(f"{stream} {count:,}" for stream, count in list(self._records.items()))
        self._logger.info(
            f"Records so far: {so_far or 'none'}; {_described(self._meter.total())}, "
            f"{self._seconds():.0f} s."
        )

    def summarize(self, streams: Iterable[str]) -> None:
        """Log what each stream has brought and cost, and what several share."""
        names = list(streams)
        for stream in names:
            self._logger.info(
                f"Summary of {stream}: {self._records[stream]:,} records, "
                f"{_described(self._meter.cost(stream))}."
            )
        for name in self._meter.streams():
            if name not in names:
                cost = _described(self._meter.cost(name))
                self._logger.info(f"Summary of {name}, asked for on behalf of others: {cost}.")
        self._logger.info(
            f"Summary of all: {_described(self._meter.total())}, {self._seconds():.1f} s."
        )

    @contextmanager
    def _telling(self) -> Iterator[None]:
        done = threading.Event()

        def tell_until_done() -> None:
            while not done.wait(SECONDS_BETWEEN_LINES):
                self.tell()

        teller = threading.Thread(target=tell_until_done, name="progress", daemon=True)
        teller.start()
        try:
            yield
        finally:
            done.set()
            teller.join()

    def _seconds(self) -> float:
        return self._clock.monotonic() - self._started_at


def _described(cost: Cost) -> str:
    return f"{cost.requests:,} requests, throttled for {cost.throttled_seconds:.1f} s"
