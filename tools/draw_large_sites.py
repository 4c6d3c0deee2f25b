"""Draws docs/large-sites.svg: one giant space, long bodies and killed syncs, from benchmark.json.

`make bench` writes both; to draw again, run `.venv/bin/python -m tools.draw_large_sites`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tools.draw_comparison import DATA, DOCS
from tools.panels import LABELS, OURS, Bar, Panel, drawn

PICTURE = DOCS / "large-sites.svg"
SECTIONS = frozenset({"giant-space", "long-bodies", "interruptions"})
"""The tables of docs/benchmark.json that are drawn here."""
FAILED = "failed"


def draw(benchmark: Mapping[str, Any]) -> str:
    """Return the picture of the measurements in docs/benchmark.json."""
    sections = benchmark["sections"]
    panels = (
        _giant_space(sections["giant-space"]),
        _long_bodies(sections["long-bodies"]),
        _interruptions(sections["interruptions"]),
    )
    return drawn(panels, benchmark["measured"])


def main() -> None:
    """Draw the picture."""
    PICTURE.write_text(draw(json.loads(DATA.read_text(encoding="utf-8"))), encoding="utf-8")


def _giant_space(section: Mapping[str, Any]) -> Panel:
    return Panel(
        "One giant space",
        _conditions(section),
        [
            _bar(row, "seconds", f"{row['seconds'] or 0:.0f} s, {row['requests'] or 0:,} requests")
            for row in section["rows"]
        ],
    )


def _long_bodies(section: Mapping[str, Any]) -> Panel:
    return Panel(
        "Memory with long bodies",
        _conditions(section),
        [
            Bar(
                LABELS.get(name, name),
                peak or 0,
                FAILED if peak is None else f"{peak:,} MB",
                name == OURS,
                heading=row["name"] if name == OURS else "",
            )
            for row in section["rows"]
            for name, peak in row.items()
            if name != "name"
        ],
    )


def _interruptions(section: Mapping[str, Any]) -> Panel:
    kills = max(row["kills"] or 0 for row in section["rows"])
    worst = "read twice, worst %"
    return Panel(
        "Pages read twice after a SIGKILL, in percent of all pages",
        f"{_conditions(section)}. {OURS}: worst of {kills} moments; others: at half",
        [_bar(row, worst, f"{row[worst] or 0:.0f} %") for row in section["rows"]],
    )


def _conditions(section: Mapping[str, Any]) -> str:
    """Return what follows the colon of a title."""
    _, _, conditions = section["title"].partition(": ")
    return f"{conditions[:1].upper()}{conditions[1:]}"


def _bar(row: Mapping[str, Any], column: str, value: str) -> Bar:
    """Return the bar of a row; only for our own connector the number of spaces matters."""
    name = row["name"]
    is_ours = name == OURS
    spaces = f"{row['spaces']} space{'s' if row['spaces'] > 1 else ''}"
    return Bar(
        f"{name}, {spaces}" if is_ours else LABELS.get(name, name),
        row[column] or 0,
        FAILED if row[column] is None else value,
        is_ours,
    )


if __name__ == "__main__":
    main()
