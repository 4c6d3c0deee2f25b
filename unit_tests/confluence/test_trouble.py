"""Whatever is no answer at all: the same request is sent again, and again."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from requests_mock import Mocker

from source_confluence.confluence.client import CHECK_LIMITS
from source_confluence.confluence.responses import (
    ServerTrouble,
    Unreachable,
)
from source_confluence.connection import Connection
from unit_tests.confluence.answers import (
    AUTHORIZATION,
    BAD_CERTIFICATE,
    BAD_GATEWAY,
    CUT_OFF,
    GARBLED,
    GOOD,
    HALF_JSON,
    HTML,
    NO_ANSWER,
    NOTHING,
    NULL,
    PATH,
    REFUSED,
    RESET,
    TIMED_OUT,
    UNKNOWN_HOST,
    URL,
    get,
)
from unit_tests.fakes import FakeClock, make_connection


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
            NULL,
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
            "null",
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
            (NULL, "Confluence answered with JSON of an unknown form"),
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
            get(make_connection(patience=CHECK_LIMITS), attempts=6)

        assert requests_mock.call_count == 1

    def test_goes_on_once_the_network_is_back(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, [REFUSED, UNKNOWN_HOST, NO_ANSWER, GOOD])

        assert get(connection).json() == {"results": []}
