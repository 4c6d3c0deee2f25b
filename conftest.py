"""The site that Airbyte's standard tests read.

`airbyte-cdk connector test .` runs its own test file, for which only this conftest.py applies.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_tests.confluence_emulator import SiteSpec
from integration_tests.confluence_emulator.process import EmulatorProcess

CONFIGS = Path(__file__).parent / "integration_tests" / "configs"
"""The folder that acceptance-test-config.yml names."""


@pytest.fixture(scope="session")
def acceptance_configs() -> Iterator[None]:
    """Serve a site that has records for every stream, and write the configs that name it."""
    with EmulatorProcess(SiteSpec()) as site:
        account = {"email": site.email, "api_token": site.token}
        written: dict[str, dict[str, object]] = {
            "config": {"credentials": {"auth_type": "api_token", **account}},
            "older": {**account},
            "wrong_token": {**account, "api_token": "not-the-token-of-this-account"},
        }
        for name, config in written.items():
            content = json.dumps({"domain_name": site.url, **config})
            (CONFIGS / f"{name}.json").write_text(content)
        yield


@pytest.fixture(scope="class", autouse=True)
def _site_of_the_standard_tests(request: pytest.FixtureRequest) -> None:
    """Start the site for a class of the standard tests, which use no fixtures of this project."""
    if hasattr(request.cls, "get_scenarios"):
        request.getfixturevalue("acceptance_configs")
