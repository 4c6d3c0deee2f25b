"""Draws docs/comparison.svg, time and requests next to other extractors, from docs/benchmark.json.

`make bench` writes that file; then run `.venv/bin/python -m tools.draw_comparison`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.svg import picture, text

DOCS = Path(__file__).parents[1] / "docs"
DATA = DOCS / "benchmark.json"
PICTURE = DOCS / "comparison.svg"

OURS = "source-confluence"
LABELS = {
    "requests + orjson, in a loop": "A plain loop of requests",
    "declarative manifest, 250 a page": "Airbyte manifest, 250 a page",
    "declarative manifest, 25 a page": "Airbyte manifest, 25 a page",
    "dlt rest_api, records printed": "dlt rest_api, to stdout",
    "dlt rest_api, pipeline to JSONL files": "dlt rest_api, to files",
}
CONTENT_PROPERTIES = "_content_properties"

WIDTH, LEFT, BAR_START, LONGEST_BAR = 790, 20, 260, 345
BAR, LINE = 14, 25
STYLE = """
.card { fill: #ffffff; stroke: #d0d7de; }
.other { fill: #afb8c1; }
.ours { fill: #1a7f37; }
text { font: 13px -apple-system, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif;
  fill: #1f2328; }
text.title { font-size: 15px; font-weight: 600; }
text.bold { font-weight: 600; }
text.note { font-size: 12px; fill: #59636e; }
@media (prefers-color-scheme: dark) {
  .card { fill: #0d1117; stroke: #30363d; }
  .other { fill: #484f58; }
  .ours { fill: #3fb950; }
  text { fill: #e6edf3; }
  text.note { fill: #9198a1; }
}
"""


@dataclass(frozen=True)
class Bar:
    """One bar: who it is about, how long it is, and what is written beside it."""

    label: str
    length: float
    value: str
    is_ours: bool


@dataclass(frozen=True)
class Panel:
    """Some bars on the same scale."""

    title: str
    note: str
    bars: Sequence[Bar]


def draw(benchmark: Mapping[str, Any]) -> str:
    """Return the picture of the measurements in docs/benchmark.json."""
    sections = benchmark["sections"]
    panels = (_time(sections["latency"]), _requests(sections["requests"]))
    elements: list[str] = []
    bottom = 8.0
    for panel in panels:
        elements += _drawn(panel, bottom)
        bottom += 66 + LINE * len(panel.bars)
    measured = benchmark["measured"].partition(" (load")[0]
    elements.append(
        text(LEFT, bottom + 24, f"{measured}, on an emulated site (make bench).", "note")
    )
    height = int(bottom) + 40
    title = "; ".join(f"{panel.title}: {_spoken(panel)}" for panel in panels)
    return picture(WIDTH, height, title, STYLE, elements)


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


def _drawn(panel: Panel, top: float) -> Iterator[str]:
    yield text(LEFT, top + 26, panel.title, "title")
    yield text(LEFT, top + 46, panel.note, "note")
    longest = max(bar.length for bar in panel.bars)
    for number, bar in enumerate(panel.bars):
        middle = top + 60 + LINE * number
        width = LONGEST_BAR * bar.length / longest
        weight = "bold" if bar.is_ours else ""
        yield text(LEFT, middle + BAR - 3, bar.label, weight)
        colors = "ours" if bar.is_ours else "other"
        yield (
            f'<rect x="{BAR_START}" y="{middle:g}" width="{width:.1f}" height="{BAR}" rx="3" '
            f'class="{colors}"/>'
        )
        yield text(BAR_START + width + 8, middle + BAR - 3, bar.value, weight)


def _spoken(panel: Panel) -> str:
    return ", ".join(f"{bar.label} {bar.value}" for bar in panel.bars)


if __name__ == "__main__":
    main()
