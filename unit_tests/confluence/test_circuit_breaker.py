"""No request is sent that cannot succeed."""

from __future__ import annotations

from typing import Any

import pytest
from requests_mock import Mocker

from source_confluence.confluence.circuit_breaker import CircuitBreaker
from source_confluence.confluence.client import MANY_REJECTIONS
from source_confluence.confluence.connection import Connection
from source_confluence.confluence.errors import (
    ConfluenceError,
    CredentialsRejected,
    NotFound,
    RequestRefused,
    Throttled,
)
from unit_tests.confluence.answers import BAD_GATEWAY, GOOD, UNAUTHORIZED, URL, get, wait
from unit_tests.fakes import FakeClock, make_connection

USER = "https://your-domain.atlassian.net/wiki/rest/api/user/current"
REJECTED: dict[str, Any] = {
    "status_code": 403,
    "json": {"message": "caller cannot access Confluence"},
}
OTHER = "https://your-domain.atlassian.net/wiki/rest/api/group"
BARE_404 = {"status_code": 404, "json": {"errors": [{"title": "Not Found", "detail": None}]}}
DELETED = {"status_code": 404, "json": {"errors": [{"title": "Page not found"}]}}
LATER, REVOKED = Throttled("Later."), CredentialsRejected("Revoked.")


def is_open(breaker: CircuitBreaker) -> bool:
    return breaker.error is not None


class TestABreaker:
    def test_is_closed_at_first(self, clock: FakeClock) -> None:
        breaker = CircuitBreaker(clock, threshold=1)

        assert not is_open(breaker)
        breaker.raise_if_open()

    def test_opens_for_good_at_its_threshold(self, clock: FakeClock) -> None:
        breaker = CircuitBreaker(clock, threshold=2)
        breaker.failed(REVOKED)
        assert not is_open(breaker)

        breaker.failed(REVOKED)

        clock.advance(86_400)
        assert is_open(breaker)
        breaker.succeeded()
        assert is_open(breaker)

    def test_counts_failures_in_a_row(self, clock: FakeClock) -> None:
        breaker = CircuitBreaker(clock, threshold=2)

        for _ in range(5):
            breaker.failed(REVOKED)
            breaker.succeeded()

        assert not is_open(breaker)

    def test_closes_after_a_stated_time(self, clock: FakeClock) -> None:
        breaker = CircuitBreaker(clock, threshold=1)

        breaker.open(LATER, 60)

        clock.advance(59)
        assert is_open(breaker)
        clock.advance(1)
        assert not is_open(breaker)

    def test_the_longest_time_wins(self, clock: FakeClock) -> None:
        breaker = CircuitBreaker(clock, threshold=1)
        for error, seconds in ((Throttled("Soon."), 5), (LATER, 7200), (Throttled("Soon."), 5)):
            breaker.open(error, seconds)
        clock.advance(6)
        with pytest.raises(Throttled, match="Later"):
            breaker.raise_if_open()

        breaker.failed(REVOKED)
        breaker.open(LATER, 7200)

        with pytest.raises(CredentialsRejected):
            breaker.raise_if_open()

    def test_raises_a_fresh_copy_every_time(self, clock: FakeClock) -> None:
        breaker = CircuitBreaker(clock, threshold=1)
        first = RequestRefused("Refused.", said="No", details="No, because")
        breaker.failed(first)

        raised = set()
        for _ in range(3):
            with pytest.raises(RequestRefused) as again:
                breaker.raise_if_open()
            raised.add(again.value)

        assert first not in raised
        assert len(raised) == 3
        assert {(e.message, e.said, e.details) for e in raised} == {
            ("Refused.", "No", "No, because")
        }


def errors(connection: Connection, count: int) -> list[ConfluenceError]:
    """What this many requests in a row raise."""
    raised = []
    for _ in range(count):
        with pytest.raises(ConfluenceError) as failed:
            get(connection, attempts=3)
        raised.append(failed.value)
    return raised


class TestThatOfTheRun:
    def test_is_open_for_as_long_as_confluence_wants_no_requests(
        self, connection: Connection, clock: FakeClock, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, [wait(7200), GOOD])
        requests_mock.get(OTHER, **GOOD)

        raised = errors(connection, 10)
        with pytest.raises(Throttled):
            connection.client.get(OTHER, {}, stream="group")

        assert {type(error) for error in raised} == {Throttled}
        assert len({error.message for error in raised}) == 1
        assert requests_mock.call_count == connection.meter.total() == 1
        assert clock.sleeps == []

        clock.advance(7200)
        get(connection)

        assert requests_mock.call_count == 2

    @pytest.mark.parametrize("answer", [wait(30), BAD_GATEWAY], ids=["rate limit", "failure"])
    def test_also_stops_the_worker_that_is_waiting(
        self, requests_mock: Mocker, answer: dict[str, Any]
    ) -> None:
        class Interrupted(FakeClock):
            """Another worker opens the breaker while this one sleeps."""

            def sleep(self, seconds: float) -> None:
                super().sleep(seconds)
                connection.client.circuit_breaker.open(LATER, 60)

        connection = make_connection(clock=Interrupted())
        requests_mock.get(URL, [answer, GOOD])

        (error,) = errors(connection, 1)

        assert error.message == LATER.message
        assert requests_mock.call_count == 1

    def test_opens_for_good_after_many_rejections_in_a_row(
        self, connection: Connection, clock: FakeClock, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, [GOOD, BARE_404])
        requests_mock.get(USER, **REJECTED)
        get(connection)

        raised = errors(connection, 3 * MANY_REJECTIONS)

        assert {type(error) for error in raised} == {CredentialsRejected}
        assert len({error.message for error in raised}) == 1
        assert requests_mock.call_count <= 2 + MANY_REJECTIONS
        clock.advance(86_400)
        assert type(errors(connection, 1)[0]) is CredentialsRejected

    def test_stays_closed_while_other_endpoints_answer(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, [UNAUTHORIZED])
        requests_mock.get(OTHER, **GOOD)

        for _ in range(3):
            errors(connection, MANY_REJECTIONS - 1)
            connection.client.get(OTHER, {}, stream="group")

        assert requests_mock.call_count == 3 * MANY_REJECTIONS

    @pytest.mark.parametrize("answer", [DELETED, BARE_404], ids=["deleted", "purged"])
    def test_does_not_count_what_was_deleted(
        self, connection: Connection, requests_mock: Mocker, answer: dict[str, Any]
    ) -> None:
        of_page = requests_mock.get(URL, [answer])
        requests_mock.get(USER, json={"type": "known"})

        raised = errors(connection, 2 * MANY_REJECTIONS)

        assert {type(error) for error in raised} == {NotFound}
        assert of_page.call_count == 2 * MANY_REJECTIONS
