"""Airbyte's standard tests over every stream, run in both ways; conftest.py starts their site."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from airbyte_cdk.test.standard_tests import SourceTestSuiteBase

from source_confluence import SourceConfluence

ROOT = Path(__file__).parents[1]
SHIPPED = [
    *("source_confluence", "integration_tests", "conftest.py", "pyproject.toml"),
    *("metadata.yaml", "acceptance-test-config.yml"),
]
FOR_ONE_CONFIG = {"test_config_matches_spec", "test_check", "test_discover", "test_basic_read"}
FOR_ONE_CONFIG |= {"test_fail_read_with_bad_catalog"}


class TestSuite(SourceTestSuiteBase):
    """Reads every stream; none may be empty. Its warnings are errors, as pyproject.toml says."""

    connector = SourceConfluence
    connector_name = "source-confluence"  # a checkout may have any name


def test_airbyte_s_own_command_runs_them(tmp_path: Path) -> None:
    """It takes the connector's name from the folder, and leaves its results there."""
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
