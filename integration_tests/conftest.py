"""A site of its own for each test that wants one, and the connector to read it with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_tests.confluence_emulator import Emulator, SiteSpec
from integration_tests.connector import Connector

SITE = SiteSpec(pages=1600, spaces=12, blog_posts=300, groups=450, audit_records=2500)
"""Large enough for every list to have several pages of results."""


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(SITE) as running:
        yield running


@pytest.fixture
def connector(emulator: Emulator, tmp_path: Path) -> Connector:
    return connector_for(emulator, tmp_path)


def connector_for(emulator: Emulator, folder: Path) -> Connector:
    """Return the connector with the config that reads an emulated site."""
    settings = emulator.settings
    return Connector(
        folder,
        {
            "domain_name": emulator.url,
            "email": settings.email,
            "api_token": settings.token,
            "num_workers": 2,
        },
    )
