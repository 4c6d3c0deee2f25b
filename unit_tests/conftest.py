"""Fixtures that all unit tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from airbyte_cdk.utils.airbyte_secrets_utils import update_secrets
from requests_mock import Mocker

from source_confluence.confluence.connection import Connection
from unit_tests.fakes import FakeClock, Setup, make_connection, make_setup


@pytest.fixture
def requests_mock() -> Iterator[Mocker]:
    """The plugin's fixture, but it keeps the case of cursors, and rejects unregistered requests."""
    with Mocker(case_sensitive=True) as mocker:
        yield mocker


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def connection(clock: FakeClock) -> Connection:
    """A connection to your-domain.atlassian.net in the time of `clock`."""
    return make_connection(clock=clock)


@pytest.fixture
def setup(clock: FakeClock) -> Setup:
    """The default config, and a connection in the time of `clock`."""
    return make_setup(clock)


@pytest.fixture(autouse=True)
def _no_secrets_left() -> Iterator[None]:
    """What one test masks must not be masked in the next: the CDK keeps that for the process."""
    yield
    update_secrets([])
