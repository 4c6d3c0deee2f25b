"""Airbyte's standard tests for every stream, run in both ways; conftest.py starts their site."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from airbyte_cdk.test.standard_tests import SourceTestSuiteBase

from source_confluence import SourceConfluence

ROOT = Path(__file__).parents[1]
SHIPPED = [
    *("source_confluence", "integration_tests", "conftest.py", "pyproject.toml"),
    *("metadata.yaml", "acceptance-test-config.yml"),
]
FOR_ONE_CONFIG = {"test_config_matches_spec", "test_check", "test_discover", "test_basic_read"}
FOR_ONE_CONFIG |= {"test_fail_read_with_bad_catalog"}


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
    """Reads every stream; none may be empty. Its warnings are errors, as pyproject.toml says."""

    connector = SourceConfluence
    connector_name = "source-confluence"  # a checkout may have any name


def test_airbyte_s_own_command_runs_them(tmp_path: Path) -> None:
    """The command takes the connector's name from the folder, and writes its results there."""
    folder = tmp_path / "source-confluence"
    folder.mkdir()
    for name in SHIPPED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    command = Path(sys.executable).parent / "airbyte-cdk"

    done = subprocess.run(
        [command, "connector", "test", "."], cwd=folder, capture_output=True, check=False
    )

    assert done.returncode == 0, done.stdout.decode()[-4000:]
    results = ElementTree.parse(folder / "build/test-results/standard-tests-junit.xml")
    passed = {
        case.get("name", "").partition("[")[0]
        for case in results.iter("testcase")
        if case.find("skipped") is None and "'config'" in case.get("name", "'config'")
    }
    assert passed >= FOR_ONE_CONFIG
