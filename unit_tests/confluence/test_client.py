"""The one way to Confluence: it signs, waits for its turn, sends, and retries."""

from __future__ import annotations

import logging
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests_mock import Mocker, create_response
from requests_mock.request import _RequestObjectProxy as Request
from requests_mock.response import _Context as Context

from source_confluence.confluence.connection import Connection
from source_confluence.confluence.errors import (
    ConfluenceError,
    CredentialsRejected,
    NotConfluence,
    NotFound,
    NotPermitted,
    RequestRefused,
    ServerError,
    Throttled,
    Unreachable,
)
from source_confluence.confluence.retry_policy import CHECK_LIMITS, RetryLimits
from unit_tests.confluence.answers import (
    AUTHORIZATION,
    BAD_GATEWAY,
    CUT_OFF,
    GARBLED,
    GOOD,
    HTML,
    NO_ANSWER,
    PATH,
    REFUSED,
    RESET,
    TIMED_OUT,
    UNAUTHORIZED,
    UNKNOWN_HOST,
    URL,
    get,
    throttled,
    wait,
)
from unit_tests.fakes import API_TOKEN, FakeClock, make_connection, spec_schema
from unit_tests.virtual_time import VirtualTime


class TestARequest:
    def test_is_signed_and_accepts_json(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, **GOOD)

        response = get(connection, status="current,archived", cursor="a+b/c=")

        (request,) = requests_mock.request_history
        assert response.body == {"results": []}
        assert request.qs == {"status": ["current,archived"], "cursor": ["a+b/c="]}
        assert request.headers["Authorization"] == AUTHORIZATION
        assert request.headers["Accept"] == "application/json"
        assert request.headers["Accept-Language"] == "en"
        assert request.headers["User-Agent"] == "source-confluence"

    @pytest.mark.parametrize(
        ("limits", "timeouts"), [(RetryLimits(), (10.0, 90.0)), (CHECK_LIMITS, (3.0, 6.0))]
    )
    def test_has_time_limits(
        self, requests_mock: Mocker, limits: RetryLimits, timeouts: tuple[float, float]
    ) -> None:
        requests_mock.get(URL, **GOOD)

        get(make_connection(limits=limits))

        sent_with: object = requests_mock.request_history[0].timeout
        assert sent_with == timeouts

    def test_is_counted_for_its_stream_as_often_as_it_is_sent(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, [BAD_GATEWAY, wait(7), GOOD])

        get(connection, attempts=2)

        assert connection.meter.requests("pages") == 3
        assert connection.meter.requests("audit") == 0

    def test_takes_no_credentials_from_a_netrc_file(
        self,
        connection: Connection,
        requests_mock: Mocker,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        netrc = tmp_path / "netrc"
        netrc.write_text("machine example.com login me password a-secret\n", encoding="utf-8")
        monkeypatch.setenv("NETRC", str(netrc))
        requests_mock.get("https://example.com/wiki/api/v2/pages", **GOOD)

        connection.client.get("https://example.com/wiki/api/v2/pages", {}, stream="pages")

        assert "Authorization" not in requests_mock.request_history[0].headers

    def test_every_worker_may_keep_a_connection_open(self, connection: Connection) -> None:
        most_workers = spec_schema()["properties"]["num_workers"]["maximum"]

        adapter = connection.client.session.get_adapter(URL)

        assert isinstance(adapter, HTTPAdapter)
        assert vars(adapter)["_pool_maxsize"] == most_workers

    def test_the_time_of_the_server_is_that_of_its_first_answer(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        def at(minute: int, status: int) -> dict[str, Any]:
            date = f"Sun, 01 Jun 2025 12:{minute:02d}:00 GMT"
            return {"status_code": status, "headers": {"Date": date}, "json": {}}

        requests_mock.get(URL, [at(5, 502), at(6, 200)])
        assert connection.client.server_time_at_start is None

        get(connection, attempts=2)

        assert connection.client.server_time_at_start == datetime(
            2025, 6, 1, 12, 5, tzinfo=timezone.utc
        )

    @pytest.mark.parametrize("headers", [{}, {"Date": "tomorrow"}])
    def test_a_server_without_a_clock(
        self, connection: Connection, requests_mock: Mocker, headers: dict[str, str]
    ) -> None:
        requests_mock.get(URL, headers=headers, **GOOD)

        get(connection)

        assert connection.client.server_time_at_start is None


class TestRedirects:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_are_not_followed(
        self, connection: Connection, requests_mock: Mocker, status: int
    ) -> None:
        elsewhere = requests_mock.get("https://example.com/login", **GOOD)
        location = {"Location": "https://example.com/login"}
        requests_mock.get(URL, status_code=status, headers=location)

        with pytest.raises(NotConfluence, match=r"example\.com"):
            get(connection)

        assert not elsewhere.called
        assert requests_mock.call_count == 1


class TestFailures:
    @pytest.mark.parametrize(
        "failure",
        [
            {"status_code": 500},
            {"status_code": 502, "text": "<html>Bad gateway</html>"},
            {"status_code": 408},
            {"exc": TIMED_OUT},
            {"exc": RESET},
            {"exc": CUT_OFF},
            {"exc": GARBLED},
            {"content": HTML},
            {"text": '{"results": [{"id": "1"}, {"i'},
            {"text": ""},
            {"text": "null"},
        ],
        ids=str,
    )
    def test_are_retried_with_growing_delays(
        self,
        connection: Connection,
        clock: FakeClock,
        requests_mock: Mocker,
        failure: dict[str, Any],
    ) -> None:
        requests_mock.get(URL, [failure, failure, failure, GOOD])

        assert get(connection, attempts=4, cursor="x").body == {"results": []}

        assert clock.sleeps == [0.5, 1.0, 2.0]
        for request in requests_mock.request_history:
            assert request.qs == {"cursor": ["x"]}
            assert request.headers["Authorization"] == AUTHORIZATION

    @pytest.mark.parametrize(("attempts", "sent"), [({}, 6), ({"attempts": 1}, 1)])
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_are_retried_six_times_unless_the_caller_says_otherwise(
        self,
        connection: Connection,
        requests_mock: Mocker,
        method: str,
        attempts: dict[str, int],
        sent: int,
    ) -> None:
        requests_mock.register_uri(method, URL, **BAD_GATEWAY)

        with pytest.raises(ServerError):
            getattr(connection.client, method)(URL, {}, stream="pages", **attempts)

        assert requests_mock.call_count == sent

    def test_of_the_connection_have_a_limit_of_their_own(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, [{"exc": REFUSED}])

        with pytest.raises(Unreachable):
            get(connection, attempts=1)

        assert requests_mock.call_count == 5

    def test_of_the_connection_end_when_the_network_is_back(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        lost = [{"exc": error} for error in (REFUSED, UNKNOWN_HOST, NO_ANSWER)]
        requests_mock.get(URL, [*lost, GOOD])

        assert get(connection).body == {"results": []}

    def test_are_logged(
        self, connection: Connection, requests_mock: Mocker, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, "airbyte")
        requests_mock.get(URL, [BAD_GATEWAY, GOOD])

        get(connection, attempts=2, cursor="a-secret")

        (line,) = caplog.messages
        assert "502" in line
        assert PATH in line
        assert "a-secret" not in line

    def test_an_address_that_is_none(self, connection: Connection) -> None:
        with pytest.raises(NotConfluence):
            connection.client.get("https://", {}, stream="pages")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (UNAUTHORIZED, CredentialsRejected),
        ({"status_code": 403, "json": {"message": "Not for you"}}, NotPermitted),
        ({"status_code": 404, "json": {"message": "No page 7"}}, NotFound),
        ({"status_code": 400, "json": {"message": "Invalid"}}, RequestRefused),
    ],
)
def test_refusals_are_not_retried(
    connection: Connection,
    clock: FakeClock,
    requests_mock: Mocker,
    answer: dict[str, Any],
    kind: type[ConfluenceError],
) -> None:
    requests_mock.get(URL, [answer])

    with pytest.raises(kind):
        get(connection, attempts=6)

    assert requests_mock.call_count == 1
    assert clock.sleeps == []


class TestRateLimits:
    @pytest.mark.parametrize(("seconds", "slept"), [(30, 30), (0, 0.2)])
    def test_are_waited_out(
        self,
        connection: Connection,
        clock: FakeClock,
        requests_mock: Mocker,
        seconds: int,
        slept: float,
    ) -> None:
        requests_mock.get(URL, [wait(seconds), GOOD])

        get(connection)

        assert clock.sleeps == pytest.approx([slept])

    def test_hold_for_all_requests_of_the_source(
        self, connection: Connection, clock: FakeClock, requests_mock: Mocker
    ) -> None:
        """The wait of one stream delays the request of another that was not throttled."""
        other = "https://your-domain.atlassian.net/wiki/rest/api/group"
        requests_mock.get(URL, [wait(4000)])
        requests_mock.get(other, [wait(600), GOOD])
        connection.client.get(other, {}, stream="group")
        assert clock.monotonic() == 600.0

        with pytest.raises(Throttled):
            get(connection)

        assert clock.monotonic() > 600.0

    def test_what_succeeded_before_decides_how_fast_to_continue(
        self, connection: Connection, clock: FakeClock, requests_mock: Mocker
    ) -> None:
        def answer(_request: Request, _context: Context) -> dict[str, list[str]]:
            clock.advance(0.5)
            return {"results": []}

        requests_mock.get(URL, [{"json": answer}] * 20 + [wait(30), GOOD])
        for _ in range(21):
            get(connection)
        continued_at = clock.monotonic()

        get(connection)

        assert continued_at == 40.0
        assert clock.monotonic() - continued_at == pytest.approx(1 / (0.75 * 2), rel=0.1)

    @pytest.mark.parametrize(
        ("seconds", "level"), [(30, logging.INFO), (1, logging.INFO), (0, logging.DEBUG)]
    )
    def test_are_logged(
        self,
        connection: Connection,
        requests_mock: Mocker,
        caplog: pytest.LogCaptureFixture,
        seconds: int,
        level: int,
    ) -> None:
        caplog.set_level(logging.DEBUG, "airbyte")
        reason = {"RateLimit-Reason": "confluence-burst-based"}
        requests_mock.get(URL, [throttled({"Retry-After": str(seconds), **reason}), GOOD])

        get(connection)

        (line,) = [one for one in caplog.records if reason["RateLimit-Reason"] in one.message]
        assert f"{seconds}.0 s" in line.message
        assert line.levelno == level

    def test_are_logged_once_for_all_workers_that_are_refused_together(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, "airbyte")
        time = VirtualTime()
        connection = make_connection(clock=time)
        waits = iter([30, 30, 30, 60, 60, 90])

        def send(request: PreparedRequest, **_: object) -> Response:
            time.sleep(0.2)
            seconds = next(waits, None)
            answer = GOOD if seconds is None else wait(seconds)
            return create_response(request, **answer)

        monkeypatch.setattr(connection.client.session, "send", send)

        def work() -> None:
            get(connection)

        time.run([work] * 6)

        short, long = [one for one in caplog.messages if "429" in one]
        assert "30.0 s" in short
        assert "60.0 s" in long
        assert connection.client.rate_limiter.waited > 90


def test_no_secret_in_the_log(
    connection: Connection, requests_mock: Mocker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "airbyte")
    answers = [
        BAD_GATEWAY,
        {"exc": RESET},
        {"content": HTML},
        wait(30),
        throttled(status=503),
        GOOD,
    ]
    requests_mock.get(URL, answers)

    get(connection, attempts=4)

    assert f"GET {URL} answered 200, 15 bytes." in caplog.messages
    assert len(caplog.messages) > len(answers)
    assert API_TOKEN not in caplog.text
    assert AUTHORIZATION.removeprefix("Basic ") not in caplog.text
