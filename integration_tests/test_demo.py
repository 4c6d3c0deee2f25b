"""`make demo`, on a site small enough for a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from integration_tests import demo
from integration_tests.confluence_emulator import SiteSpec
from integration_tests.connector import ForkedConnector
from integration_tests.truth import all_streams


def test_it_shows_every_stream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "SITE", SiteSpec(pages=30, blog_posts=5))
    monkeypatch.setattr(demo, "LATENCY", 0.0)
    monkeypatch.setattr(demo, "Connector", ForkedConnector)
    monkeypatch.setattr(demo, "OUTPUT", tmp_path / "output")

    demo.main()

    lines = capsys.readouterr().out.splitlines()
    for stream in all_streams():
        (line,) = [line for line in lines if line.startswith(f"{stream} ")]
        assert int(line.split()[1].replace(",", "")) > 0
    assert any(line.startswith("in all ") for line in lines)
