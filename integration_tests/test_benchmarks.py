"""The benchmarks about large sites, at a small size: they run, and their tables are complete.

dlt is left out: it has an environment of its own, which only `make bench` installs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from benchmarks.contenders import MANIFEST_250, Contender
from benchmarks.giant_space import giant_space
from benchmarks.interruptions import interruptions
from benchmarks.long_bodies import long_bodies
from benchmarks.measure import Bench
from benchmarks.report import Section

OTHERS = (MANIFEST_250,)


@pytest.mark.parametrize(
    ("measured", "divisor", "rows"),
    [
        (partial(long_bodies, others=OTHERS, stall=0.0), 100, 3),
        (partial(interruptions, others=OTHERS), 6, 3),
    ],
    ids=["long bodies", "interruptions"],
)
def test_every_program_is_measured(
    measured: Callable[[Bench, int], Section], divisor: int, rows: int, tmp_path: Path
) -> None:
    section = measured(Bench(tmp_path / "bench"), divisor)

    table = section.data()["rows"]
    assert len(table) == rows
    assert all(value is not None for row in table for value in row.values())
    assert all(target.measured is not None for target in section.targets)


def test_a_program_that_does_not_start_leaves_empty_cells(tmp_path: Path) -> None:
    missing = Contender("missing", (str(tmp_path / "missing"),))

    section = giant_space(Bench(tmp_path / "bench"), 100, [*OTHERS, missing])

    *others, failed = section.rows
    assert len(others) == 3
    assert all(all(row) for row in others)
    assert all(target.measured is not None for target in section.targets)
    assert [cell for cell in failed if cell] == ["missing", "1"]
