"""All workers wait for as long as the server says, but not for ever."""

from __future__ import annotations

import logging
from datetime import datetime, timezone

import pytest
from requests_mock import Mocker
from requests_mock.request import _RequestObjectProxy as Request
from requests_mock.response import _Context as Context

from source_confluence.confluence.client import CHECK_LIMITS, RetryLimits
from source_confluence.confluence.responses import (
    ServerTrouble,
    Throttled,
)
from source_confluence.connection import Connection
from unit_tests.confluence.answers import GOOD, URL, get, throttled, wait
from unit_tests.fakes import FakeClock, make_connection


class TestThrottling:
    @pytest.mark.parametrize("status", [429, 503])
    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [
            ({"Retry-After": "30"}, 30.0),
            ({"Retry-After": "Sun, 01 Jun 2025 12:00:30 GMT"}, 30.0),
            ({"Retry-After": "0"}, 0.2),
            ({"Retry-After": "Sun, 01 Jun 2025 11:00:00 GMT"}, 0.2),
            ({"X-RateLimit-Reset": "2025-06-01T12:00:30Z"}, 30.0),
            ({"X-RateLimit-Reset": "2025-06-01T12:01Z"}, 60.0),
            ({}, 0.5),
            ({"Retry-After": "soon"}, 0.5),
        ],
    )
    def test_waits_for_as_long_as_the_server_says(
        self,
        *,
        connection: Connection,
        clock: FakeClock,
        requests_mock: Mocker,
        status: int,
        headers: dict[str, str],
        seconds: float,
    ) -> None:
        requests_mock.get(URL, [throttled(headers, status), GOOD])

        get(connection)

        assert clock.sleeps == pytest.approx([seconds])

    def test_a_date_is_counted_from_the_time_of_the_server_not_ours(
        self, requests_mock: Mocker
    ) -> None:
        clock = FakeClock(start=datetime(2025, 6, 1, 11, 0, tzinfo=timezone.utc))
        connection = make_connection(clock=clock)
        requests_mock.get(URL, [throttled({"Retry-After": "Sun, 01 Jun 2025 12:00:30 GMT"}), GOOD])

        get(connection)

        assert clock.sleeps == [30.0]

    def test_a_date_is_counted_from_our_time_where_the_server_tells_none(
        self, connection: Connection, clock: FakeClock, requests_mock: Mocker
    ) -> None:
        headers = {"Retry-After": "Sun, 01 Jun 2025 12:00:45 GMT"}
        requests_mock.get(URL, [{"status_code": 429, "headers": headers}, GOOD])

        get(connection)

        assert clock.sleeps == [45.0]

    def test_waiting_is_no_failed_attempt(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, [wait(30)] * 20 + [GOOD])

        get(connection, attempts=1)

        assert requests_mock.call_count == 21

    def test_all_requests_of_the_source_wait(
        self, connection: Connection, clock: FakeClock, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, [wait(9999)])
        other = "https://your-domain.atlassian.net/wiki/rest/api/group"
        requests_mock.get(other, [wait(600), GOOD])
        connection.client.get(other, {}, stream="group")
        assert clock.monotonic() == 600.0

        with pytest.raises(Throttled):
            get(connection)

        assert clock.monotonic() > 600.0
        assert connection.meter.cost("group").throttled_seconds == 600.0
        assert connection.meter.cost("pages").throttled_seconds > 0.0

    def test_what_got_through_before_tells_how_fast_to_go_on(
        self, connection: Connection, clock: FakeClock, requests_mock: Mocker
    ) -> None:
        def answer(_request: Request, _context: Context) -> dict[str, list[str]]:
            clock.advance(0.5)
            return {"results": []}

        requests_mock.get(URL, [{"json": answer}] * 20 + [wait(30), GOOD])
        for _ in range(21):
            get(connection)
        went_on_at = clock.monotonic()

        get(connection)

        assert went_on_at == 40.0
        assert clock.monotonic() - went_on_at == pytest.approx(1 / (0.75 * 2), rel=0.1)

    def test_an_hourly_quota_is_waited_out(
        self, connection: Connection, clock: FakeClock, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, [throttled({"X-RateLimit-Reset": "2025-06-01T13:00Z"}), GOOD])

        get(connection)

        assert clock.monotonic() == 3600.0

    @pytest.mark.parametrize(
        ("patience", "longest"), [(RetryLimits(), 3900), (CHECK_LIMITS, 4)], ids=["sync", "check"]
    )
    def test_a_wait_beyond_patience_ends_in_a_transient_error(
        self, clock: FakeClock, requests_mock: Mocker, patience: RetryLimits, longest: int
    ) -> None:
        connection = make_connection(clock=clock, patience=patience)
        requests_mock.get(URL, [wait(longest), GOOD])
        get(connection)
        assert clock.monotonic() == longest

        requests_mock.get(URL, [wait(longest + 1), GOOD])
        with pytest.raises(Throttled) as ended:
            get(connection)

        assert ended.value.sentence == (
            f"Confluence limits the rate of requests and asks to wait for {longest + 1} s more, "
            "after 0 s: run the sync again later."
        )

    def test_waits_add_up_until_patience_is_at_its_end(
        self, connection: Connection, clock: FakeClock, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, [wait(1000)] * 10)

        with pytest.raises(Throttled, match=r"1000 s more, after 3000 s"):
            get(connection)

        assert requests_mock.call_count == 4
        assert clock.sleeps == [1000.0] * 3

    @pytest.mark.parametrize("headers", [{"Retry-After": "0"}, {}], ids=["0", "nothing"])
    def test_a_server_that_never_lets_us_in_does_not_keep_us_for_ever(
        self,
        connection: Connection,
        clock: FakeClock,
        requests_mock: Mocker,
        headers: dict[str, str],
    ) -> None:
        requests_mock.get(URL, [throttled(headers)])

        with pytest.raises(Throttled):
            get(connection)

        assert 3600 < clock.monotonic() <= 4200
        assert requests_mock.call_count < 100

    def test_zeros_that_do_not_help_grow(
        self, connection: Connection, clock: FakeClock, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, [wait(0)] * 6 + [GOOD])

        get(connection)

        assert clock.sleeps == pytest.approx([0.2, 0.5, 1.0, 2.0, 4.0, 8.0])

    def test_a_stated_wait_is_not_shortened_by_our_own_delays(
        self, connection: Connection, clock: FakeClock, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, [wait(5)] * 3 + [GOOD])

        get(connection)

        assert clock.sleeps == [5.0, 5.0, 5.0]

    @pytest.mark.parametrize(
        ("patience", "asked"), [(RetryLimits(), 3), (CHECK_LIMITS, 1)], ids=["sync", "check"]
    )
    def test_a_503_without_a_word_is_a_failing_server_in_the_end(
        self, requests_mock: Mocker, patience: RetryLimits, asked: int
    ) -> None:
        requests_mock.get(URL, [throttled(status=503)])

        with pytest.raises(ServerTrouble, match=r"^Confluence answered 503 for /wiki/api/v2/pages"):
            get(make_connection(patience=patience))

        assert requests_mock.call_count == asked

    def test_a_503_with_a_word_is_waited_out(
        self, connection: Connection, clock: FakeClock, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, [wait(60, 503)] * 5 + [GOOD])

        get(connection)

        assert clock.sleeps == [60.0] * 5

    @pytest.mark.parametrize(
        ("seconds", "level"), [(30, logging.INFO), (1, logging.INFO), (0, logging.DEBUG)]
    )
    def test_a_wait_is_told_in_the_log(
        self,
        connection: Connection,
        requests_mock: Mocker,
        caplog: pytest.LogCaptureFixture,
        seconds: int,
        level: int,
    ) -> None:
        caplog.set_level(logging.DEBUG, "airbyte")
        reason = {"RateLimit-Reason": "confluence-burst-based"}
        refusal = throttled({"Retry-After": str(seconds), **reason})
        requests_mock.get(URL, [refusal, wait(seconds), GOOD])

        get(connection)

        told = [record for record in caplog.records if "all workers wait" in record.message]
        assert told[0].message == (
            f"Confluence answered 429 (confluence-burst-based): all workers wait {seconds}.0 s."
        )
        assert told[1].message.startswith("Confluence answered 429 (rate limited): ")
        assert told[0].levelno == level
