"""Draws docs/comparison.svg, time and requests next to other extractors, from docs/benchmark.json.

`make bench` writes both; to draw again, run `.venv/bin/python -m tools.draw_comparison`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.panels import LABELS, OURS, Bar, Panel, drawn

DOCS = Path(__file__).parents[1] / "docs"
DATA = DOCS / "benchmark.json"
PICTURE = DOCS / "comparison.svg"

CONTENT_PROPERTIES = "_content_properties"


def draw(benchmark: Mapping[str, Any]) -> str:
    """Return the picture of the measurements in docs/benchmark.json."""
    sections = benchmark["sections"]
    panels = (_time(sections["latency"]), _requests(sections["requests"]))
    return drawn(panels, benchmark["measured"])


def main() -> None:
    """Draw the picture."""
    PICTURE.write_text(draw(json.loads(DATA.read_text(encoding="utf-8"))), encoding="utf-8")


def _time(section: Mapping[str, Any]) -> Panel:
    rows = sorted(section["rows"], key=lambda row: float(row["seconds"]))
    return Panel(
        "Time",
        section["title"],
        [
            Bar(
                LABELS.get(row["name"], row["name"]),
                row["seconds"],
                f"{row['seconds']:.0f} s, {row['requests']:,} requests",
                row["name"] == OURS,
            )
            for row in rows
        ],
    )


def _requests(section: Mapping[str, Any]) -> Panel:
    """The naive number of all streams, and of those that both of our syncs read."""
    *rows, total = section["rows"]
    naive_without = sum(
        row["naive"] or 0 for row in rows if not row["name"].endswith(CONTENT_PROPERTIES)
    )
    pages = next(row["records"] for row in rows if row["name"] == "pages")
    numbers = (
        ("One per parent and list", naive_without, False),
        (OURS, total["without properties"], True),
        ("One per parent, with properties", total["naive"], False),
        (f"{OURS}, with properties", total["with properties"], True),
    )
    return Panel(
        "Requests",
        f"A full sync of {pages:,} pages with labels, versions, comments and more (gray: computed)",
        [Bar(label, count, f"{count:,} requests", ours) for label, count, ours in numbers],
    )


if __name__ == "__main__":
    main()
