"""Fixtures of the tests that need a site."""

from __future__ import annotations

import pytest
from requests_mock import Mocker

from unit_tests.fake_site import FakeSite


@pytest.fixture
def site(requests_mock: Mocker) -> FakeSite:
    """your-domain.atlassian.net with one empty space."""
    return FakeSite(requests_mock)
