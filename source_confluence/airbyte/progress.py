"""Log lines about a running sync: one every half minute.

The records are counted where the queue hands them over, batch by batch (`RecordQueue`): a layer of
its own around the messages would cost every record a detour.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from source_confluence.airbyte.figures import Figures, amount, duration, rate
from source_confluence.confluence.clock import Clock

SECONDS_BETWEEN_LINES = 30.0
MOST_RUNNING = 8
"""A line names this many streams that run: more would be hard to read."""
MOST_FINISHED = 6
LINES_FOR_RATE = 4
"""The time left follows from the rate of the last two minutes."""
LONGEST_ESTIMATE = 7 * 24 * 3600.0
"""More seconds left than these mean that the rate is not known."""
HIGHEST_PERCENT = 99
"""Of a stream that has not ended."""
MINUTE = 60.0


class Progress:
    """Logs how far a sync has come: how many streams, records and requests, and what is left."""

    def __init__(
        self,
        figures: Figures,
        clock: Clock,
        logger: logging.Logger,
        *,
        interval: float = SECONDS_BETWEEN_LINES,
    ) -> None:
        """`interval` is in seconds."""
        self._figures = figures
        self._clock = clock
        self._logger = logger
        self._interval = interval
        self._started_at = self._last_at = clock.monotonic()
        self._last_requests = 0
        self._last_counts = dict.fromkeys(figures.streams, 0)
        self._reported: set[str] = set()
        self._samples: dict[str, deque[tuple[float, float]]] = {}

    @property
    def seconds(self) -> float:
        """How long the sync has taken so far."""
        return self._clock.monotonic() - self._started_at

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
        """Log how far the sync has come. Rates are those since the last line."""
        now, counts = self._clock.monotonic(), self._figures.counts()
        streams = self._figures.streams
        ended = [name for name, one in streams.items() if one.has_ended]
        running = [name for name, one in streams.items() if one.is_running]
        waiting = len(streams) - len(ended) - len(running)
        done = f"{len(ended)} of {amount(len(streams), 'stream')} done"
        parts = [
            f"After {duration(self.seconds)}: {done}, {len(running)} running, {waiting} waiting",
            self._totals(now, sum(counts.values())),
        ]
        if running:
            parts.append(f"Running: {self._running(running, now, counts)}")
        fresh = [
            f"{name} {amount(counts[name], 'record')}"
            for name in ended
            if name not in self._reported
        ]
        if fresh:
            parts.append(f"Finished since the last line: {_listed(fresh, MOST_FINISHED)}")
        self._reported.update(ended)
        self._last_at, self._last_counts = now, counts
        self._logger.info(". ".join([*parts, ""]).rstrip())

    def _totals(self, now: float, records: int) -> str:
        limiter, requests = self._figures.rate_limiter, self._figures.meter.total()
        seconds, before = now - self._last_at, sum(self._last_counts.values())
        text = (
            f"{amount(records, 'record')} ({rate(records - before, seconds)}), "
            f"{amount(requests, 'request')} ({rate(requests - self._last_requests, seconds)}), "
            f"waited {duration(limiter.waited)} for rate limits"
        )
        self._last_requests = requests
        pause = limiter.pause_left
        return f"{text}, paused for another {duration(pause)}" if pause >= 1 else text

    def _running(self, names: list[str], now: float, counts: dict[str, int]) -> str:
        """Return what to say of the streams that run, first of those that advance."""
        texts = {name: self._text_of(name, now, counts[name]) for name in names}
        moving = [name for name in names if counts[name] != self._last_counts[name]]
        ordered = [*moving, *(name for name in names if name not in moving)]
        return _listed([texts[name] for name in ordered], MOST_RUNNING)

    def _text_of(self, name: str, now: float, count: int) -> str:
        text = f"{name} {amount(count, 'record')}"
        share = self._figures.streams[name].share(count)
        if share is None:
            return text
        percent = f"about {min(HIGHEST_PERCENT, int(share * 100))} %"
        left = self._seconds_left(name, now, share)
        if left is None:
            return f"{text} ({percent})"
        about = "less than a minute" if left < MINUTE else f"about {duration(left, 1)}"
        return f"{text} ({percent}, {about} left)"

    def _seconds_left(self, name: str, now: float, share: float) -> float | None:
        """Return the time that a stream needs at its recent rate; None if that says nothing."""
        since = self._figures.streams[name].reading_since
        if since is None:
            return None
        if name not in self._samples:
            self._samples[name] = deque([(since, 0.0)], maxlen=LINES_FOR_RATE + 1)
        samples = self._samples[name]
        samples.append((now, share))
        first_at, first_share = samples[0]
        if share <= first_share or now <= first_at:
            return None
        seconds = (1 - share) / (share - first_share) * (now - first_at)
        return seconds if seconds < LONGEST_ESTIMATE else None


def _listed(texts: list[str], most: int) -> str:
    more = len(texts) - most
    return ", ".join(texts[:most]) + (f", and {more} more" if more > 0 else "")
