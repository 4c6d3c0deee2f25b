"""CQL search: what it finds, what it expands, and how much a page of results holds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integration_tests.confluence_emulator import Emulator, SiteSpec
from integration_tests.confluence_emulator.client import V1, EmulatorClient, ids, next_link

SPEC = SiteSpec(seed=8, archived_page_share=0.15)
RESTRICTED = ",".join(
    f"restrictions.{operation}.restrictions.{principal}"
    for operation in ("read", "update")
    for principal in ("user", "group")
)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """An emulator that no test changes."""
    with Emulator(SPEC) as running:
        yield running


@pytest.fixture
def client(emulator: Emulator) -> Iterator[EmulatorClient]:
    with EmulatorClient(emulator) as visiting:
        yield visiting


def rich(emulator: Emulator, stream: str) -> str:
    """Return the first current object: it has more of everything than fits on a page."""
    return next(str(one["id"]) for one in emulator.expected(stream) if one["status"] == "current")


def test_search_expands_restrictions_and_labels(emulator: Emulator, client: EmulatorClient) -> None:
    query = {"cql": "type = page", "limit": 250, "expand": f"metadata.labels,{RESTRICTED}"}

    found = client.records(V1 + "content/search", query)

    current = {page["id"] for page in emulator.expected("pages", statuses=["current"])}
    assert set(ids(found)) == current
    number = rich(emulator, "pages")
    (first,) = (one for one in found if one["id"] == number)
    users = first["restrictions"]["read"]["restrictions"]["user"]
    assert (users["size"], users["limit"], users["totalSize"]) == (100, 100, 130)
    assert (next_link(users) or "").endswith("/restriction/byOperation/read?limit=100&start=100")
    groups = first["restrictions"]["read"]["restrictions"]["group"]["results"]
    assert groups[0]["id"] not in ids(emulator.expected("group")), "a deleted group"
    labels = [one for one in emulator.expected("page_labels") if one["pageId"] == number]
    assert {one["id"] for one in labels} == set(ids(first["metadata"]["labels"]["results"]))


@pytest.mark.parametrize(
    ("expand", "most"),
    [("", 250), ("version", 250), ("body.storage", 50), ("version,body.export_view", 25)],
)
def test_a_search_with_bodies_has_less_on_a_page(
    client: EmulatorClient, expand: str, most: int
) -> None:
    cql = "type in (page, comment, attachment)"

    page = client.content(V1 + "content/search", {"cql": cql, "limit": 500, "expand": expand})

    assert (page["limit"], page["size"], len(page["results"])) == (most, most, most)
    assert page["totalSize"] > most


@pytest.mark.parametrize(
    ("cql", "kinds"),
    [
        ("type = page or type = folder", {"page", "folder"}),
        ("type in (page, comment) and type != page", {"comment"}),
        ("(type = page or type = embed) and not_a_field = 1", None),
        ('type not in ("page", "blogpost", comment) and space = "SP0"', {"attachment", "folder"}),
        ("type = page and", None),
        ("type = page order by lastmodified desc", {"page"}),
        ('type = "ac:com.example.never-used:thing"', set()),
        ("label = label-1 AND type IN (page)", {"page"}),
        ("title = 'No \\' such'", set()),
        ("type = page )", None),
        ('title = "open', None),
    ],
)
def test_cql(client: EmulatorClient, cql: str, kinds: set[str] | None) -> None:
    response = client.get(V1 + "content/search", {"cql": cql, "limit": 250})

    if kinds is None:
        assert response.status_code == 400
        assert "Could not parse cql" in response.json()["message"]
    else:
        found = {one["type"] for one in response.json()["results"]}
        assert found >= kinds
        assert bool(found) == bool(kinds)


def test_content_has_the_shape_that_was_recorded(client: EmulatorClient) -> None:
    query = {"cql": "type in (page, blogpost, comment)", "limit": 250}
    found = client.records(V1 + "content/search", query)

    positions = {type(one["extensions"]["position"]) for one in found}
    assert positions == {int, str}
    assert {p for one in found if isinstance(p := one["extensions"]["position"], str)} == {"none"}
    page = next(one for one in found if one["type"] == "page")
    assert page["id"] in page["_links"]["webui"]
    assert page["_links"]["webui"].startswith("/spaces/")
