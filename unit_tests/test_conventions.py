"""Conventions of the code that no linter checks."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
CODE = [
    path
    for folder in ("source_confluence", "unit_tests", "integration_tests", "benchmarks", "tools")
    for path in sorted((REPOSITORY / folder).rglob("*.py"))
]
PRODUCT = [path for path in CODE if path.is_relative_to(REPOSITORY / "source_confluence")]
LOCK = re.compile(r"\b(?:RLock|Lock|Condition)\(\)|\bthreading\.local\b")


@pytest.mark.parametrize("path", PRODUCT, ids=lambda path: path.stem)
def test_a_module_with_a_lock_says_what_it_guards(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    if LOCK.search(text):
        assert "guard" in (ast.get_docstring(ast.parse(text)) or "")


def test_some_modules_have_locks() -> None:
    assert sum(bool(LOCK.search(path.read_text(encoding="utf-8"))) for path in PRODUCT) > 5


def test_no_unused_argument_is_excused() -> None:
    excused = [path.name for path in CODE if re.search(r"noqa: ARG\d", path.read_text("utf-8"))]

    assert excused == []


@pytest.mark.parametrize("path", PRODUCT, ids=lambda path: path.stem)
def test_a_module_has_at_most_300_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300
