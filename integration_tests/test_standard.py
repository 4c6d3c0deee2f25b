"""The CDK's standard tests, for every stream: what acceptance-test-config.yml names."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import pytest
from airbyte_cdk.test.standard_tests import SourceTestSuiteBase
from airbyte_cdk.test.standard_tests._catalog_checks import DiscoveredCatalogWarning

from integration_tests.confluence_emulator import Emulator, Settings, SiteSpec
from source_confluence import SourceConfluence

CONFIG = Path(__file__).parent / "configs" / "valid_config.json"

pytestmark = pytest.mark.filterwarnings(
    f"error::{DiscoveredCatalogWarning.__module__}.{DiscoveredCatalogWarning.__qualname__}"
)


@pytest.fixture(scope="module", autouse=True)
def site() -> Iterator[None]:
    """A site with something for every stream, where the config expects it."""
    config = orjson.loads(CONFIG.read_bytes())
    settings = Settings(email=config["email"], token=config["api_token"])
    with Emulator(SiteSpec(), settings, urlsplit(config["domain_name"]).port or 0):
        yield


@pytest.fixture(scope="module", autouse=True)
def _host_network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let the suite's `docker run` reach the emulator: it is on this machine's loopback."""
    real = shutil.which("docker")
    if real is None:
        yield
        return
    folder = tmp_path_factory.mktemp("bin")
    script = folder / "docker"
    script.write_text(
        f'#!/bin/sh\n[ "$1" = run ] && shift && exec {real} run --network host "$@"\n'
        f'exec {real} "$@"\n'
    )
    script.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        yield


class TestSuite(SourceTestSuiteBase):
    """Reads every stream; none may be empty."""

    connector = SourceConfluence
