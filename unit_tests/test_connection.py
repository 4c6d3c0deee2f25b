"""What all streams of one run share."""

from __future__ import annotations

import logging
from email.utils import format_datetime
from typing import Any

import pytest
from requests_mock import Mocker

from source_confluence.confluence.client import CHECK_LIMITS
from source_confluence.confluence.clock import SystemClock
from source_confluence.confluence.errors import ConfigError
from source_confluence.confluence.responses import ServerTrouble, Throttled
from source_confluence.connection import Connection
from unit_tests.fakes import DOMAIN_NAME, NOON, FakeClock, make_config, spec_schema

LOGGER = logging.getLogger("unit_tests")


def test_it_is_opened_without_a_request(requests_mock: Mocker) -> None:
    config = make_config()

    connection = Connection.open(config, LOGGER)

    assert connection.config is config
    assert connection.site.origin == f"https://{DOMAIN_NAME}"
    assert isinstance(connection.clock, SystemClock)
    assert not requests_mock.called


def test_no_site_is_a_mistake_in_the_config() -> None:
    with pytest.raises(ConfigError, match="domain_name"):
        Connection.open(make_config(domain_name="http://wiki.example.com"), LOGGER)


def test_its_client_signs_counts_and_paces_the_requests(requests_mock: Mocker) -> None:
    clock = FakeClock()
    connection = Connection.open(make_config(requests_per_second=2), LOGGER, clock)
    date = format_datetime(NOON, usegmt=True)
    requests_mock.get(f"{connection.site.v2}spaces", json={}, headers={"Date": date})

    for _ in range(3):
        connection.client.get(f"{connection.site.v2}spaces", {}, stream="space")

    assert connection.client.server_time_at_start == NOON
    cost = connection.meter.cost("space")
    assert cost.requests == 3
    assert cost.throttled_seconds == pytest.approx(1.0)
    assert clock.sleeps == pytest.approx([0.5, 0.5])
    assert requests_mock.last_request is not None
    assert requests_mock.last_request.headers["Authorization"].startswith("Basic ")


def test_it_is_as_patient_as_it_is_told(requests_mock: Mocker) -> None:
    clock = FakeClock()
    patient = Connection.open(make_config(), LOGGER, clock)
    hasty = Connection.open(make_config(), LOGGER, clock, CHECK_LIMITS)
    url = f"{patient.site.v2}spaces"
    answers: list[dict[str, Any]] = [
        {"status_code": 429, "headers": {"Retry-After": "600"}},
        {"json": {}},
    ]
    requests_mock.get(url, answers)

    patient.client.get(url, {}, stream="space")
    assert clock.sleeps == [600]

    requests_mock.get(url, answers)
    with pytest.raises(Throttled):
        hasty.client.get(url, {}, stream="space")


def test_its_delays_are_not_in_step(requests_mock: Mocker) -> None:
    """Workers, and connectors, that failed together must not come back together."""
    delays = []
    for _ in range(2):
        clock = FakeClock()
        connection = Connection.open(make_config(), LOGGER, clock)
        requests_mock.get(f"{connection.site.v2}spaces", status_code=500)
        with pytest.raises(ServerTrouble):
            connection.client.get(f"{connection.site.v2}spaces", {}, stream="space", attempts=4)
        delays.append(clock.sleeps)

    assert delays[0] != delays[1]


def test_every_worker_has_a_connection_to_keep() -> None:
    most = spec_schema()["properties"]["num_workers"]["maximum"]
    connection = Connection.open(make_config(num_workers=most), LOGGER)

    adapter = connection.client._session.get_adapter(connection.site.v2)

    assert vars(adapter)["_pool_maxsize"] >= most
