"""Each fault of a list does what its name says, and loses no records unless it should."""

from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import quote

import pytest

from integration_tests.confluence_emulator import Emulator, Fault, SiteSpec
from integration_tests.confluence_emulator.client import (
    V1,
    V2,
    EmulatorClient,
    cursor,
    ids,
    next_link,
)

PAGES = V2 + "pages"
BY_FIVE = {"limit": 5, "body-format": "storage"}


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    spec = SiteSpec(spaces=3, pages=24, blog_posts=6, groups=9, archived_page_share=0.0)
    with Emulator(spec) as running:
        yield running


@pytest.fixture
def client(emulator: Emulator) -> Iterator[EmulatorClient]:
    with EmulatorClient(emulator) as visiting:
        yield visiting


def pages_in_order(emulator: Emulator) -> list[str]:
    return ids(sorted(emulator.expected("pages"), key=lambda page: int(page["id"])))


def test_empty_pages_lose_nothing(emulator: Emulator, client: EmulatorClient) -> None:
    emulator.add_fault(Fault(kind="empty_page", every=2, times=None))

    pages = client.pages(PAGES, BY_FIVE)

    assert [len(page["results"]) for page in pages] == [5, 0, 5, 0, 5, 0, 5, 0, 3]
    assert ids([one for page in pages for one in page["results"]]) == pages_in_order(emulator)


@pytest.mark.parametrize("path", [PAGES, V1 + "group"])
def test_short_pages_lose_nothing(emulator: Emulator, client: EmulatorClient, path: str) -> None:
    everything = ids(client.records(path))
    emulator.add_fault(Fault(kind="short_page", amount=2, every=2, times=None))

    pages = client.pages(path, {"limit": 4})

    assert [len(page["results"]) for page in pages[:3]] == [4, 2, 3 if len(everything) == 9 else 4]
    assert ids([one for page in pages for one in page["results"]]) == everything


@pytest.mark.parametrize("path", [PAGES, V1 + "group"])
def test_overlapping_pages_repeat_records(
    emulator: Emulator, client: EmulatorClient, path: str
) -> None:
    everything = ids(client.records(path))
    emulator.add_fault(Fault(kind="overlap", amount=2, times=None))

    pages = client.pages(path, {"limit": 5})

    for former, latter in pairwise(pages):
        assert ids(former["results"])[-2:] == ids(latter["results"])[:2]
    assert {one["id"] for page in pages for one in page["results"]} == set(everything)


@pytest.mark.parametrize("path", [PAGES, V1 + "group"])
def test_a_next_that_leads_to_nothing(
    emulator: Emulator, client: EmulatorClient, path: str
) -> None:
    everything = ids(client.records(path))
    emulator.add_fault(Fault(kind="extra_next", times=None))

    pages = client.pages(path, {"limit": 9})

    assert pages[-1]["results"] == []
    assert ids([one for page in pages for one in page["results"]]) == everything


def test_records_with_other_fields(emulator: Emulator, client: EmulatorClient) -> None:
    emulator.add_fault(
        Fault(
            kind="records",
            values={"emoji": "🚀", "version.mood": "good"},
            missing=["title", "version.message"],
            null=["body", "version.authorId"],
        )
    )

    changed, unchanged = client.content(PAGES), client.content(PAGES)

    for record, original in zip(changed["results"], unchanged["results"], strict=True):
        assert record["emoji"] == "🚀"
        assert record["body"] is record["version"]["authorId"] is None
        assert record["version"]["mood"] == "good"
        assert record.keys() ^ original.keys() == {"emoji", "title"}
        assert record["version"].keys() ^ original["version"].keys() == {"mood", "message"}


@pytest.mark.parametrize(
    ("kind", "in_body", "in_header"),
    [
        ("next_header_only", None, PAGES),
        ("next_body_only", PAGES, None),
        ("next_null", None, PAGES),
        ("next_wiki_wiki", "/wiki/wiki/api/v2/pages", "/wiki/wiki/api/v2/pages"),
    ],
)
def test_where_the_next_is(
    emulator: Emulator,
    client: EmulatorClient,
    kind: str,
    in_body: str | None,
    in_header: str | None,
) -> None:
    emulator.add_fault(Fault(kind=kind, times=None))

    response, last = client.get(PAGES, BY_FIVE), client.get(PAGES, {"limit": 250})

    found = next_link(response.json()), response.links.get("next", {}).get("url")
    assert [link and link.partition("?")[0] for link in found] == [in_body, in_header]
    assert ("next" in response.json()["_links"]) == (kind != "next_header_only")
    assert next_link(last.json()) is None
    assert "next" not in last.links


@pytest.mark.parametrize("host", [None, "https://elsewhere.example"])
def test_a_next_with_a_host(emulator: Emulator, client: EmulatorClient, host: str | None) -> None:
    emulator.add_fault(Fault(kind="next_absolute", times=None, host=host))

    response, groups = client.get(PAGES, BY_FIVE), client.content(V1 + "group", {"limit": 3})

    expected = f"{host or emulator.url}/wiki/"
    assert response.links["next"]["url"] == next_link(response.json())
    assert (next_link(response.json()) or "").startswith(f"{expected}api/v2/pages?")
    assert (next_link(groups) or "").startswith(f"{expected}rest/api/group?")


def test_encodings_of_the_cursor(emulator: Emulator, client: EmulatorClient) -> None:
    plain = cursor(next_link(client.content(PAGES, BY_FIVE)))
    emulator.add_fault(Fault(kind="next_double_encoded"))
    emulator.add_fault(Fault(kind="next_unencoded", skip=1))

    twice, raw = (next_link(client.content(PAGES, BY_FIVE)) or "" for _ in range(2))

    assert twice.endswith("&cursor=" + quote(quote(plain, safe=""), safe=""))
    assert raw.endswith("&cursor=" + plain)
    assert client.get(PAGES, {"cursor": cursor(twice)}).status_code == 400


def test_a_page_that_leads_to_itself(emulator: Emulator, client: EmulatorClient) -> None:
    emulator.add_fault(Fault(kind="next_repeat", times=None, skip=1))

    first = client.content(PAGES, BY_FIVE)
    second = client.content(PAGES, {**BY_FIVE, "cursor": cursor(next_link(first))})
    third = client.content(PAGES, {**BY_FIVE, "cursor": cursor(next_link(second))})

    assert cursor(next_link(second)) == cursor(next_link(first))
    assert third == second


def test_no_next_although_there_is_more(emulator: Emulator, client: EmulatorClient) -> None:
    emulator.add_fault(Fault(match="/group", kind="no_next", times=None))

    page = client.content(V1 + "group", {"limit": 3})

    assert (len(page["results"]), next_link(page)) == (3, None)
    assert len(client.records(V1 + "group", {"limit": 3, "start": 3})) == 3


def test_a_list_can_ignore_its_sort(emulator: Emulator, client: EmulatorClient) -> None:
    newest_first = {"sort": "-modified-date", "limit": 5}
    by_id = pages_in_order(emulator)
    assert ids(client.records(PAGES, newest_first)) != by_id
    emulator.add_fault(Fault("/pages", "sort_ignored", times=None))

    assert ids(client.records(PAGES, newest_first)) == by_id


@pytest.mark.parametrize("path", [PAGES, V1 + "group"])
def test_rows_come_again_on_several_pages(
    emulator: Emulator, client: EmulatorClient, path: str
) -> None:
    everything = ids(client.records(path))
    emulator.add_fault(Fault(kind="repeated_rows", amount=1, times=3))

    found = [ids(page["results"]) for page in client.pages(path, {"limit": 2})]

    assert [page[0] for page in found[1:4]] == everything[:1] * 3
    assert [len(page) for page in found[:5]] == [2, 3, 3, 3, 2 if path == PAGES else 1]
    assert list(dict.fromkeys(one for page in found for one in page)) == everything


@pytest.mark.parametrize("path", [PAGES, V1 + "content/search"])
def test_empty_pages_come_in_a_row(emulator: Emulator, client: EmulatorClient, path: str) -> None:
    query = {"limit": 5, "cql": "type=page"}
    everything = ids(client.records(path, query))
    emulator.add_fault(Fault(kind="empty_page", skip=1, times=4))

    pages = client.pages(path, query)

    assert [len(page["results"]) for page in pages[:6]] == [5, 0, 0, 0, 0, 5]
    assert ids([one for page in pages for one in page["results"]]) == everything


def test_a_limit_is_clipped_but_echoed(emulator: Emulator, client: EmulatorClient) -> None:
    emulator.add_fault(Fault(match="/group", kind="limit_echoed", amount=4, times=None))

    page = client.content(V1 + "group", {"limit": 200})
    last = client.content(V1 + "group", {"limit": 200, "start": 8})

    assert (page["limit"], page["size"], next_link(page)) == (200, 4, None)
    assert (last["limit"], last["size"], next_link(last)) == (200, 1, None)
    assert client.content(V1 + "group", {"limit": 200, "start": 9})["results"] == []


def test_the_start_is_ignored(emulator: Emulator, client: EmulatorClient) -> None:
    emulator.add_fault(Fault(kind="start_ignored", times=None))
    groups = [client.content(V1 + "group", {"limit": 4, "start": start}) for start in (0, 4, 8)]
    pages = [client.content(PAGES, BY_FIVE)]
    for _ in range(3):
        following = cursor(next_link(pages[-1]))
        pages.append(client.content(PAGES, {**BY_FIVE, "cursor": following}))

    assert groups[0]["results"] == groups[1]["results"] == groups[2]["results"]
    assert all(page["results"] == pages[0]["results"] for page in pages)
    assert len({next_link(page) for page in pages}) == 4


def test_rows_that_are_no_objects(emulator: Emulator, client: EmulatorClient) -> None:
    emulator.add_fault(Fault(kind="odd_rows"))

    pages = client.pages(PAGES, BY_FIVE)
    groups = client.content(V1 + "group")

    assert [ids(page["results"]) for page in pages[:-1]] == [
        pages_in_order(emulator)[first : first + 5] for first in range(0, 5 * len(pages) - 5, 5)
    ]
    assert pages[-1]["results"][-4:] == [None, 7, "text", ["list"]]
    assert len(groups["results"]) == 9
