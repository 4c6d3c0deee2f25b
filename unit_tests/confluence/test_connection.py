"""What all streams of one run share."""

from __future__ import annotations

import logging
from email.utils import format_datetime
from typing import Any

import pytest
from requests_mock import Mocker

from source_confluence.confluence.clock import SystemClock
from source_confluence.confluence.connection import Connection
from source_confluence.confluence.credentials import ApiToken
from source_confluence.confluence.errors import ServerError, Throttled
from source_confluence.confluence.retry_policy import CHECK_LIMITS
from source_confluence.confluence.site import Site
from unit_tests.confluence.answers import AUTHORIZATION, URL
from unit_tests.fakes import API_TOKEN, EMAIL, NOON, FakeClock

SITE = Site.named("your-domain")


def opened(**settings: Any) -> Connection:
    logger = logging.getLogger("unit_tests")
    return Connection.open(SITE, ApiToken(EMAIL, API_TOKEN), logger, **settings)


def test_is_opened_without_a_request(requests_mock: Mocker) -> None:
    connection = opened()

    assert connection.site is SITE
    assert isinstance(connection.clock, SystemClock)
    assert not requests_mock.called


def test_its_client_signs_counts_and_paces_the_requests(requests_mock: Mocker) -> None:
    clock = FakeClock()
    connection = opened(requests_per_second=2, clock=clock)
    date = format_datetime(NOON, usegmt=True)
    requests_mock.get(URL, json={}, headers={"Date": date})

    for _ in range(3):
        connection.client.get(URL, {}, stream="space")

    assert connection.client.server_time_at_start == NOON
    assert connection.meter.requests("space") == 3
    assert connection.client.rate_limiter.waited == pytest.approx(1.0)
    assert clock.sleeps == pytest.approx([0.5, 0.5])
    assert requests_mock.request_history[-1].headers["Authorization"] == AUTHORIZATION


def test_waits_as_long_as_its_limits_say(requests_mock: Mocker) -> None:
    clock = FakeClock()
    answers: list[dict[str, Any]] = [
        {"status_code": 429, "headers": {"Retry-After": "600"}},
        {"json": {}},
    ]
    requests_mock.get(URL, answers)

    opened(clock=clock).client.get(URL, {}, stream="space")
    assert clock.sleeps == [600]

    requests_mock.get(URL, answers)
    with pytest.raises(Throttled):
        opened(clock=clock, limits=CHECK_LIMITS).client.get(URL, {}, stream="space")


def test_its_delays_are_not_in_step(requests_mock: Mocker) -> None:
    """Workers, and connectors, that failed together must not retry together."""
    requests_mock.get(URL, status_code=500)
    delays = []
    for _ in range(2):
        clock = FakeClock()
        with pytest.raises(ServerError):
            opened(clock=clock).client.get(URL, {}, stream="space")
        delays.append(clock.sleeps)

    assert delays[0] != delays[1]
