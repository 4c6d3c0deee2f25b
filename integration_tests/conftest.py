"""A site for each test that needs its own, and the connector that reads it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_tests.confluence_emulator import Emulator, SiteSpec
from integration_tests.connector import Connector, ForkedConnector, Json

TIME_LIMIT = 300
"""Seconds for a test: on a busy machine a read of every stream takes half a minute."""

SITE = SiteSpec(pages=1600, spaces=12, blog_posts=300, groups=450, audit_records=2500)
"""Large enough for every list to have several pages of results."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the tests of this folder more time than the unit tests have."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(TIME_LIMIT))


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(SITE) as running:
        yield running


@pytest.fixture
def connector(emulator: Emulator, tmp_path: Path) -> Connector:
    return connector_for(emulator, tmp_path)


@pytest.fixture
def forked(emulator: Emulator, tmp_path: Path) -> ForkedConnector:
    return forked_for(emulator, tmp_path)


def connector_for(emulator: Emulator, folder: Path) -> Connector:
    """Return the console script with the config that reads an emulated site."""
    return Connector(folder, config_for(emulator))


def forked_for(emulator: Emulator, folder: Path) -> ForkedConnector:
    """Return the same without the time that its imports take."""
    return ForkedConnector(folder, config_for(emulator))


def config_for(emulator: Emulator) -> Json:
    """Return the config that reads an emulated site."""
    return {
        "domain_name": emulator.url,
        "email": emulator.email,
        "api_token": emulator.token,
        "num_workers": 2,
    }
