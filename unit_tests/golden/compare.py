"""Compares text with a golden file; `make golden` rewrites the files."""

from __future__ import annotations

import os
from pathlib import Path

DIRECTORY = Path(__file__).parent


def compare(name: str, text: str) -> None:
    """Assert that `text` equals a golden file, or write the file if REWRITE_GOLDEN is set."""
    path = DIRECTORY / name
    if "REWRITE_GOLDEN" in os.environ:
        path.write_text(text, encoding="utf-8")
    expected = path.read_text(encoding="utf-8")
    assert text == expected, "check the difference, then run make golden"
