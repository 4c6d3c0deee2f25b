"""Panels of horizontal bars, of which the pictures of the benchmark consist."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tools.svg import picture, text

OURS = "source-confluence"
LABELS = {
    "requests + orjson, in a loop": "A plain loop of requests",
    "declarative manifest, 250 per page": "Airbyte manifest, 250 per page",
    "declarative manifest, 25 per page": "Airbyte manifest, 25 per page",
    "dlt rest_api, records printed": "dlt rest_api, to stdout",
    "dlt rest_api, pipeline to JSONL files": "dlt rest_api, to files",
}

WIDTH, LEFT, BAR_START, LONGEST_BAR = 790, 20, 260, 345
BAR, LINE, HEADING = 14, 25, 30
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
    heading: str = ""
    """A line above it, about this bar and those below."""


@dataclass(frozen=True)
class Panel:
    """Some bars on the same scale, which starts at 0."""

    title: str
    note: str
    bars: Sequence[Bar]

    @property
    def height(self) -> int:
        """The height in pixels."""
        return 66 + sum(LINE + HEADING * bool(bar.heading) for bar in self.bars)


def drawn(panels: Sequence[Panel], measured: str) -> str:
    """Return the picture; `measured` describes when and with what, as in benchmark.json."""
    elements: list[str] = []
    bottom = 8
    for panel in panels:
        elements += _elements(panel, bottom)
        bottom += panel.height
    when = measured.partition(" (load")[0]
    elements.append(text(LEFT, bottom + 24, f"{when}, on an emulated site (make bench).", "note"))
    title = "; ".join(f"{panel.title}: {_spoken(panel)}" for panel in panels)
    return picture(WIDTH, bottom + 40, title, STYLE, elements)


def _elements(panel: Panel, top: int) -> Iterator[str]:
    yield text(LEFT, top + 26, panel.title, "title")
    yield text(LEFT, top + 46, panel.note, "note")
    longest = max(bar.length for bar in panel.bars) or 1
    middle = top + 60
    for bar in panel.bars:
        if bar.heading:
            middle += HEADING
            yield text(LEFT, middle - 9, bar.heading, "note")
        width = LONGEST_BAR * bar.length / longest
        weight = "bold" if bar.is_ours else ""
        yield text(LEFT, middle + BAR - 3, bar.label, weight)
        colors = "ours" if bar.is_ours else "other"
        yield (
            f'<rect x="{BAR_START}" y="{middle:g}" width="{width:.1f}" height="{BAR}" rx="3" '
            f'class="{colors}"/>'
        )
        yield text(BAR_START + width + 8, middle + BAR - 3, bar.value, weight)
        middle += LINE


def _spoken(panel: Panel) -> str:
    return ", ".join(f"{bar.label} {bar.value}" for bar in panel.bars)
