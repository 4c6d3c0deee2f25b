"""Writes the parts of the documents that come from the code.

A generated part is between `<!-- name: generated ... -->` and `<!-- name: end -->`. The text
around it is written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

Blocks = Mapping[str, str]
"""The Markdown of each generated part by its name."""


def filled(text: str, blocks: Blocks) -> str:
    """Return a document with its generated parts up to date.

    Raises ValueError if a part is not in the document.
    """
    for name, markdown in blocks.items():
        block = re.compile(rf"(<!-- {name}: generated.*?-->\n).*?(<!-- {name}: end -->)", re.DOTALL)
        found = block.search(text)
        if found is None:
            raise ValueError(f"the document has no place for {name}")
        text = f"{text[: found.end(1)]}\n{markdown}\n\n{text[found.start(2) :]}"
    return text


def write(arguments: Sequence[str], document: Path, blocks: Blocks) -> str | None:
    """Write the document, or with `--check` return a sentence if it is not current."""
    written = document.read_text(encoding="utf-8")
    wanted = filled(written, blocks)
    if "--check" in arguments:
        return None if wanted == written else f"{document.name} is not current: run make docs"
    document.write_text(wanted, encoding="utf-8")
    return None


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = (header, ["---"] * len(header), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
