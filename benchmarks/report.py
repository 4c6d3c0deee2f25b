"""Tables, what is demanded of their figures, and the page that keeps them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from textwrap import fill

LINE = 100
MEGABYTE = 1024 * 1024

INTRODUCTION = """\
# Performance

`make bench` measures this and writes this page: whole processes, side by side in one run, reading
an emulated Confluence on the same machine. Figures of another machine differ; their ratios less so.
"""


@dataclass(frozen=True)
class Demand:
    """A bound that a figure has to keep."""

    claim: str
    measured: float
    bound: float
    is_upper: bool = False
    unit: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the bound is kept."""
        return self.measured <= self.bound if self.is_upper else self.measured >= self.bound

    def __str__(self) -> str:
        verdict = "met" if self.is_met else "**falls short**"
        side = "at most" if self.is_upper else "at least"
        return (
            f"{self.claim}: {self.measured:.2f}{self.unit} "
            f"({side} {self.bound:g}{self.unit} demanded: {verdict})"
        )


@dataclass(frozen=True)
class Section:
    """A table with what there is to say about it; the first column is text, the others figures."""

    title: str
    text: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    demands: Sequence[Demand] = field(default_factory=tuple)

    def __str__(self) -> str:
        parts = [f"## {self.title}", fill(self.text, LINE), "\n".join(self._table())]
        if self.demands:
            parts.append("\n".join(f"- {demand}" for demand in self.demands))
        return "\n\n".join(parts) + "\n"

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
    """Return a number of bytes as a figure of a table."""
    return f"{size / MEGABYTE:,.0f}"


def page(sections: Sequence[Section], measured: str) -> str:
    """Return docs/performance.md; `measured` says when and on what."""
    return "\n".join((INTRODUCTION, fill(measured, LINE) + "\n", *map(str, sections)))
