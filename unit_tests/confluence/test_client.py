"""The one way to Confluence: it signs, waits, sends, judges and tries again."""

from __future__ import annotations

import logging
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from requests.adapters import HTTPAdapter
from requests_mock import Mocker

from source_confluence.confluence.client import CHECK_LIMITS, RetryLimits
from source_confluence.confluence.errors import ConfluenceError
from source_confluence.confluence.responses import (
    CredentialsRejected,
    NotConfluence,
    NotPermitted,
)
from source_confluence.connection import Connection
from unit_tests.confluence.answers import (
    AUTHORIZATION,
    BAD_GATEWAY,
    GOOD,
    HTML,
    RESET,
    URL,
    get,
    throttled,
    wait,
)
from unit_tests.fakes import API_TOKEN, FakeClock, make_connection, spec_schema


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
        ("patience", "timeouts"), [(RetryLimits(), (10.0, 90.0)), (CHECK_LIMITS, (3.0, 6.0))]
    )
    def test_never_waits_without_end(
        self, requests_mock: Mocker, patience: RetryLimits, timeouts: tuple[float, float]
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
