"""Formulas: one expression, which documents print and previews evaluate."""

from __future__ import annotations

from math import ceil, floor

import pytest

from source_confluence.streams.formula import Formula, changed, number, size

P, Y = size("P"), size("Y")
V = size("V", "pages")


@pytest.mark.parametrize(
    ("formula", "text", "value"),
    [
        (number(3), "3", 3),
        (P, "P", 1001),
        (ceil(P / 250), "⌈P/250⌉", 5),
        (floor(P / 250) + 1, "⌊P/250⌋ + 1", 5),
        (ceil(P / 250) + 2 * Y, "⌈P/250⌉ + 2·Y", 19),
        (2 * (Y + 1), "2·(Y + 1)", 16),
        (3 * ceil(P / 250), "3·⌈P/250⌉", 15),
        ((P + 1).unless_more(Y, V, V), "P + 1, or V", 1002),
        ((P + 1).unless_more(P, V, Y), "P + 1, or Y", 7),
        (floor(changed(P) / 250) + changed(V), "⌊ΔP/250⌋ + ΔV", 3),
    ],
)
def test_text_and_value(formula: Formula, text: str, value: float) -> None:
    assert str(formula) == text
    assert formula.at({"P": 1001, "Y": 7, "V pages": 40, "ΔP": 500, "ΔV pages": 1}) == value


def test_nothing_has_changed_unless_that_is_known() -> None:
    formula = floor(changed(P) / 250) + 1 + changed(V)

    assert formula.at({}) == 1
    assert formula.names == frozenset()


def test_a_formula_names_what_it_needs() -> None:
    formula = (P + 1).unless_more(Y, P, 2 * V)

    assert formula.names == {"P", "Y", "V pages"}
    with pytest.raises(KeyError, match="V pages"):
        formula.at({"P": 1, "Y": 2})
