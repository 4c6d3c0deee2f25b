"""Facts of a release that several files repeat, such as its version, must agree."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from airbyte_cdk.models import SyncMode

from source_confluence import SourceConfluence
from unit_tests.fakes import RAW_CONFIG

MODEL = "airbyte_connector_models.metadata.v0.connector_metadata_definition_v0"
WITHOUT_MODEL = "airbyte-connector-models cannot be installed for this Python"
ROOT = Path(__file__).parents[1]
NEWEST_OF_AIRBYTES = (1, 0, 23)
"""The version of Airbyte's own source when 2.0.0 was made."""


@pytest.fixture(scope="module")
def metadata() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((ROOT / "metadata.yaml").read_text())["data"]
    return data


@pytest.fixture(scope="module")
def project() -> str:
    return (ROOT / "pyproject.toml").read_text()


def version_in(project: str) -> str:
    found = re.search(r'^version = "(.+)"$', project, re.MULTILINE)
    assert found is not None
    return found[1]


def test_the_version_is_the_same_everywhere(metadata: dict[str, Any], project: str) -> None:
    newest = re.search(r"^## \[?(\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert newest is not None
    assert (
        version_in(project)
        == metadata["dockerImageTag"]
        == newest[1]
        == version("source-confluence")
    )


def test_the_metadata_is_valid_for_airbytes_model() -> None:
    module = pytest.importorskip(MODEL, reason=WITHOUT_MODEL)
    document = yaml.safe_load((ROOT / "metadata.yaml").read_text())

    read = module.ConnectorMetadataDefinitionV0.model_validate(document)

    assert read.data.name == "Confluence"


def test_each_breaking_change_has_a_section_in_the_migration_guide(
    metadata: dict[str, Any], project: str
) -> None:
    changes = metadata["releases"]["breakingChanges"]
    guide = (ROOT / "docs" / "confluence-migrations.md").read_text()

    assert f"{version_in(project).partition('.')[0]}.0.0" in changes
    assert re.findall(r"^## Upgrading to (\S+)$", guide, re.MULTILINE) == list(changes)


def test_what_a_breaking_change_affects_exists(metadata: dict[str, Any]) -> None:
    names = {stream.name for stream in SourceConfluence().streams(RAW_CONFIG)}
    changes = metadata["releases"]["breakingChanges"].values()
    affected = {
        stream
        for change in changes
        for scope in change.get("scopedImpact", ())
        for stream in scope["impactedScopes"]
    }

    assert affected
    assert affected <= names


def test_it_replaces_airbytes_own_source(metadata: dict[str, Any]) -> None:
    assert metadata["definitionId"] == "cf40a7f8-71f8-45ce-a7fa-fca053e4028c"
    assert metadata["dockerRepository"] == "airbyte/source-confluence"
    assert metadata["supportLevel"] == "community"


def test_its_version_sorts_above_that_of_airbytes_own_source(project: str) -> None:
    assert tuple(map(int, version_in(project).split("."))) > NEWEST_OF_AIRBYTES


def test_the_allowed_hosts_are_the_site_and_the_gateway(metadata: dict[str, Any]) -> None:
    assert set(metadata["allowedHosts"]["hosts"]) == {"*.atlassian.net", "api.atlassian.com"}


def test_the_suggested_streams_exist(metadata: dict[str, Any]) -> None:
    names = {stream.name for stream in SourceConfluence().streams(RAW_CONFIG)}

    assert set(metadata["suggestedStreams"]["streams"]) <= names


def test_the_icon_has_the_size_that_airbyte_shows() -> None:
    assert 'viewBox="0 0 250 250"' in (ROOT / "icon.svg").read_text()


def test_no_stream_is_exempt_from_the_standard_tests() -> None:
    config = yaml.safe_load((ROOT / "acceptance-test-config.yml").read_text())
    reads = [
        test
        for section in ("basic_read", "full_refresh")
        for test in config["acceptance_tests"][section]["tests"]
    ]

    assert reads
    assert not any("empty_streams" in test for test in reads)


def test_every_stream_supports_full_refresh() -> None:
    for stream in SourceConfluence().streams(RAW_CONFIG):
        assert SyncMode.full_refresh in stream.as_airbyte_stream().supported_sync_modes
