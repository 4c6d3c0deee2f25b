"""The emulated site and its lists: paging, sort orders and filters."""

from collections.abc import Iterator
from typing import Any

import pytest

from integration_tests.confluence_emulator import Emulator, SiteSpec
from integration_tests.confluence_emulator.client import (
    V1,
    V2,
    EmulatorClient,
    cursor,
    ids,
    next_link,
)

SPEC = SiteSpec(seed=3, spaces=15, pages=260, blog_posts=60, groups=12, audit_records=80)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """An emulator that no test changes."""
    with Emulator(SPEC) as running:
        yield running


@pytest.fixture
def client(emulator: Emulator) -> Iterator[EmulatorClient]:
    with EmulatorClient(emulator) as visiting:
        yield visiting


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


@pytest.mark.parametrize("sort", ["id", "created-date", "modified-date", "title"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_sorts(emulator: Emulator, client: EmulatorClient, sort: str, sign: str) -> None:
    records = client.records(V2 + "pages", {"sort": sign + sort, "limit": 17})

    rows = [emulator.site.pages.get(int(number)) for number in ids(records)]
    attribute = {"created-date": "created", "modified-date": "modified"}.get(sort, sort)
    keys = [(getattr(row, attribute), row.id) for row in rows if row is not None]
    assert len(keys) == len(emulator.expected("pages"))
    assert keys == sorted(keys, reverse=bool(sign))


def test_a_v1_list_is_paged_by_offset(client: EmulatorClient) -> None:
    pages = client.pages(V1 + "group", {"limit": 2})

    assert [page["start"] for page in pages] == list(range(0, 2 * len(pages), 2))
    assert (next_link(pages[0]) or "").startswith("/rest/api/group?next=true&limit=2&start=2")


def test_a_link_leads_to_the_next_page_in_body_and_header(client: EmulatorClient) -> None:
    first = client.get(V2 + "pages", {"limit": 2, "body-format": "storage"})

    link = next_link(first.json())
    assert link is not None
    assert link.startswith("/wiki/api/v2/pages?limit=2&body-format=storage&cursor=")
    assert link.endswith("%3D")
    assert first.links["next"]["url"] == link
    assert first.headers["Link"].endswith('/wiki>; rel="base"')
    last = client.get(V2 + "pages", {"limit": 250, "cursor": cursor(link), "start": 0})
    assert "next" not in last.json()["_links"] or "next" in last.links


@pytest.mark.parametrize("path", ["pages", "blogposts"])
def test_by_id(client: EmulatorClient, path: str) -> None:
    trashed = client.records(V2 + path, {"status": "trashed"})[0]
    url = f"{V2}{path}/{trashed['id']}"

    assert client.get(url).status_code == 404
    assert trashed["id"] in client.get(url).json()["errors"][0]["title"]
    found = client.content(url, {"status": "trashed", "body-format": "view"})
    assert found["title"] == trashed["title"]
    assert found["body"]["view"]["representation"] == "view"
    assert client.get(f"{V2}{path}/abc").status_code == 404


@pytest.mark.parametrize(
    ("cql", "message"),
    [("type=zzz", "com.atlassian"), ("creator=me", "Could not parse cql"), ("", "cql is required")],
)
def test_search_rejects_invalid_cql(client: EmulatorClient, cql: str, message: str) -> None:
    response = client.get(V1 + "content/search", {"cql": cql})

    assert response.status_code == 400
    assert message in response.json()["message"]
    if cql == "type=zzz":
        assert "whiteboard" in response.json()["message"]


@pytest.mark.parametrize(
    ("path", "query", "selected"),
    [
        ("pages", {"status": "archived"}, lambda page: page["status"] == "archived"),
        ("spaces", {"keys": "SP0,SP1,NO"}, lambda space: space["key"] in ("SP0", "SP1")),
        ("spaces", {"nothing": "1", "start": "3"}, lambda _: True),
    ],
)
def test_filters(client: EmulatorClient, path: str, query: dict[str, str], selected: Any) -> None:
    everything = client.records(V2 + path)

    assert client.records(V2 + path, query) == [one for one in everything if selected(one)]


def test_filters_by_id(client: EmulatorClient) -> None:
    pages = client.records(V2 + "pages")
    wanted = ids(pages)[5:9]
    spaces = {pages[0]["spaceId"], pages[1]["spaceId"]}

    by_id = client.records(V2 + "pages", {"id": ",".join([*wanted, "1"]), "limit": 3})
    by_space = client.records(V2 + "pages", {"space-id": ",".join([*spaces, "1"])})
    spaces_by_id = client.records(V2 + "spaces", {"ids": ",".join(spaces)})

    assert ids(by_id) == wanted
    assert by_space == [page for page in pages if page["spaceId"] in spaces]
    assert {space["id"] for space in spaces_by_id} <= spaces
