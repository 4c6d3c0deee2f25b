"""Costs in requests, as formulas over the sizes of a site: `ceil(P / 250) + 2 * Y`.

A formula is written once, next to its stream. Its text is for the documents, its value for a site
for the cost preview.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil, floor

Sizes = Mapping[str, float]
"""How many a site has, by the names of sizes, such as `P` for its pages."""


@dataclass(frozen=True)
class Formula:
    """A number of requests that depends on the sizes of a site."""

    text: str
    """As the documents write it, such as ⌈P/250⌉."""
    names: frozenset[str]
    """The names of the sizes that it needs."""
    at: Callable[[Sizes], float]
    """Returns its value for a site. Raises KeyError for a size that is not known."""
    is_sum: bool = False

    def __str__(self) -> str:
        """Return its text."""
        return self.text

    def __add__(self, other: Formula | int) -> Formula:
        """Return the sum."""
        added = other if isinstance(other, Formula) else number(other)
        return Formula(
            f"{self} + {added}",
            self.names | added.names,
            lambda sizes: self.at(sizes) + added.at(sizes),
            is_sum=True,
        )

    def __rmul__(self, factor: int) -> Formula:
        """Return a multiple."""
        text = f"({self})" if self.is_sum else self.text
        return Formula(f"{factor}·{text}", self.names, lambda sizes: factor * self.at(sizes))

    def __truediv__(self, divisor: int) -> Formula:
        """Return a fraction, which is to be rounded."""
        return Formula(f"{self}/{divisor}", self.names, lambda sizes: self.at(sizes) / divisor)

    def __ceil__(self) -> Formula:
        """Return it rounded up."""
        return Formula(f"⌈{self}⌉", self.names, lambda sizes: ceil(self.at(sizes)))

    def __floor__(self) -> Formula:
        """Return it rounded down."""
        return Formula(f"⌊{self}⌋", self.names, lambda sizes: floor(self.at(sizes)))

    def unless_more(self, few: Formula, many: Formula, otherwise: Formula) -> Formula:
        """Return it where there are no more of `few` than of `many`, or else another formula."""
        return Formula(
            f"{self}, or {otherwise}",
            self.names | few.names | many.names | otherwise.names,
            lambda sizes: (self if few.at(sizes) <= many.at(sizes) else otherwise).at(sizes),
        )


def number(value: int) -> Formula:
    """Return a number that depends on nothing."""
    return Formula(str(value), frozenset(), lambda _: value)


def size(letter: str, of: str = "") -> Formula:
    """Return a size of the site. `of` names the stream whose records it counts, if several do."""
    name = f"{letter} {of}".strip()
    return Formula(letter, frozenset({name}), lambda sizes: sizes[name])


def changed(of: Formula) -> Formula:
    """Return how many of a size changed since the last sync; 0 unless that is known."""
    names = [f"Δ{name}" for name in of.names]
    return Formula(f"Δ{of}", frozenset(), lambda sizes: sum(sizes.get(name, 0) for name in names))
