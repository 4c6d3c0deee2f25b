"""Parses the documents: links, code, headings, tables."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
PACKAGE = REPOSITORY / "source_confluence"
DOCUMENTS = sorted(
    path.relative_to(REPOSITORY).as_posix()
    for folder in (".", "docs", "examples")
    for path in (REPOSITORY / folder).glob("*.md")
)

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:^|\n)\n((?:    \S.*\n)+)")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_IMAGE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
_GENERATED = re.compile(r"<!-- (\w+): generated.*?<!-- \1: end -->", re.DOTALL)


def text_of(document: str) -> str:
    return (REPOSITORY / document).read_text(encoding="utf-8")


def blocks(document: str, language: str) -> list[str]:
    """Return the fenced blocks of a language, without their indentation."""
    found = _FENCE.finditer(text_of(document))
    return [textwrap.dedent(block[3]) for block in found if block[2] == language]


def prose(document: str) -> str:
    """Return a document without its fenced blocks and its generated parts."""
    return _FENCE.sub("", _GENERATED.sub("", text_of(document)))


def commands(document: str) -> list[str]:
    """Return the shell commands: the lines of indented blocks, without comments."""
    lines = [
        line for block in _INDENTED.findall(prose(document)) for line in block.strip().splitlines()
    ]
    return [re.sub(r"\s+# .*", "", line.strip()) for line in lines]


def code_spans(document: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", prose(document))


def links(document: str) -> list[str]:
    return _LINK.findall(prose(document))


def images(document: str) -> list[str]:
    return _IMAGE.findall(prose(document))


def headings(document: str) -> list[tuple[int, str]]:
    """Return the level and the text of each heading."""
    return [(len(marks), text) for marks, text in _HEADING.findall(prose(document))]


def anchors(document: str) -> set[str]:
    """Return the anchors of the headings, as GitHub makes them."""
    return {
        re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for _, text in headings(document)
    }


def section(document: str, heading: str) -> str:
    """Return the text under a heading, up to the next heading of its level or above."""
    text = text_of(document)
    marks = next(marks for marks, found in _HEADING.findall(text) if found == heading)
    below = text.partition(f"\n{marks} {heading}\n")[2]
    return re.split(rf"^#{{1,{len(marks)}}} ", below, maxsplit=1, flags=re.MULTILINE)[0]


def make_targets() -> set[str]:
    return set(re.findall(r"^\.PHONY: (.+)$", text_of("Makefile"), re.MULTILINE))
