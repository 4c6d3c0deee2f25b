"""The emulator is a Confluence: its site, lists, orders, filters and credentials."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from integration_tests.confluence_emulator import Emulator, SiteSpec
from integration_tests.confluence_emulator.site import Site
from integration_tests.confluence_emulator.visitor import V1, V2, Visitor, cursor, ids, next_link

SPEC = SiteSpec(seed=3, spaces=15, pages=260, blog_posts=60, groups=12, audit_records=80)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """An emulator that no test changes."""
    with Emulator(SPEC) as running:
        yield running


@pytest.fixture
def visitor(emulator: Emulator) -> Iterator[Visitor]:
    with Visitor(emulator) as visiting:
        yield visiting


def in_any_order(records: list[dict[str, Any]]) -> list[bytes]:
    return sorted(orjson.dumps(record, option=orjson.OPT_SORT_KEYS) for record in records)


def test_equal_specs_make_equal_sites() -> None:
    assert list(Site(SPEC).pages) == list(Site(SPEC).pages)
    assert list(Site(SPEC).pages) != list(Site(SiteSpec(seed=4)).pages)


def test_the_site_has_the_interesting_cases(emulator: Emulator) -> None:
    spaces = emulator.expected("space")
    pages = emulator.expected("pages", statuses=("current", "archived", "trashed"))
    audit = emulator.expected("audit")

    assert {space["status"] for space in spaces} == {"current", "archived"}
    assert {"personal", "global"} <= {space["type"] for space in spaces}
    assert {page["status"] for page in pages} == {"current", "archived", "trashed"}
    assert {page["parentType"] for page in pages} == {None, "page", "folder", "whiteboard"}
    for nullable in ("ownerId", "lastOwnerId", "position", "subtype", "parentId"):
        assert {type(page[nullable]) for page in pages} > {type(None)}, nullable
    assert all(page["parentId"] is None for page in pages if page["status"] == "trashed")
    assert {len(page["id"]) for page in pages} == {5, 6}
    assert not all(page["title"].isascii() for page in pages)
    times = [page["version"]["createdAt"] for page in pages]
    assert {len(time) for time in times} == {len("2021-01-01T00:00:00Z"), 24}
    assert len(set(times)) < len(times), "some share a time"
    assert all("id" not in record for record in audit)
    assert len({record["creationDate"] for record in audit}) < len(audit)
    inhabited = {page["spaceId"] for page in pages}
    assert any(space["id"] not in inhabited for space in spaces), "an empty space"


@pytest.mark.parametrize("body_format", [None, "storage", "atlas_doc_format"])
@pytest.mark.parametrize(("path", "stream"), [("pages", "pages"), ("blogposts", "blog_posts")])
def test_content_lists_hold_exactly_the_truth(
    emulator: Emulator, visitor: Visitor, path: str, stream: str, body_format: str | None
) -> None:
    query = {"limit": 23, "status": "current,trashed"}
    if body_format:
        query["body-format"] = body_format

    pages = visitor.pages(V2 + path, query)

    records = [record for page in pages for record in page["results"]]
    assert {len(page["results"]) for page in pages[:-1]} == {23}
    assert in_any_order(records) == in_any_order(
        emulator.expected(stream, body_format=body_format, statuses=("current", "trashed"))
    )


def test_bodies(visitor: Visitor) -> None:
    without = visitor.content(V2 + "pages", {"limit": 250})["results"]
    storage = visitor.content(V2 + "pages", {"limit": 250, "body-format": "storage"})["results"]
    atlas = visitor.content(V2 + "pages", {"limit": 250, "body-format": "atlas_doc_format"})

    assert all(page["body"] == {} for page in without)
    bodies = {page["body"]["storage"]["value"] for page in storage}
    assert len(bodies) > 200
    assert "" in bodies
    for page in atlas["results"]:
        value = page["body"]["atlas_doc_format"]["value"]
        assert orjson.loads(value)["type"] == "doc"


def test_spaces_hold_exactly_the_truth(emulator: Emulator, visitor: Visitor) -> None:
    query = {"limit": 4, "description-format": "plain", "include-icon": "true"}

    current = visitor.records(V2 + "spaces", query)
    archived = visitor.records(V2 + "spaces", {**query, "status": "archived"})

    assert {space["status"] for space in current} == {"current"}
    assert in_any_order(current + archived) == in_any_order(emulator.expected("space"))


@pytest.mark.parametrize(("path", "stream"), [("group", "group"), ("audit", "audit")])
def test_offset_lists_hold_exactly_the_truth(
    emulator: Emulator, visitor: Visitor, path: str, stream: str
) -> None:
    pages = visitor.pages(V1 + path, {"limit": 7})

    assert [page["start"] for page in pages] == list(range(0, 7 * len(pages), 7))
    assert (next_link(pages[0]) or "").startswith(f"/rest/api/{path}?next=true&limit=7&start=7")
    records = [record for page in pages for record in page["results"]]
    assert records == emulator.expected(stream)


def test_ground_truth_of_some_spaces(emulator: Emulator) -> None:
    keys = [space["key"] for space in emulator.expected("space")][:2]

    chosen = emulator.expected("space", space_keys=keys)
    pages = emulator.expected("pages", space_keys=keys)

    assert [space["key"] for space in chosen] == keys
    assert {page["spaceId"] for page in pages} == {space["id"] for space in chosen}
    with pytest.raises(ValueError, match="Unknown stream: nothing"):
        emulator.expected("nothing")


@pytest.mark.parametrize("sort", ["id", "created-date", "modified-date", "title"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_sorts(emulator: Emulator, visitor: Visitor, sort: str, sign: str) -> None:
    records = visitor.records(V2 + "pages", {"sort": sign + sort, "limit": 17})

    rows = [emulator.site.pages.get(int(number)) for number in ids(records)]
    attribute = {"created-date": "created", "modified-date": "modified"}.get(sort, sort)
    keys = [(getattr(row, attribute), row.id) for row in rows if row is not None]
    assert len(keys) == len(emulator.expected("pages"))
    assert keys == sorted(keys, reverse=bool(sign))


def test_a_link_leads_to_the_next_page_in_body_and_header(visitor: Visitor) -> None:
    first = visitor.get(V2 + "pages", {"limit": 2, "body-format": "storage"})

    link = next_link(first.json())
    assert link is not None
    assert link.startswith("/wiki/api/v2/pages?limit=2&body-format=storage&cursor=")
    assert link.endswith("%3D")
    assert first.links["next"]["url"] == link
    assert first.headers["Link"].endswith('/wiki>; rel="base"')
    last = visitor.get(V2 + "pages", {"limit": 250, "cursor": cursor(link), "start": 0})
    assert "next" not in last.json()["_links"] or "next" in last.links


@pytest.mark.parametrize("path", ["pages", "blogposts"])
def test_by_id(visitor: Visitor, path: str) -> None:
    trashed = visitor.records(V2 + path, {"status": "trashed"})[0]
    url = f"{V2}{path}/{trashed['id']}"

    assert visitor.get(url).status_code == 404
    assert "not found" in visitor.get(url).json()["errors"][0]["title"]
    found = visitor.content(url, {"status": "trashed", "body-format": "view"})
    assert found["title"] == trashed["title"]
    assert found["body"]["view"]["representation"] == "view"
    assert visitor.get(f"{V2}{path}/abc").status_code == 404


def test_search_sees_current_content_only(emulator: Emulator, visitor: Visitor) -> None:
    key = emulator.expected("space")[0]["key"]
    query = {"cql": f'type in (page, blogpost) AND space = "{key}" order by id', "limit": 9}

    pages = visitor.pages(V1 + "content/search", {**query, "start": 3})

    assert (next_link(pages[0]) or "").startswith("/rest/api/content/search?next=true&cursor=")
    expected = [
        *emulator.expected("pages", statuses=["current"], space_keys=[key]),
        *emulator.expected("blog_posts", statuses=["current"], space_keys=[key]),
    ]
    found = [record["id"] for page in pages for record in page["results"]]
    assert sorted(found) == sorted(ids(expected))


@pytest.mark.parametrize(
    ("cql", "message"),
    [("type=zzz", "com.atlassian"), ("creator=me", "Could not parse cql"), ("", "cql is required")],
)
def test_search_refuses_what_it_cannot_parse(visitor: Visitor, cql: str, message: str) -> None:
    response = visitor.get(V1 + "content/search", {"cql": cql})

    assert response.status_code == 400
    assert message in response.json()["message"]
    if cql == "type=zzz":
        assert "whiteboard" in response.json()["message"]


@pytest.mark.parametrize(
    ("path", "query", "selected"),
    [
        ("pages", {"status": "archived"}, lambda page: page["status"] == "archived"),
        ("pages", {"subtype": "live"}, lambda page: page["subtype"] == "live"),
        ("pages", {"title": "Nothing"}, lambda page: page["title"] == "Nothing"),
        ("spaces", {"type": "personal"}, lambda space: space["type"] == "personal"),
        ("spaces", {"keys": "SP0,SP1,NO"}, lambda space: space["key"] in ("SP0", "SP1")),
        ("spaces", {"nothing": "1", "start": "3"}, lambda _: True),
    ],
)
def test_filters(visitor: Visitor, path: str, query: dict[str, str], selected: Any) -> None:
    everything = visitor.records(V2 + path)

    assert visitor.records(V2 + path, query) == [one for one in everything if selected(one)]


def test_filters_by_id(visitor: Visitor) -> None:
    pages = visitor.records(V2 + "pages")
    wanted = ids(pages)[5:9]
    spaces = {pages[0]["spaceId"], pages[1]["spaceId"]}

    by_id = visitor.records(V2 + "pages", {"id": ",".join([*wanted, "1"]), "limit": 3})
    by_space = visitor.records(V2 + "pages", {"space-id": ",".join([*spaces, "1"])})
    spaces_by_id = visitor.records(V2 + "spaces", {"ids": ",".join(spaces)})

    assert ids(by_id) == wanted
    assert by_space == [page for page in pages if page["spaceId"] in spaces]
    assert {space["id"] for space in spaces_by_id} <= spaces
