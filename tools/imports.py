"""Checks that imports in source_confluence go one way: down LAYERS, and never in a cycle.

`make check` runs this. It counts every import, also inside functions and under TYPE_CHECKING.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = "source_confluence"

Layers = Sequence[Sequence[str]]
Imports = Mapping[str, Collection[str]]
"""The modules of the package that each of its modules imports, by dotted name."""

LAYERS: Layers = (
    ("source_confluence", "source_confluence.run", "source_confluence.__main__"),
    ("source_confluence.airbyte",),
    ("source_confluence.streams",),  # the declarations
    ("source_confluence.streams.preview",),
    ("source_confluence.streams.stream",),
    ("source_confluence.streams.retrievers",),
    ("source_confluence.streams.sync",),
    (
        "source_confluence.streams.cursor_field",
        "source_confluence.streams.facts",
        "source_confluence.streams.formula",
        "source_confluence.streams.kinds",
        "source_confluence.streams.packed_ids",
        "source_confluence.streams.state",
    ),
    ("source_confluence.config",),
    ("source_confluence.confluence",),
)
"""The layers, top to bottom. A module may import from its own layer and from those below.

The longest matching name decides: `source_confluence.streams.stream` has a layer of its own, all
other modules directly in `source_confluence.streams` share one.
"""

OUTSIDE = ("unit_tests", "integration_tests", "benchmarks", "tools", "examples", "conftest")
"""Code in this repository that is not installed with the connector."""

EXCEPTIONS: Collection[tuple[str, str]] = frozenset()
"""Imports that this check ignores: (importing module, imported module)."""


def problems(
    root: Path = ROOT,
    layers: Layers = LAYERS,
    exceptions: Collection[tuple[str, str]] = EXCEPTIONS,
) -> Iterator[str]:
    """Yield a sentence for each import that breaks a rule, and for each stale setting above."""
    files = {_name(path.relative_to(root)): path for path in (root / PACKAGE).rglob("*.py")}
    found = {name: set(_imported(path, files)) for name, path in sorted(files.items())}
    for layer in (name for names in layers for name in names if name not in files):
        yield f"LAYERS names {layer}, which does not exist"
    for importer, imported in sorted(exceptions):
        if imported not in found.get(importer, ()):
            yield f"EXCEPTIONS is stale: {importer} does not import {imported}"
    kept = {
        importer: sorted(name for name in names if (importer, name) not in exceptions)
        for importer, names in found.items()
    }
    for importer, names in kept.items():
        for imported in names:
            if imported.partition(".")[0] in OUTSIDE:
                yield f"{importer} imports {imported}, which is not part of the connector"
            elif _depth(imported, layers) < _depth(importer, layers):
                yield f"{importer} imports {imported}, which is in a higher layer"
    for cycle in cycles(kept):
        yield f"imports form a cycle: {' -> '.join(cycle)}"


def cycles(imports: Imports) -> Iterator[list[str]]:
    """Yield cycles, each as the modules along it. Yields none only if there are none."""
    done: set[str] = set()

    def visit(path: list[str]) -> Iterator[list[str]]:
        for imported in imports.get(path[-1], ()):
            if imported in path:
                yield [*path[path.index(imported) :], imported]
            elif imported not in done:
                yield from visit([*path, imported])
        done.add(path[-1])

    for name in imports:
        if name not in done:
            yield from visit([name])


def _name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(path: Path, modules: Collection[str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:  # ruff bans relative imports
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            module = name if name in modules else name.rpartition(".")[0] or name
            if module.partition(".")[0] in (PACKAGE, *OUTSIDE):
                yield module


def _depth(module: str, layers: Layers) -> int:
    """Return the index of a module's layer: 0 is the top."""
    _, depth = max(
        (len(name), depth)
        for depth, names in enumerate(layers)
        for name in names
        if f"{module}.".startswith(f"{name}.")
    )
    return depth


if __name__ == "__main__":
    sys.exit("\n".join(problems()) or None)
