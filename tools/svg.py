"""The pieces of an SVG picture that the drawing scripts share."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

NAMESPACE = "http://www.w3.org/2000/svg"  # ignore-https-check: a name, which nothing requests


def text(x: float, y: float, content: str, css_class: str = "") -> str:
    """Return a text element whose baseline starts at x, y in pixels; every space counts."""
    spaced = escape(content).replace(" ", "\N{NO-BREAK SPACE}")
    return f'<text x="{x:g}" y="{y:g}" class="{css_class}">{spaced}</text>'


def picture(width: int, height: int, title: str, style: str, elements: Iterable[str]) -> str:
    """Return a whole SVG document of `width` by `height` pixels, with a card behind its elements.

    `title` is what a screen reader reads.
    """
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    edge = f'x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"'
    return "\n".join(
        (
            f'<svg xmlns="{NAMESPACE}" {size} role="img">',
            f"<title>{escape(title)}</title>",
            f"<style>{style}</style>",
            f'<rect {edge} class="card"/>',
            *elements,
            "</svg>\n",
        )
    )
