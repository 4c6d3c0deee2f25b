from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
MOST_MODULE_CHANGES = {"pages": 27, "page_likes": 123}
"""Every stop is one more module to open for a reader who follows a record through the code."""


@pytest.fixture(scope="module")
def printed() -> str:
    """In a separate process: the console entry changes settings of the whole process."""
    command = [sys.executable, "-m", "tools.record_path", "--verbose"]
    finished = subprocess.run(
        command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=True
    )
    return finished.stdout


@pytest.mark.parametrize("stream", MOST_MODULE_CHANGES)
def test_a_record_takes_a_short_path(printed: str, stream: str) -> None:
    found = re.search(rf"^{stream}: (\d+) module changes, (\d+) calls", printed, re.MULTILINE)

    assert found is not None
    assert 5 < int(found[1]) <= MOST_MODULE_CHANGES[stream]
    assert int(found[1]) < int(found[2])


def test_the_path_goes_from_the_request_to_stdout(printed: str) -> None:
    path = printed.partition("\npage_likes: ")[0].splitlines()[1:]

    assert "MainThread" not in path[0]
    assert "confluence/client.py" in path[0]
    assert any("MainThread" in call and "write_line" in call for call in path[-4:])
