"""The table at the end of a sync."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from source_confluence.airbyte.figures import Figures
from source_confluence.airbyte.summary import table
from source_confluence.confluence.meter import Meter
from source_confluence.confluence.rate_limiter import RateLimiter
from source_confluence.streams.sync.stream_progress import StreamProgress
from unit_tests.fakes import FakeClock

LONG = "custom_content_content_properties"


def read(stream: StreamProgress, clock: FakeClock, seconds: float) -> StreamProgress:
    stream.found({})
    with stream.listing(), stream.reading({}):
        clock.advance(seconds)
    return stream


def rows(
    streams: Mapping[str, StreamProgress],
    counts: Mapping[str, int],
    clock: FakeClock,
    requests: Mapping[str, int] | None = None,
) -> list[str]:
    meter = Meter()
    for stream, count in (requests or {}).items():
        for _ in range(count):
            meter.requested(stream)
    return list(table(Figures(streams, counts, meter, RateLimiter(clock)), clock.monotonic()))


def test_each_row_has_records_requests_seconds_and_status(clock: FakeClock) -> None:
    streams = {
        "pages": read(StreamProgress(clock), clock, 1234.5),
        LONG: read(StreamProgress(clock), clock, 1.25),
    }

    title, *body = rows(streams, {"pages": 123_456}, clock, {"pages": 1, LONG: 1200})

    assert "2" in title
    pages, other, total = [line.split() for line in body]
    assert pages == ["pages", "123,456", "records", "1", "request", "1,234.5", "s", "complete"]
    assert other == [LONG, "0", "records", "1,200", "requests", "1.2", "s", "complete"]
    assert total[:7] == ["total", "123,456", "records", "1,201", "requests", "1,235.8", "s"]


def test_the_columns_are_aligned(clock: FakeClock) -> None:
    streams = {"pages": StreamProgress(clock), LONG: read(StreamProgress(clock), clock, 80.0)}

    _, *body = rows(streams, {"pages": 1, LONG: 3_000}, clock, {"pages": 1200, "space": 1})

    for word in (" record", " request"):
        assert len({line.index(word) for line in body}) == 1
    ends = [
        line.index(status) for line, status in zip(body, ("not read", "complete"), strict=False)
    ]
    assert len(set(ends)) == 1


def test_what_was_requested_before_the_streams_has_a_row(clock: FakeClock) -> None:
    _, _, others, total = rows(
        {"pages": StreamProgress(clock)}, {}, clock, {"pages": 2, "space": 3}
    )

    assert others.split()[-2:] == ["requests", "-"]
    assert " 3 " in others
    assert " 5 " in total


@pytest.mark.parametrize("status", ["complete", "denied", "incomplete", "interrupted", "not read"])
def test_a_row_says_how_the_stream_ended(clock: FakeClock, status: str) -> None:
    stream = StreamProgress(clock)
    if status == "incomplete":
        with pytest.raises(ValueError, match="broken"), stream.listing():
            raise ValueError("broken")
    elif status == "interrupted":
        stream.found({})
        with stream.listing():
            status = "incomplete"
    elif status != "not read":
        stream.was_denied = status == "denied"
        read(stream, clock, 1.0)

    title, row, _ = rows({"pages": stream}, {}, clock)

    assert row.endswith(f" {status}")
    assert f"1 {status}" in title


def test_without_any_stream(clock: FakeClock) -> None:
    title, total = rows({}, {}, clock)

    assert "0 streams" in title
    assert total.startswith("total")
