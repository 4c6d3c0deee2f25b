"""The documents describe the streams and the config as the code defines them."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from source_confluence.streams.children import Children
from tools import docs_configuration
from tools import stream_facts as facts
from tools.docs_streams import DOCUMENT, Streams, current, main, scope_rule
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


@pytest.fixture(scope="module")
def endpoints(streams: Streams) -> set[str]:
    return {
        endpoint for stream in streams.by_name.values() for endpoint in streams.endpoints(stream)
    }


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


def test_every_stream_has_its_facts_and_no_facts_are_stale(streams: Streams) -> None:
    described = [name for group in facts.GROUPS.values() for name in group]

    assert described == [stream.name for stream in streams.streams]
    assert set(facts.HIDDEN) == {hidden.name for hidden in streams.lists}
    assert set(facts.RIGHTS) < set(described)


def test_only_incremental_streams_cost_something_else_later(streams: Streams) -> None:
    later = {name for name, cost in streams.facts.items() if cost.later} - set(facts.HIDDEN)

    assert later <= {stream.name for stream in streams.streams if stream.supports_incremental}


def test_every_shared_list_has_a_cost_and_no_cost_is_stale(streams: Streams) -> None:
    shared = {name for stream in streams.streams for name in streams.shared_lists(stream)}

    assert shared == set(facts.LISTS)


def test_every_size_in_a_formula_is_explained(streams: Streams) -> None:
    formulas = [*facts.LISTS.values()]
    for cost in streams.facts.values():
        formulas += [cost.full, cost.later]
    legend = DOCUMENT.read_text(encoding="utf-8").split("⌈P/250⌉ is P divided")[0]
    explained = {
        size
        for row in re.findall(r"^\| ([^|]+) \|", legend, re.MULTILINE)
        for size in row.split(", ")
    }

    assert set(re.findall(r"[A-ZΔ]", "".join(formulas))) == {
        size for size in explained if re.fullmatch(r"[A-ZΔ]", size)
    }


def test_no_scope_is_stale(endpoints: set[str]) -> None:
    assert {scope_rule(endpoint) for endpoint in endpoints} == set(facts.SCOPES)


@pytest.mark.skipif(not OPENAPI_DOCUMENTS.is_dir(), reason="needs Atlassian's OpenAPI documents")
def test_every_endpoint_and_its_scopes_are_as_atlassian_documents_them(
    endpoints: set[str],
) -> None:
    documented = {
        api: json.loads((OPENAPI_DOCUMENTS / name).read_text(encoding="utf-8"))["paths"]
        for api, (name, _) in OPENAPI.items()
    }
    for endpoint in endpoints:
        api, path = endpoint.split(" ")
        wanted = _anonymous(OPENAPI[api][1] + path)
        (operations,) = [
            operations for path, operations in documented[api].items() if _anonymous(path) == wanted
        ]
        operation = operations.get("get") or operations["post"]
        assert set(facts.SCOPES[scope_rule(endpoint)]) == _granular_scopes(operation), endpoint


def test_every_key_that_links_streams_is_in_a_schema(streams: Streams) -> None:
    links = list(streams.links())
    linked = {(link.stream, link.field) for link in links}

    assert {link.target for link in links} <= set(streams.by_name)
    assert set(facts.TARGETS) <= {field for _, field in linked}
    assert set(facts.TARGETS_IN_A_STREAM) <= linked


def test_every_parent_is_linked_with_its_children(streams: Streams) -> None:
    links = {(link.stream, link.field, link.target) for link in streams.links()}
    children = [stream for stream in streams.streams if isinstance(stream, Children)]

    assert len(children) > len(facts.LISTS)
    for stream in children:
        for parent in stream.parents:
            assert (stream.name, stream.parent_key, parent) in links


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
