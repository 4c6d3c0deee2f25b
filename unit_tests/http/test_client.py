"""The one way to Confluence: it signs, waits, sends, judges and tries again."""

from __future__ import annotations

import logging
from base64 import b64encode
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from requests_mock import Mocker
from requests_mock.request import _RequestObjectProxy as Request
from requests_mock.response import _Context as Context

from source_confluence.connection import Connection
from source_confluence.errors import ConfluenceError
from source_confluence.http.client import CHECK_PATIENCE, Patience
from source_confluence.http.errors import (
    CredentialsRejected,
    NotConfluence,
    NotPermitted,
    ServerTrouble,
    Throttled,
    Unreachable,
)
from unit_tests.fakes import API_TOKEN, EMAIL, FakeClock, make_connection, spec_schema

PATH = "/wiki/api/v2/pages"
URL = f"https://your-domain.atlassian.net{PATH}"
GOOD: dict[str, Any] = {"json": {"results": []}}
BAD_GATEWAY: dict[str, Any] = {"status_code": 502}
AUTHORIZATION = f"Basic {b64encode(f'{EMAIL}:{API_TOKEN}'.encode()).decode()}"

TIMED_OUT = {"exc": requests.ReadTimeout("Read timed out. (read timeout=90.0)")}
RESET = {"exc": requests.ConnectionError("Connection aborted.", ConnectionResetError(104))}
CUT_OFF = {"exc": requests.exceptions.ChunkedEncodingError("IncompleteRead(7 bytes read)")}
GARBLED = {"exc": requests.exceptions.ContentDecodingError("incorrect header check")}
HTML = {"text": "<!doctype html><title>Maintenance</title>"}
HALF_JSON = {"text": '{"results": [{"id": "1"}, {"i'}
NOTHING = {"text": ""}

REFUSED = {"exc": requests.ConnectionError("Failed to establish a new connection: [Errno 111]")}
UNKNOWN_HOST = {"exc": requests.ConnectionError("NameResolutionError('Failed to resolve')")}
NO_ANSWER = {"exc": requests.ConnectTimeout("Connection timed out. (connect timeout=10.0)")}
BAD_CERTIFICATE = {"exc": requests.exceptions.SSLError("CERTIFICATE_VERIFY_FAILED")}


def throttled(headers: dict[str, str] | None = None, status: int = 429) -> dict[str, Any]:
    """A refusal at noon, the time at which the fake clock starts."""
    date = {"Date": "Sun, 01 Jun 2025 12:00:00 GMT"}
    return {"status_code": status, "headers": {**date, **(headers or {})}}


def wait(seconds: int, status: int = 429) -> dict[str, Any]:
    """A refusal for so many seconds."""
    return throttled({"Retry-After": str(seconds)}, status)


def get(connection: Connection, attempts: int = 1, **params: str) -> requests.Response:
    return connection.client.get(URL, params, stream="pages", attempts=attempts)


class TestARequest:
    def test_is_signed_and_asks_for_json(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, **GOOD)

        response = get(connection, status="current,archived", cursor="a+b/c=")

        (request,) = requests_mock.request_history
        assert response.json() == {"results": []}
        assert request.qs == {"status": ["current,archived"], "cursor": ["a+b/c="]}
        assert request.headers["Authorization"] == AUTHORIZATION
        assert request.headers["Accept"] == "application/json"
        assert request.headers["User-Agent"] == "source-confluence"

    @pytest.mark.parametrize(
        ("patience", "timeouts"), [(Patience(), (10.0, 90.0)), (CHECK_PATIENCE, (3.0, 6.0))]
    )
    def test_never_waits_without_end(
        self, requests_mock: Mocker, patience: Patience, timeouts: tuple[float, float]
    ) -> None:
        requests_mock.get(URL, **GOOD)

        get(make_connection(patience=patience))

        sent_with: object = requests_mock.request_history[0].timeout
        assert sent_with == timeouts

    def test_is_counted_for_its_stream_as_often_as_it_is_sent(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, [BAD_GATEWAY, wait(7), GOOD])

        get(connection, attempts=2)

        assert connection.meter.cost("pages").requests == 3
        assert connection.meter.cost("pages").throttled_seconds == 7.0
        assert connection.meter.cost("audit").requests == 0

    def test_a_netrc_file_is_not_asked_for_credentials(
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

        adapter = connection.client._session.get_adapter(URL)

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

        with pytest.raises(NotConfluence, match=r"redirects to example\.com: domain_name must be"):
            get(connection)

        assert not elsewhere.called
        assert requests_mock.call_count == 1


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
        ("patience", "longest"), [(Patience(), 3900), (CHECK_PATIENCE, 4)], ids=["sync", "check"]
    )
    def test_a_wait_beyond_patience_ends_in_a_transient_error(
        self, clock: FakeClock, requests_mock: Mocker, patience: Patience, longest: int
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
        ("patience", "asked"), [(Patience(), 3), (CHECK_PATIENCE, 1)], ids=["sync", "check"]
    )
    def test_a_503_without_a_word_is_a_failing_server_in_the_end(
        self, requests_mock: Mocker, patience: Patience, asked: int
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


class TestTrouble:
    """Whatever is no answer: the same request is sent again."""

    @pytest.mark.parametrize(
        "trouble",
        [
            {"status_code": 500},
            {"status_code": 502, "text": "<html>Bad gateway</html>"},
            {"status_code": 504},
            {"status_code": 408},
            TIMED_OUT,
            RESET,
            CUT_OFF,
            GARBLED,
            HTML,
            HALF_JSON,
            NOTHING,
        ],
        ids=[
            "500",
            "502",
            "504",
            "408",
            "time-out",
            "reset",
            "cut off",
            "garbled",
            "HTML",
            "half JSON",
            "nothing",
        ],
    )
    def test_is_tried_again_with_growing_delays(
        self,
        connection: Connection,
        clock: FakeClock,
        requests_mock: Mocker,
        trouble: dict[str, Any],
    ) -> None:
        requests_mock.get(URL, [trouble, trouble, trouble, GOOD])

        assert get(connection, attempts=4, cursor="x").json() == {"results": []}

        assert clock.sleeps == [0.5, 1.0, 2.0]
        assert [request.qs for request in requests_mock.request_history] == [{"cursor": ["x"]}] * 4
        authorizations = {r.headers["Authorization"] for r in requests_mock.request_history}
        assert authorizations == {AUTHORIZATION}

    @pytest.mark.parametrize("attempts", [1, 3])
    @pytest.mark.parametrize(
        ("trouble", "said"),
        [
            (
                {"status_code": 500, "json": {"errors": [{"title": "Internal error"}]}},
                "Confluence answered 500 Internal error",
            ),
            ({"status_code": 502, "text": "<html>"}, "Confluence answered 502"),
            (TIMED_OUT, "Confluence did not answer in time"),
            (RESET, "The connection to Confluence broke"),
            (CUT_OFF, "The connection to Confluence broke"),
            (HTML, "Confluence answered with something that is not JSON"),
        ],
    )
    def test_ends_as_a_transient_error_after_so_many_attempts(
        self,
        connection: Connection,
        requests_mock: Mocker,
        trouble: dict[str, Any],
        said: str,
        attempts: int,
    ) -> None:
        requests_mock.get(URL, [trouble])

        with pytest.raises(ServerTrouble) as ended:
            get(connection, attempts=attempts)

        assert ended.value.sentence == f"{said} for {PATH}, in spite of retries."
        assert requests_mock.call_count == attempts

    def test_is_not_tried_again_unless_that_is_wanted(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, [BAD_GATEWAY, GOOD])

        with pytest.raises(ServerTrouble):
            connection.client.get(URL, {}, stream="pages")

        assert requests_mock.call_count == 1

    def test_is_told_in_the_log(
        self,
        connection: Connection,
        requests_mock: Mocker,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        caplog.set_level(logging.INFO, "airbyte")
        requests_mock.get(URL, [BAD_GATEWAY, GOOD])

        get(connection, attempts=2, cursor="x")

        assert caplog.messages == [f"Confluence answered 502: trying {PATH} again in 0.5 s."]


class TestNoConnection:
    @pytest.mark.parametrize(
        ("trouble", "sentence"),
        [
            (REFUSED, "your-domain.atlassian.net cannot be reached: check domain_name and"),
            (UNKNOWN_HOST, "your-domain.atlassian.net cannot be reached: check domain_name and"),
            (NO_ANSWER, "your-domain.atlassian.net cannot be reached: check domain_name and"),
            (BAD_CERTIFICATE, "The TLS certificate of your-domain.atlassian.net could not be"),
        ],
        ids=["refused", "unknown host", "time-out", "certificate"],
    )
    def test_is_a_matter_of_its_own_patience(
        self,
        connection: Connection,
        clock: FakeClock,
        requests_mock: Mocker,
        trouble: dict[str, Any],
        sentence: str,
    ) -> None:
        requests_mock.get(URL, [trouble])

        with pytest.raises(Unreachable) as ended:
            get(connection, attempts=1)

        assert ended.value.sentence.startswith(sentence)
        assert requests_mock.call_count == 5
        assert clock.sleeps == [0.5, 1.0, 2.0, 4.0]

    def test_check_does_not_try_twice(self, requests_mock: Mocker) -> None:
        requests_mock.get(URL, [REFUSED])

        with pytest.raises(Unreachable):
            get(make_connection(patience=CHECK_PATIENCE), attempts=6)

        assert requests_mock.call_count == 1

    def test_goes_on_once_the_network_is_back(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, [REFUSED, UNKNOWN_HOST, NO_ANSWER, GOOD])

        assert get(connection).json() == {"results": []}


class TestRefusals:
    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            (
                {"status_code": 404, "json": {"errors": [{"title": "Not Found", "detail": None}]}},
                CredentialsRejected,
            ),
            (
                {"status_code": 403, "json": {"message": "caller cannot access Confluence"}},
                CredentialsRejected,
            ),
            ({"status_code": 401, "json": {"message": "Unauthorized"}}, CredentialsRejected),
            (
                {"status_code": 401, "json": {"message": "Unauthorized; scope does not match"}},
                NotPermitted,
            ),
            ({"status_code": 403, "json": {"message": "Not for you"}}, NotPermitted),
            (
                {
                    "status_code": 404,
                    "text": "<html>",
                    "headers": {"Content-Type": "text/html;charset=UTF-8"},
                },
                NotConfluence,
            ),
        ],
    )
    def test_are_not_tried_again(
        self,
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


def test_no_secret_in_the_log(
    connection: Connection, requests_mock: Mocker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "airbyte")
    answers = [BAD_GATEWAY, RESET, HTML, wait(30), throttled(status=503), GOOD]
    requests_mock.get(URL, answers)

    get(connection, attempts=4)

    assert f"GET {URL} answered 200, 15 bytes." in caplog.messages
    assert len(caplog.messages) > len(answers)
    assert API_TOKEN not in caplog.text
    assert AUTHORIZATION.removeprefix("Basic ") not in caplog.text
