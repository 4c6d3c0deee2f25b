"""The log lines about a running sync."""

from __future__ import annotations

import logging
import re
import threading
from collections import Counter

import pytest
from typing_extensions import override

from source_confluence.airbyte.figures import Figures
from source_confluence.airbyte.progress import Progress
from source_confluence.confluence.meter import Meter
from source_confluence.confluence.rate_limiter import RateLimiter
from source_confluence.streams.sync.stream_progress import StreamProgress
from unit_tests.fakes import FakeClock
from unit_tests.run_sync import LOGGER

NAMES = ("pages", "page_labels", "space", "users")


class Stage:
    """A sync of four streams that is only reported."""

    def __init__(self, clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
        self.clock = clock
        self.counts: Counter[str] = Counter()
        self.streams = {name: StreamProgress(clock) for name in NAMES}
        self.meter, self.limiter = Meter(), RateLimiter(clock)
        self.figures = Figures(self.streams, self.counts, self.meter, self.limiter)
        self.progress = Progress(self.figures, clock, LOGGER)
        self._caplog = caplog

    def line(self) -> str:
        self._caplog.clear()
        self.progress.log()
        (line,) = self._caplog.messages
        return str(line)

    def list_slices(self, stream: str, count: int) -> None:
        with self.streams[stream].listing():
            for number in range(count):
                self.streams[stream].found({"listed": number})

    def read_slices(self, stream: str, count: int, seconds: float, records: int = 250) -> None:
        for _ in range(count):
            with self.streams[stream].reading({"listed": 1}):
                self.clock.advance(seconds)
            self.counts[stream] += records


@pytest.fixture
def stage(clock: FakeClock, caplog: pytest.LogCaptureFixture) -> Stage:
    caplog.set_level(logging.INFO)
    return Stage(clock, caplog)


def numbers_in(text: str) -> list[str]:
    return re.findall(r"[\d.,]*\d", text)


def test_a_line_counts_streams_records_and_requests(stage: Stage) -> None:
    stage.list_slices("space", 1)
    stage.read_slices("space", 1, 60.0, records=1200)
    stage.list_slices("pages", 9)
    stage.read_slices("pages", 1, 30.0, records=34)
    for _ in range(450):
        stage.meter.requested("pages")

    states, totals = stage.line().split(". ")[:2]

    assert numbers_in(states) == ["1", "30", "1", "4", "1", "2"]
    assert numbers_in(totals) == ["1,234", "14", "450", "5.0", "0"]


def test_rates_are_those_since_the_last_line(stage: Stage) -> None:
    stage.list_slices("pages", 9)
    stage.read_slices("pages", 1, 30.0, records=3000)
    stage.meter.requested("pages")
    stage.line()
    stage.read_slices("pages", 1, 30.0, records=60)

    totals = stage.line().split(". ")[1]

    assert numbers_in(totals)[:4] == ["3,060", "2.0", "1", "0.0"]


def test_a_line_before_anything_has_begun(stage: Stage) -> None:
    line = stage.line()

    assert numbers_in(line) == ["0", "0", "4", "0", "4", "0", "0.0", "0", "0.0", "0"]
    assert not any(name in line for name in NAMES)


def test_finished_streams_are_named_once(stage: Stage) -> None:
    stage.list_slices("space", 1)
    stage.read_slices("space", 1, 1.0, records=12)

    assert "space 12 records" in stage.line()
    assert "space" not in stage.line()


def test_a_percentage_and_the_time_left_follow_once_the_total_is_known(stage: Stage) -> None:
    pages = stage.streams["pages"]
    for number in range(4):
        pages.found({"listed": number})
    stage.read_slices("pages", 2, 30.0)
    assert "%" not in stage.line()
    for number in range(4):
        pages.found({"listed": number})
    with pages.listing():
        stage.read_slices("pages", 2, 30.0)

    line = stage.line()

    assert "pages 1,000 records (about 50 %, about 2 min left)" in line


def test_a_stream_that_has_not_ended_is_never_above_99_percent(stage: Stage) -> None:
    stage.list_slices("pages", 400)
    stage.read_slices("pages", 399, 1.0)
    stage.clock.advance(30)

    assert "about 99 %" in stage.line()
    stage.streams["pages"].expects(10)
    assert "about 99 %" in stage.line()


def test_the_time_left_follows_the_recent_rate_and_is_left_out_without_one(stage: Stage) -> None:
    stage.list_slices("pages", 100)
    stage.read_slices("pages", 20, 1.0)
    lines = []
    for _ in range(9):
        stage.clock.advance(30)
        lines.append(stage.line())

    assert "about 20 %" in lines[-1]
    assert ["left" in line for line in lines] == [True] * 4 + [False] * 5
    stage.read_slices("pages", 20, 1.5)
    assert "about 40 %, about 6 min left" in stage.line()


def test_a_line_names_at_most_eight_streams_that_run(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    streams = {f"stream{number}": StreamProgress(clock) for number in range(10)}
    for one in streams.values():
        one.found({})
        with one.reading({}):
            pass
    figures = Figures(streams, {"stream9": 5}, Meter(), RateLimiter(clock))

    Progress(figures, clock, LOGGER).log()

    named = re.findall(r"stream\d", caplog.messages[0])
    assert named == ["stream9", *(f"stream{number}" for number in range(7))]
    assert "2 more" in caplog.messages[0]


def test_a_pause_is_told_while_it_lasts(stage: Stage) -> None:
    stage.limiter.throttled(stage.limiter.acquire(), wait=90.0)

    assert "1 min 30 s" in stage.line().split(". ")[1]
    stage.clock.advance(90)
    assert "1 min 30 s" not in stage.line().split(". ")[1]


class LineCounter(logging.Handler):
    """Lets a test wait for log lines."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = threading.Semaphore(0)

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.lines.release()


def test_lines_are_logged_at_a_steady_pace_even_while_no_record_arrives(stage: Stage) -> None:
    handler = LineCounter()
    LOGGER.addHandler(handler)
    progress = Progress(stage.figures, stage.clock, LOGGER, interval=0.001)
    try:
        with progress.log_periodically():
            for _ in range(3):
                assert handler.lines.acquire(timeout=10), "no line was logged"
    finally:
        LOGGER.removeHandler(handler)


@pytest.mark.parametrize("fails", [False, True])
def test_the_thread_that_logs_ends_with_the_sync(stage: Stage, *, fails: bool) -> None:
    def threads() -> list[str]:
        return [thread.name for thread in threading.enumerate()]

    def sync() -> None:
        with stage.progress.log_periodically():
            assert "progress" in threads()
            if fails:
                raise ValueError("broken")

    if fails:
        with pytest.raises(ValueError, match="broken"):
            sync()
    else:
        sync()

    assert "progress" not in threads()
