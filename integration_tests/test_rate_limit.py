"""A server that allows five requests per second, and says so in every way that Confluence has."""

from __future__ import annotations

from pathlib import Path

import pytest

from integration_tests.confluence_emulator import Emulator, Settings, SiteSpec, TokenBucket
from integration_tests.conftest import connector_for
from integration_tests.connector import catalog_of
from integration_tests.truth import assert_same, expected

RATE = 5.0
SETTLED_AFTER = 10.0
"""Seconds from the first request on."""


@pytest.mark.parametrize("style", ["seconds", "none", "date", "zero"])
def test_the_sync_settles_at_what_the_server_allows(tmp_path: Path, style: str) -> None:
    spec = SiteSpec(pages=45_000, spaces=40, body_bytes=20)
    settings = Settings(limit=TokenBucket(RATE, style=style))
    with Emulator(spec, settings) as emulator:
        run = connector_for(emulator, tmp_path).read(
            catalog_of({"pages": "incremental"}), body_format="none"
        )

        assert run.returncode == 0
        assert_same(run.records["pages"], expected(emulator, "pages", body_format=None))
        start = min(record.moment for record in emulator.requests)
        settled = [r for r in emulator.requests if r.moment - start > SETTLED_AFTER]
        refused = [record for record in settled if record.status == 429]
        assert len(settled) > 50
        assert len(refused) < 0.05 * len(settled)
