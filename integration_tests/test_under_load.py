"""Single syncs of `make soak-load`, which runs hundreds of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from integration_tests.under_load import repetition
from integration_tests.under_load.conditions import KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_sync_is_what_the_site_has(tmp_path: Path, kind: str) -> None:
    outcome = repetition.repeat(kind, 3, str(tmp_path))

    assert not outcome.wrong
    assert outcome.records.total() > 200
    assert not list(tmp_path.iterdir())


def test_a_difference_is_found_and_its_log_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repetition, "expected", lambda *_, **__: [{"id": "missing"}])

    outcome = repetition.repeat("bodies", 3, str(tmp_path))

    assert [line for line in outcome.wrong if "pages" in line and "missing" in line]
    (log,) = tmp_path.iterdir()
    assert "STREAM_STATUS" in log.read_text()
