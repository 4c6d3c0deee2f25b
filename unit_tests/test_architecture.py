"""docs/architecture.md names every package and every module, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from unit_tests import documents
from unit_tests.documents import PACKAGE, text_of


def test_the_architecture_names_every_package() -> None:
    named = set(documents.code_spans("docs/architecture.md"))
    packages = {
        path.parent.relative_to(PACKAGE).as_posix() + "/" for path in PACKAGE.glob("*/__init__.py")
    }

    assert packages
    assert packages <= named


def test_the_architecture_names_every_module() -> None:
    """A file without a folder is in the folder of the file before it."""
    table = text_of("docs/architecture.md").partition("## Modules")[2].partition("\n## ")[0]
    named, folder = [], Path()
    for file in re.findall(r"`([\w/]+\.py)`", table):
        path = Path(file)
        if file == "run.py" or path.parent != Path():
            folder = path.parent
        named.append(str(folder / path.name))
    modules = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if path.name != "__init__.py"
    }

    assert sorted(modules) == sorted(set(named) - {"streams/__init__.py"})
