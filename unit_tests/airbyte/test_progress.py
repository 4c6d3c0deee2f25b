"""What is told of a sync while it runs, and at its end."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest
from airbyte_cdk.models import AirbyteMessage, AirbyteRecordMessage, Type

from source_confluence.airbyte import progress as progress_module
from source_confluence.airbyte.progress import Progress
from source_confluence.confluence.meter import Meter
from unit_tests.airbyte.test_messages import log
from unit_tests.fakes import FakeClock
from unit_tests.run_sync import LOGGER


def record(stream: str) -> AirbyteMessage:
    return AirbyteMessage(
        type=Type.RECORD, record=AirbyteRecordMessage(stream=stream, data={}, emitted_at=0)
    )


@pytest.fixture
def meter() -> Meter:
    return Meter()


@pytest.fixture
def progress(meter: Meter, clock: FakeClock, caplog: pytest.LogCaptureFixture) -> Progress:
    caplog.set_level(logging.INFO)
    return Progress(meter, clock, LOGGER)


def test_messages_pass_unchanged_and_in_order(progress: Progress) -> None:
    messages = [record("pages"), log("a line"), record("space")]

    assert list(progress.watched(messages)) == messages


def test_a_line_tells_records_requests_and_throttled_seconds(
    progress: Progress, meter: Meter, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    list(progress.watched([*[record("pages")] * 1234, log("a line"), record("space")]))
    for stream in ("pages", "space"):
        meter.requested(stream)
        meter.waited(stream, 0.75)
    clock.advance(90)

    progress.tell()

    assert caplog.messages == [
        "Records so far: pages 1,234, space 1; 2 requests, throttled for 1.5 s, 90 s."
    ]


def test_a_line_before_the_first_record_says_so(
    progress: Progress, caplog: pytest.LogCaptureFixture
) -> None:
    progress.tell()

    assert caplog.messages == ["Records so far: none; 0 requests, throttled for 0.0 s, 0 s."]


def test_every_stream_is_summed_up_and_the_whole(
    progress: Progress, meter: Meter, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    list(progress.watched([record("pages")] * 2))
    meter.requested("pages")
    meter.requested("check")
    meter.waited("pages", 2)
    clock.advance(3.25)

    progress.summarize(["pages", "audit"])

    assert caplog.messages == [
        "Summary of pages: 2 records, 1 requests, throttled for 2.0 s.",
        "Summary of audit: 0 records, 0 requests, throttled for 0.0 s.",
        "Summary of check, asked for on behalf of others: 1 requests, throttled for 0.0 s.",
        "Summary of all: 2 requests, throttled for 2.0 s, 3.2 s.",
    ]


class Telling(logging.Handler):
    """Lets a test wait for a line."""

    def __init__(self) -> None:
        super().__init__()
        self.told = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002  # any line will do
        self.told.set()


def test_it_is_told_at_a_steady_pace_even_while_no_message_comes(
    progress: Progress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_module, "SECONDS_BETWEEN_LINES", 0.001)
    telling = Telling()
    LOGGER.addHandler(telling)

    def slow() -> Iterator[AirbyteMessage]:
        for _ in range(2):
            telling.told.clear()
            assert telling.told.wait(10), "nothing was told while no message came"
        yield record("pages")

    try:
        assert list(progress.watched(slow())) == [record("pages")]
    finally:
        LOGGER.removeHandler(telling)


@pytest.mark.parametrize("breaks", [False, True])
def test_the_telling_ends_with_the_sync(progress: Progress, breaks: bool) -> None:
    def messages() -> Iterator[AirbyteMessage]:
        assert "progress" in [thread.name for thread in threading.enumerate()]
        yield record("pages")
        if breaks:
            raise ValueError("broken")

    watched = progress.watched(messages())
    if breaks:
        with pytest.raises(ValueError, match="broken"):
            list(watched)
    else:
        list(watched)

    assert "progress" not in [thread.name for thread in threading.enumerate()]
