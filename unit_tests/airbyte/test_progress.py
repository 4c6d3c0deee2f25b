"""The log lines about a running sync, and the summary at its end."""

from __future__ import annotations

import logging
import threading
from collections import Counter

import pytest
from typing_extensions import override

from source_confluence.airbyte.progress import Progress
from source_confluence.confluence.meter import Meter
from unit_tests.fakes import FakeClock
from unit_tests.run_sync import LOGGER


@pytest.fixture
def counts() -> Counter[str]:
    return Counter()


@pytest.fixture
def meter() -> Meter:
    return Meter()


@pytest.fixture
def progress(
    counts: Counter[str], meter: Meter, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> Progress:
    caplog.set_level(logging.INFO)
    return Progress(counts, meter, clock, LOGGER)


def test_a_line_has_records_requests_throttled_seconds_and_time(
    progress: Progress,
    counts: Counter[str],
    meter: Meter,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    counts.update({"pages": 1234, "space": 1})
    for stream in ("pages", "space"):
        meter.requested(stream, 0.75)
    clock.advance(90)

    progress.log()

    (line,) = caplog.messages
    for part in ("pages 1,234", "space 1", "2 requests", "1.5 s", "90 s"):
        assert part in line


def test_a_line_before_the_first_record(
    progress: Progress, caplog: pytest.LogCaptureFixture
) -> None:
    progress.log()

    (line,) = caplog.messages
    assert "0 requests" in line


def test_the_summary_has_a_line_per_stream_and_one_for_all(
    progress: Progress,
    counts: Counter[str],
    meter: Meter,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    counts["pages"] = 2
    meter.requested("pages", 2)
    meter.requested("check")
    clock.advance(3.25)

    progress.log_summary(["pages", "audit"])

    pages, audit, check, total = caplog.messages
    assert all(part in pages for part in ("pages", "2 records", "1 requests", "2.0 s"))
    assert all(part in audit for part in ("audit", "0 records", "0 requests"))
    assert all(part in check for part in ("check", "1 requests"))
    assert "records" not in check
    assert all(part in total for part in ("all", "2 requests", "3.2 s"))


class LineCounter(logging.Handler):
    """Lets a test wait for log lines."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = threading.Semaphore(0)

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.lines.release()


def test_lines_are_logged_at_a_steady_pace_even_while_no_record_arrives(
    meter: Meter, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    handler = LineCounter()
    LOGGER.addHandler(handler)
    try:
        with Progress({}, meter, clock, LOGGER, interval=0.001).log_periodically():
            for _ in range(3):
                assert handler.lines.acquire(timeout=10), "no line was logged"
    finally:
        LOGGER.removeHandler(handler)


@pytest.mark.parametrize("fails", [False, True])
def test_the_thread_that_logs_ends_with_the_sync(progress: Progress, *, fails: bool) -> None:
    def threads() -> list[str]:
        return [thread.name for thread in threading.enumerate()]

    def sync() -> None:
        with progress.log_periodically():
            assert "progress" in threads()
            if fails:
                raise ValueError("broken")

    if fails:
        with pytest.raises(ValueError, match="broken"):
            sync()
    else:
        sync()

    assert "progress" not in threads()
