"""Draws docs/demo.svg, a terminal with the output of `make demo`.

Reads that output from stdin: `make demo | .venv/bin/python -m tools.draw_demo`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools.svg import picture, text

PICTURE = Path(__file__).parents[1] / "docs" / "demo.svg"
SHOWN = (
    *("pages", "blog_posts", "attachments", "custom_content", "whiteboards"),
    *("page_labels", "page_content_properties", "page_likes", "page_versions"),
    *("group", "group_members", "users", "audit"),
)
"""The streams whose rows the picture keeps; a line with a count stands for the others."""
FIRST_WORDS = ("An emulated", "spec ", "check ", "discover ", "A full read", "stream ", "in all ")
"""How the other lines begin that the picture keeps."""

LEFT, TOP, LINE = 20, 62, 19
WIDTH = 790
STYLE = """
.card { fill: #0d1117; stroke: #30363d; }
.dot1 { fill: #ff5f57; } .dot2 { fill: #febc2e; } .dot3 { fill: #28c840; }
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace;
  fill: #c9d1d9; }
text.prompt, text.total { fill: #7ee787; font-weight: bold; }
text.head { fill: #79c0ff; font-weight: bold; }
text.rest { fill: #8b949e; }
"""


def draw(lines: Iterable[str]) -> str:
    """Return the picture of the output of `make demo`, cut to the rows in SHOWN."""
    rows = [("prompt", "$ make demo"), *_kept(lines)]
    height = TOP + LINE * len(rows)
    elements = [
        f'<circle cx="{20 + 20 * number}" cy="20" r="6" class="dot{number + 1}"/>'
        for number in range(3)
    ]
    elements += [
        text(LEFT, TOP + LINE * number, line, css_class)
        for number, (css_class, line) in enumerate(rows)
        if line
    ]
    title = "make demo: spec, check, discover, a full read and an incremental one, by stream"
    return picture(WIDTH, height, title, STYLE, elements)


def main() -> None:
    """Draw the text from stdin."""
    PICTURE.write_text(draw(sys.stdin), encoding="utf-8")


def _kept(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the lines to draw, each with its CSS class."""
    left_out = 0
    is_table = False
    for line in map(str.rstrip, lines):
        first_word = line.split(" ", 1)[0]
        if not line.startswith(FIRST_WORDS) and first_word not in SHOWN:
            if is_table:
                left_out += 1
            elif not line:
                yield "", ""
            continue
        if left_out:
            yield "rest", f"... {left_out} more"
            left_out = 0
        is_table = (is_table or first_word == "stream") and first_word != "in"
        yield {"stream": "head", "in": "total"}.get(first_word, ""), line
        if first_word == "in":
            return


if __name__ == "__main__":
    main()
