"""Configs that Airbyte's own source or Terraform wrote pass check and read unchanged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from integration_tests.confluence_emulator import Emulator
from integration_tests.connector import ForkedConnector, catalog_of
from integration_tests.truth import MODES, STREAMS, assert_same, expected


def of_airbytes_own_source(emulator: Emulator) -> dict[str, Any]:
    return {
        "domain_name": emulator.url,
        "email": emulator.settings.email,
        "api_token": emulator.settings.token,
    }


def of_terraform(emulator: Emulator) -> dict[str, Any]:
    """A provider with typed fields sends every field, many of them empty or null."""
    settings = emulator.settings
    return {
        "domain_name": emulator.url,
        "credentials": {
            "auth_type": "api_token",
            "email": settings.email,
            "api_token": settings.token,
        },
        "space_keys": [],
        "excluded_space_keys": [],
        "content_statuses": ["current", "archived"],
        "body_format": "storage",
        "email": None,
        "api_token": None,
        "cql": "",
        "start_date": "",
        "requests_per_second": None,
        "lookback_window_minutes": 10,
        "num_workers": 10,
    }


@pytest.mark.parametrize("written_by", [of_airbytes_own_source, of_terraform])
def test_it_passes_check_and_read_unchanged(
    emulator: Emulator, tmp_path: Path, written_by: Any
) -> None:
    connector = ForkedConnector(tmp_path, written_by(emulator))

    assert connector.check().connection_status["status"] == "SUCCEEDED"
    run = connector.read(catalog_of(MODES))

    assert run.returncode == 0
    for stream in STREAMS:
        assert_same(run.records[stream], expected(emulator, stream))
