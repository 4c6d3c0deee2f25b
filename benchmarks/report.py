"""Tables, the bounds that their figures must keep, and the page and the data that record them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from textwrap import fill
from typing import Any

LINE = 100
MEGABYTE = 1024 * 1024

INTRODUCTION = """\
# Performance

`make bench` runs these measurements and writes this page, [benchmark.json](benchmark.json), and the
pictures here and in the README. It compares whole processes, side by side in one run, that read an
emulated Confluence on the same machine. Absolute numbers differ between machines; the ratios
differ less.

![A giant space, long bodies and killed syncs next to other extractors](large-sites.svg)
"""


@dataclass(frozen=True)
class Target:
    """A bound for a measured value."""

    claim: str
    measured: float | None
    """None if the measured program failed."""
    bound: float
    is_upper: bool = False
    unit: str = ""

    @property
    def is_met(self) -> bool:
        """Whether there is a value, and it is within the bound."""
        if self.measured is None:
            return False
        return self.measured <= self.bound if self.is_upper else self.measured >= self.bound

    def __str__(self) -> str:
        verdict = "met" if self.is_met else "**missed**"
        side = "at most" if self.is_upper else "at least"
        value = "failed" if self.measured is None else f"{self.measured:.2f}{self.unit}"
        return f"{self.claim}: {value} (target: {side} {self.bound:g}{self.unit}, {verdict})"


@dataclass(frozen=True)
class Section:
    """A table with its description and targets; the first column is text, the others numbers."""

    title: str
    text: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    targets: Sequence[Target] = field(default_factory=tuple)

    def __str__(self) -> str:
        parts = [f"## {self.title}", _filled(self.text), "\n".join(self._table())]
        if self.targets:
            parts.append("\n".join(f"- {target}" for target in self.targets))
        return "\n\n".join(parts) + "\n"

    def data(self) -> dict[str, Any]:
        """Return the table as JSON: a row is an object, and a figure is a number or null."""
        names = ("name", *self.columns[1:])
        rows = ((row[0], *map(_figure, row[1:])) for row in self.rows)
        return {
            "title": self.title,
            "rows": [dict(zip(names, row, strict=True)) for row in rows],
        }

    def _table(self) -> Iterator[str]:
        cells = list(chain([self.columns], self.rows))
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        for number, row in enumerate(cells):
            first, *others = zip(row, widths, strict=True)
            figures = (text.rjust(width) for text, width in others)
            yield f"| {' | '.join((first[0].ljust(first[1]), *figures))} |"
            if number == 0:
                rules = ("-" * (width - 1) + ":" for width in widths[1:])
                yield f"| {' | '.join(('-' * widths[0], *rules))} |"


def megabytes(size: int) -> str:
    """Return a number of bytes as megabytes for a table."""
    return f"{size / MEGABYTE:,.0f}"


def page(sections: Sequence[Section], measured: str) -> str:
    """Return docs/performance.md; `measured` describes the date, machine and versions."""
    return "\n".join((INTRODUCTION, _filled(measured) + "\n", *map(str, sections)))


def data(sections: Mapping[str, Section], measured: str) -> dict[str, Any]:
    """Return docs/benchmark.json: the tables by the names of their sections."""
    return {
        "measured": measured,
        "sections": {name: section.data() for name, section in sections.items()},
    }


def _filled(text: str) -> str:
    return fill(text, LINE, break_on_hyphens=False)


def _figure(text: str) -> float | None:
    plain = text.replace(",", "")
    if not plain:
        return None
    return float(plain) if "." in plain else int(plain)
