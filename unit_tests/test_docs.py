"""The documents describe the streams and the config as the code defines them."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from source_confluence.streams import STREAMS
from source_confluence.streams.facts import NO_REQUEST
from source_confluence.streams.retrievers.per_parent import PerParent
from tools import docs_configuration, key_links
from tools.docs_streams import DOCUMENT, GROUPS, Streams, current, main
from unit_tests.fakes import spec_schema

REPOSITORY = Path(__file__).parents[1]
OPENAPI_DOCUMENTS = Path(
    os.environ.get("CONFLUENCE_OPENAPI_DIR", REPOSITORY.parent / "shared/reference/openapi")
)
OPENAPI = {"v1": ("cloud-v1.json", "/wiki/rest/api/"), "v2": ("cloud-v2.json", "/")}
UNWRITTEN = "<!-- {0}: generated -->\n<!-- {0}: end -->\n"


@pytest.fixture(scope="module")
def streams() -> Streams:
    return Streams()


@pytest.fixture
def document(tmp_path: Path, streams: Streams) -> Path:
    """A document in which nothing generated has been written yet."""
    path = tmp_path / "streams.md"
    path.write_text("Prose.\n" + "".join(UNWRITTEN.format(name) for name in streams.blocks()))
    return path


def test_the_committed_document_is_current() -> None:
    assert main(["--check"]) is None, "run make docs"


def test_check_reports_a_stale_document_and_leaves_it_alone(document: Path) -> None:
    before = document.read_text()

    assert "streams.md" in (main(["--check"], document) or "")
    assert document.read_text() == before


def test_a_stale_document_is_updated_and_keeps_its_prose(document: Path) -> None:
    assert main([], document) is None

    assert main(["--check"], document) is None
    assert document.read_text().startswith("Prose.\n")
    assert "| `pages` | `v2 pages` | `id` |" in document.read_text()


def test_a_document_without_a_place_for_a_part_is_an_error() -> None:
    with pytest.raises(ValueError, match="streams"):
        current("Prose.\n")


def test_every_stream_is_in_one_group() -> None:
    assert [stream for group in GROUPS.values() for stream in group] == list(STREAMS)


def test_only_incremental_streams_cost_something_else_later(streams: Streams) -> None:
    for one in streams.declarations.values():
        assert one.cursor_field or not one.facts.later_cost, one.name


def test_every_shared_list_has_a_cost(streams: Streams) -> None:
    for one in streams.declarations.values():
        for name in streams.shared_lists(one):
            assert streams.declarations[name].facts.list_cost, name


def test_every_size_in_a_formula_is_explained(streams: Streams) -> None:
    formulas = []
    for one in streams.declarations.values():
        formulas += [str(one.facts.cost), str(one.facts.later_cost or "")]
        formulas.append(str(one.facts.list_cost or ""))
    legend = DOCUMENT.read_text(encoding="utf-8").split("⌈P/250⌉ is P divided")[0]
    explained = {
        size
        for row in re.findall(r"^\| ([^|]+) \|", legend, re.MULTILINE)
        for size in row.split(", ")
    }

    assert set(re.findall(r"[A-ZΔ]", "".join(formulas))) == {
        size for size in explained if re.fullmatch(r"[A-ZΔ]", size)
    }


@pytest.mark.skipif(not OPENAPI_DOCUMENTS.is_dir(), reason="needs Atlassian's OpenAPI documents")
def test_endpoints_and_scopes_are_as_atlassian_documents_them(streams: Streams) -> None:
    documented = {
        api: json.loads((OPENAPI_DOCUMENTS / name).read_text(encoding="utf-8"))["paths"]
        for api, (name, _) in OPENAPI.items()
    }
    for one in streams.declarations.values():
        if one.facts.cost is NO_REQUEST and not one.facts.list_cost:
            continue  # derived from the list of another stream
        scopes: set[str] = set()
        for endpoint in one.retriever.endpoints:
            api, path = endpoint.split(" ")
            wanted = _anonymous(OPENAPI[api][1] + path)
            (operations,) = [
                operations
                for path, operations in documented[api].items()
                if _anonymous(path) == wanted
            ]
            scopes |= _granular_scopes(operations.get("get") or operations["post"])
        assert set(one.facts.scopes) == scopes, one.name


def test_every_key_that_links_streams_is_in_a_schema(streams: Streams) -> None:
    links = list(streams.links())
    linked = {(link.stream, link.field) for link in links}

    assert {link.target for link in links} <= set(streams.declarations)
    assert set(key_links.TARGETS) <= {field for _, field in linked}
    assert set(key_links.TARGETS_IN_A_STREAM) <= linked


def test_every_parent_is_linked_with_its_children(streams: Streams) -> None:
    links = {(link.stream, link.field, link.target) for link in streams.links()}

    for stream in STREAMS:
        retriever = stream.cloud
        if isinstance(retriever, PerParent):
            for kind in retriever.kinds:
                assert (stream.name, kind.id_field, kind.name) in links


class TestConfiguration:
    def test_the_committed_table_is_current(self) -> None:
        assert docs_configuration.main(["--check"]) is None, "run make docs"

    def test_a_stale_table_is_reported_and_updated(self, tmp_path: Path) -> None:
        document = tmp_path / "configuration.md"
        document.write_text(UNWRITTEN.format("configuration"))

        assert "configuration.md" in (docs_configuration.main(["--check"], document) or "")
        docs_configuration.main([], document)
        assert docs_configuration.main(["--check"], document) is None
        assert "| `num_workers` |" in document.read_text()

    def test_each_field_has_a_row_with_its_description_and_default(self) -> None:
        table = docs_configuration.blocks()["configuration"]
        rows = {row.split("`")[1]: row for row in table.splitlines()[2:]}
        fields = spec_schema()["properties"]

        assert set(rows) == set(fields)
        for name, field in fields.items():
            assert field["description"] in rows[name]
            assert rows[name].endswith(_default_of(name, field))


@pytest.mark.parametrize("name", ["streams.md", "configuration.md"])
def test_the_readme_links_to_the_generated_documents(name: str) -> None:
    assert f"](docs/{name})" in (REPOSITORY / "README.md").read_text(encoding="utf-8")


def _default_of(name: str, field: dict[str, Any]) -> str:
    if name in spec_schema()["required"]:
        return "| required |"
    return f"| `{json.dumps(field['default'])}` |" if "default" in field else "|  |"


def _anonymous(path: str) -> str:
    return re.sub(r"\{[\w-]+\}", "{}", path)


def _granular_scopes(operation: dict[str, Any]) -> set[str]:
    """v1 documents granular scopes as Beta, next to the older ones."""
    by_state = {one["state"]: one["scopes"] for one in operation["x-atlassian-oauth2-scopes"]}
    scopes = by_state.get("Beta") or by_state["Current"]
    return {scope.removesuffix(":confluence") for scope in scopes}
