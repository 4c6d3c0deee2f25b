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


def in_current_spaces(emulator: Emulator, stream: str) -> set[str]:
    """Return the ids of current content in spaces that are not archived."""
    spaces = {one["id"] for one in emulator.expected("space") if one["status"] == "current"}
    return {
        str(one["id"])
        for one in emulator.expected(stream, statuses=["current"])
        if one["spaceId"] in spaces
    }


def rich(emulator: Emulator, stream: str) -> str:
    """Return the first current object: it has more of everything than fits on a page."""
    return next(str(one["id"]) for one in emulator.expected(stream) if one["status"] == "current")


def test_search_expands_restrictions_and_labels(emulator: Emulator, client: EmulatorClient) -> None:
    query = {
        "cql": "type = page order by created",
        "limit": 250,
        "expand": f"metadata.labels,{RESTRICTED}",
    }

    found = client.records(V1 + "content/search", query)

    current = in_current_spaces(emulator, "pages")
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

    assert page["limit"] == most
    assert page["size"] == len(page["results"]) == most - most // 50, "98 of 100"
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


def test_archived_spaces_are_searched_on_request_only(
    emulator: Emulator, client: EmulatorClient
) -> None:
    query = {"cql": "type = page order by created", "limit": 250, "includeArchivedSpaces": "true"}

    found = client.records(V1 + "search", query)
    without = client.records(V1 + "content/search", query)

    assert {row["content"]["id"] for row in found} == {
        page["id"] for page in emulator.expected("pages", statuses=["current"])
    }
    assert (
        set(ids(without))
        == in_current_spaces(emulator, "pages")
        < {row["content"]["id"] for row in found}
    )


def test_without_an_order_paging_drops_a_row_and_repeats_one(client: EmulatorClient) -> None:
    def found(order: str) -> list[str]:
        return ids(client.records(V1 + "content/search", {"cql": f"type = page{order}"}))

    ascending, descending, unordered = map(
        found, (" order by created", " order by created desc", "")
    )

    assert ascending == descending[::-1]
    assert len(unordered) == len(ascending)
    assert len(set(unordered)) == len(set(ascending)) - 1


def test_the_index_lacks_a_folder_and_a_whiteboard_that_pages_name(
    emulator: Emulator, client: EmulatorClient
) -> None:
    named = {(one["parentType"], one["parentId"]) for one in emulator.expected("pages")}
    for kind in ("folder", "whiteboard"):
        query = {"cql": f"type = {kind}", "includeArchivedSpaces": "true", "limit": 250}
        found = {row["content"]["id"] for row in client.records(V1 + "search", query)}

        (missing,) = set(ids(emulator.expected(f"{kind}s"))) - found
        assert (kind, missing) in named


def test_a_total_may_count_more_than_a_search_shows() -> None:
    spec = SiteSpec(pages=30, uncounted_rows=4, search_is_perfect=True)
    with Emulator(spec) as emulator, EmulatorClient(emulator) as client:
        page = client.content(V1 + "search", {"cql": "type = folder", "limit": 100})

    assert page["totalSize"] == page["size"] + 4


def test_content_has_the_shape_that_was_recorded(client: EmulatorClient) -> None:
    query = {"cql": "type in (page, blogpost, comment)", "limit": 250}
    found = client.records(V1 + "content/search", query)

    positions = {type(one["extensions"]["position"]) for one in found}
    assert positions == {int, str}
    assert {p for one in found if isinstance(p := one["extensions"]["position"], str)} == {"none"}
    page = next(one for one in found if one["type"] == "page")
    assert page["id"] in page["_links"]["webui"]
    assert page["_links"]["webui"].startswith("/spaces/")
