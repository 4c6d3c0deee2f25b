"""Where every further request would be in vain, none is sent."""

from __future__ import annotations

from typing import Any

import pytest
from requests_mock import Mocker

from source_confluence.confluence.circuit_breaker import MANY_REJECTIONS, CircuitBreaker
from source_confluence.confluence.errors import ConfluenceError
from source_confluence.confluence.responses import CredentialsRejected, NotFound, Throttled
from source_confluence.connection import Connection
from unit_tests.confluence.answers import BAD_GATEWAY, GOOD, URL, get, wait
from unit_tests.fakes import FakeClock, make_connection

OTHER = "https://your-domain.atlassian.net/wiki/rest/api/group"
NOT_FOUND = {"status_code": 404, "json": {"errors": [{"title": "Not Found", "detail": None}]}}
GONE = {"status_code": 404, "json": {"errors": [{"title": "Page not found"}]}}


def errors(connection: Connection, count: int) -> list[ConfluenceError]:
    """What so many requests raise, one after the other."""
    raised = []
    for _ in range(count):
        with pytest.raises(ConfluenceError) as failed:
            get(connection, attempts=3)
        raised.append(failed.value)
    return raised


def test_once_the_wait_is_too_long_nothing_is_asked_until_it_is_over(
    connection: Connection, clock: FakeClock, requests_mock: Mocker
) -> None:
    requests_mock.get(URL, [wait(7200), GOOD])
    requests_mock.get(OTHER, **GOOD)

    first, *others = errors(connection, 10)
    with pytest.raises(Throttled):
        connection.client.get(OTHER, {}, stream="group")

    assert {type(error) for error in others} == {Throttled}
    assert {error.sentence for error in others} == {first.sentence}
    assert "asks to wait for 7200 s more, after 0 s" in first.sentence
    assert len({id(error) for error in (first, *others)}) == 10
    assert requests_mock.call_count == connection.meter.total().requests == 1
    assert clock.sleeps == []

    clock.advance(7200)
    get(connection)

    assert requests_mock.call_count == 2


class Interrupted(FakeClock):
    """Something happens while somebody sleeps."""

    connection: Connection

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.connection.client._futility.throttled(Throttled("Later."), 60)


@pytest.mark.parametrize("trouble", [wait(30), BAD_GATEWAY], ids=["throttled", "in trouble"])
def test_who_waits_meanwhile_does_not_ask_either(
    requests_mock: Mocker, trouble: dict[str, Any]
) -> None:
    clock = Interrupted()
    clock.connection = make_connection(clock=clock)
    requests_mock.get(URL, [trouble, GOOD])

    (error,) = errors(clock.connection, 1)

    assert error.sentence == "Later."
    assert requests_mock.call_count == 1


def test_once_the_credentials_are_rejected_again_and_again_nothing_is_asked_any_more(
    connection: Connection, clock: FakeClock, requests_mock: Mocker
) -> None:
    requests_mock.get(URL, [GOOD, NOT_FOUND])
    get(connection)

    raised = errors(connection, 3 * MANY_REJECTIONS)

    assert {type(error) for error in raised} == {CredentialsRejected}
    assert len({error.sentence for error in raised}) == 1
    assert requests_mock.call_count == 1 + MANY_REJECTIONS
    clock.advance(86_400)
    assert type(errors(connection, 1)[0]) is CredentialsRejected


def test_one_endpoint_that_rejects_does_not_stand_for_the_site(
    connection: Connection, requests_mock: Mocker
) -> None:
    """v2 may answer like this where it lacks an endpoint; the others go on meanwhile."""
    requests_mock.get(URL, [NOT_FOUND])
    requests_mock.get(OTHER, **GOOD)

    for _ in range(3):
        errors(connection, MANY_REJECTIONS - 1)
        connection.client.get(OTHER, {}, stream="group")

    assert requests_mock.call_count == 3 * MANY_REJECTIONS


def test_parents_that_are_gone_are_no_rejection(
    connection: Connection, requests_mock: Mocker
) -> None:
    requests_mock.get(URL, [GONE])

    assert {type(error) for error in errors(connection, 2 * MANY_REJECTIONS)} == {NotFound}
    assert requests_mock.call_count == 2 * MANY_REJECTIONS


def test_a_shorter_wait_takes_nothing_from_a_longer_one(clock: FakeClock) -> None:
    futility = CircuitBreaker(clock)
    futility.throttled(Throttled("For long."), 7200)
    futility.throttled(Throttled("Not for long."), 5)
    clock.advance(6)

    with pytest.raises(Throttled, match="For long"):
        futility.require_hope()


def test_a_wait_takes_nothing_from_rejected_credentials(clock: FakeClock) -> None:
    futility = CircuitBreaker(clock)
    for _ in range(MANY_REJECTIONS):
        futility.rejected(CredentialsRejected("Revoked."))
    futility.throttled(Throttled("Not for long."), 5)
    clock.advance(6)

    with pytest.raises(CredentialsRejected):
        futility.require_hope()
