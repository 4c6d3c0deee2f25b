from __future__ import annotations

from pathlib import Path

import pytest

from tools.imports import cycles, problems

LAYERS = (
    ("source_confluence", "source_confluence.run"),
    ("source_confluence.streams",),
    ("source_confluence.streams.retrievers",),
    ("source_confluence.confluence",),
)
FILES = {
    "__init__": "from source_confluence.run import run",
    "run": "def run():\n    from source_confluence.streams import STREAMS",
    "streams/__init__": "from source_confluence.streams.pages import Pages",
    "streams/pages": "from source_confluence.streams.retrievers.whole_list import WholeList",
    "streams/retrievers/__init__": "",
    "streams/retrievers/whole_list": "import source_confluence.confluence.client",
    "confluence/__init__": "",
    "confluence/client": "import requests",
}


def tree(folder: Path, **changes: str) -> Path:
    """A package like ours, with these modules changed or added."""
    for name, source in (FILES | changes).items():
        path = folder / "source_confluence" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return folder


def test_the_connector_follows_the_rules() -> None:
    assert list(problems()) == []


def test_imports_that_go_down_are_allowed(tmp_path: Path) -> None:
    assert list(problems(tree(tmp_path), LAYERS, ())) == []


@pytest.mark.parametrize(
    ("module", "source", "imported"),
    [
        ("confluence/client", "import source_confluence.run", "source_confluence.run"),
        (
            "confluence/errors",
            "from source_confluence.streams import STREAMS",
            "source_confluence.streams",
        ),
        (
            "streams/retrievers/per_parent",
            "if TYPE_CHECKING:\n    from source_confluence.streams import pages",
            "source_confluence.streams.pages",
        ),
        (
            "streams/retrievers/by_label",
            "def read():\n    from source_confluence.streams.pages import Pages",
            "source_confluence.streams.pages",
        ),
        ("streams/pages", "from integration_tests.demo import main", "integration_tests.demo"),
        ("streams/pages", "import conftest", "conftest"),
    ],
)
def test_an_import_that_goes_up_or_out_is_a_problem(
    tmp_path: Path, module: str, source: str, imported: str
) -> None:
    importer = f"source_confluence.{module.replace('/', '.')}"

    (problem, *_) = problems(tree(tmp_path, **{module: source}), LAYERS, ())

    assert problem.startswith(f"{importer} imports {imported},")


def test_a_cycle_inside_a_layer_is_a_problem(tmp_path: Path) -> None:
    changed = tree(
        tmp_path,
        **{
            "confluence/client": "from source_confluence.confluence.site import Site",
            "confluence/site": "from source_confluence.confluence import client",
        },
    )

    (problem,) = problems(changed, LAYERS, ())

    assert "confluence.client -> source_confluence.confluence.site -> " in problem


def test_an_exception_is_ignored_and_a_stale_one_is_a_problem(tmp_path: Path) -> None:
    upward = ("source_confluence.confluence.client", "source_confluence.run")
    stale = ("source_confluence.streams.pages", "source_confluence.run")
    # Also a cycle, without the exception.
    changed = tree(tmp_path, **{"confluence/client": "import source_confluence.run"})

    assert list(problems(changed, LAYERS, {upward})) == []
    (problem,) = problems(changed, LAYERS, {upward, stale})
    assert stale[0] in problem


def test_a_layer_that_does_not_exist_is_a_problem(tmp_path: Path) -> None:
    (problem,) = problems(tree(tmp_path), (*LAYERS, ("source_confluence.sync",)), ())

    assert "source_confluence.sync" in problem


@pytest.mark.parametrize(
    ("imports", "found"),
    [
        ({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}, []),
        ({"a": ["a"]}, [["a", "a"]]),
        ({"a": ["b"], "b": ["c"], "c": ["b"]}, [["b", "c", "b"]]),
        ({"a": ["b"], "b": ["a"], "c": ["d"], "d": ["c"]}, [["a", "b", "a"], ["c", "d", "c"]]),
    ],
)
def test_every_cycle_is_found(imports: dict[str, list[str]], found: list[list[str]]) -> None:
    assert list(cycles(imports)) == found
