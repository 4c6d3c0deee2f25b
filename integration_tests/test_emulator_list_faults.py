"""Each fault of a list does what it says, and loses no records unless it says so."""

from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import quote

import pytest

from integration_tests.confluence_emulator import Emulator, Fault, SiteSpec
from integration_tests.confluence_emulator.visitor import V1, V2, Visitor, cursor, ids, next_link

PAGES = V2 + "pages"
BY_FIVE = {"limit": 5, "body-format": "storage"}


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    spec = SiteSpec(spaces=3, pages=24, blog_posts=6, groups=9, archived_page_share=0.0)
    with Emulator(spec) as running:
        yield running


@pytest.fixture
def visitor(emulator: Emulator) -> Iterator[Visitor]:
    with Visitor(emulator) as visiting:
        yield visiting


def pages_in_order(emulator: Emulator) -> list[str]:
    return ids(sorted(emulator.expected("pages"), key=lambda page: int(page["id"])))


def test_empty_pages_lose_nothing(emulator: Emulator, visitor: Visitor) -> None:
    emulator.add_fault(Fault(kind="empty_page", every=2, times=None))

    pages = visitor.pages(PAGES, BY_FIVE)

    assert [len(page["results"]) for page in pages] == [5, 0, 5, 0, 5, 0, 5, 0, 3]
    assert ids([one for page in pages for one in page["results"]]) == pages_in_order(emulator)


def test_a_list_may_begin_with_an_empty_page(emulator: Emulator, visitor: Visitor) -> None:
    emulator.add_fault(Fault(kind="empty_page"))

    pages = visitor.pages(PAGES, {"limit": 250})

    assert [len(page["results"]) for page in pages] == [0, 23]


@pytest.mark.parametrize("path", [PAGES, V1 + "group"])
def test_short_pages_lose_nothing(emulator: Emulator, visitor: Visitor, path: str) -> None:
    everything = ids(visitor.records(path))
    emulator.add_fault(Fault(kind="short_page", amount=2, every=2, times=None))

    pages = visitor.pages(path, {"limit": 4})

    assert [len(page["results"]) for page in pages[:3]] == [4, 2, 3 if len(everything) == 9 else 4]
    assert ids([one for page in pages for one in page["results"]]) == everything


@pytest.mark.parametrize("path", [PAGES, V1 + "group"])
def test_overlapping_pages_repeat_records(emulator: Emulator, visitor: Visitor, path: str) -> None:
    everything = ids(visitor.records(path))
    emulator.add_fault(Fault(kind="overlap", amount=2, times=None))

    pages = visitor.pages(path, {"limit": 5})

    for former, latter in pairwise(pages):
        assert ids(former["results"])[-2:] == ids(latter["results"])[:2]
    assert {one["id"] for page in pages for one in page["results"]} == set(everything)


@pytest.mark.parametrize("path", [PAGES, V1 + "group"])
def test_a_next_that_leads_to_nothing(emulator: Emulator, visitor: Visitor, path: str) -> None:
    everything = ids(visitor.records(path))
    emulator.add_fault(Fault(kind="extra_next", times=None))

    pages = visitor.pages(path, {"limit": 9})

    assert pages[-1]["results"] == []
    assert ids([one for page in pages for one in page["results"]]) == everything


def test_records_with_other_fields(emulator: Emulator, visitor: Visitor) -> None:
    emulator.add_fault(
        Fault(
            kind="records",
            values={"emoji": "🚀", "version.mood": "good"},
            missing=["title", "version.message"],
            null=["body", "version.authorId"],
        )
    )

    changed, unchanged = visitor.content(PAGES), visitor.content(PAGES)

    for record, original in zip(changed["results"], unchanged["results"], strict=True):
        assert record["emoji"] == "🚀"
        assert record["body"] is record["version"]["authorId"] is None
        assert record["version"]["mood"] == "good"
        assert record.keys() ^ original.keys() == {"emoji", "title"}
        assert record["version"].keys() ^ original["version"].keys() == {"mood", "message"}


def test_a_next_in_the_header_only(emulator: Emulator, visitor: Visitor) -> None:
    emulator.add_fault(Fault(kind="next_header_only", times=None))

    response = visitor.get(PAGES, BY_FIVE)

    assert "next" not in response.json()["_links"]
    assert response.links["next"]["url"].startswith(PAGES)


def test_a_next_in_the_body_only(emulator: Emulator, visitor: Visitor) -> None:
    emulator.add_fault(Fault(kind="next_body_only", times=None))

    response = visitor.get(PAGES, BY_FIVE)

    assert next_link(response.json()) is not None
    assert "next" not in response.links


def test_a_next_that_is_null(emulator: Emulator, visitor: Visitor) -> None:
    emulator.add_fault(Fault(kind="next_null", times=None))

    response, last = visitor.get(PAGES, BY_FIVE), visitor.get(PAGES, {"limit": 250})

    assert response.json()["_links"]["next"] is None
    assert "next" in response.links
    assert last.json()["_links"]["next"] is None
    assert "next" not in last.links


@pytest.mark.parametrize("host", [None, "https://elsewhere.example"])
def test_a_next_with_a_host(emulator: Emulator, visitor: Visitor, host: str | None) -> None:
    emulator.add_fault(Fault(kind="next_absolute", times=None, host=host))

    response, groups = visitor.get(PAGES, BY_FIVE), visitor.content(V1 + "group", {"limit": 3})

    expected = f"{host or emulator.url}/wiki/"
    assert response.links["next"]["url"] == next_link(response.json())
    assert (next_link(response.json()) or "").startswith(f"{expected}api/v2/pages?")
    assert (next_link(groups) or "").startswith(f"{expected}rest/api/group?")


def test_a_next_with_wiki_twice(emulator: Emulator, visitor: Visitor) -> None:
    emulator.add_fault(Fault(kind="next_wiki_wiki", times=None))

    pages, groups = visitor.content(PAGES, BY_FIVE), visitor.content(V1 + "group", {"limit": 3})

    assert (next_link(pages) or "").startswith("/wiki/wiki/api/v2/pages?")
    assert (next_link(groups) or "").startswith("/wiki/wiki/rest/api/group?")


def test_encodings_of_the_cursor(emulator: Emulator, visitor: Visitor) -> None:
    plain = cursor(next_link(visitor.content(PAGES, BY_FIVE)))
    emulator.add_fault(Fault(kind="next_double_encoded"))
    emulator.add_fault(Fault(kind="next_unencoded", skip=1))

    twice, raw = (next_link(visitor.content(PAGES, BY_FIVE)) or "" for _ in range(2))

    assert twice.endswith("&cursor=" + quote(quote(plain, safe=""), safe=""))
    assert raw.endswith("&cursor=" + plain)
    assert visitor.get(PAGES, {"cursor": cursor(twice)}).status_code == 400


def test_a_page_that_leads_to_itself(emulator: Emulator, visitor: Visitor) -> None:
    emulator.add_fault(Fault(kind="next_repeat", times=None, skip=1))

    first = visitor.content(PAGES, BY_FIVE)
    second = visitor.content(PAGES, {**BY_FIVE, "cursor": cursor(next_link(first))})
    third = visitor.content(PAGES, {**BY_FIVE, "cursor": cursor(next_link(second))})

    assert cursor(next_link(second)) == cursor(next_link(first))
    assert third == second


def test_the_first_page_may_lead_to_itself(emulator: Emulator, visitor: Visitor) -> None:
    emulator.add_fault(Fault(kind="next_repeat", times=None))

    first = visitor.content(PAGES, BY_FIVE)
    second = visitor.content(PAGES, {**BY_FIVE, "cursor": cursor(next_link(first))})

    assert second == first


def test_no_next_although_there_is_more(emulator: Emulator, visitor: Visitor) -> None:
    emulator.add_fault(Fault(match="/group", kind="no_next", times=None))

    page = visitor.content(V1 + "group", {"limit": 3})

    assert (len(page["results"]), next_link(page)) == (3, None)
    assert len(visitor.records(V1 + "group", {"limit": 3, "start": 3})) == 3


def test_several_faults_at_once(emulator: Emulator, visitor: Visitor) -> None:
    emulator.add_fault(Fault(kind="short_page", amount=3))
    emulator.add_fault(Fault(kind="records", values={"x": 1}))
    emulator.add_fault(Fault(kind="next_null"))

    response = visitor.get(PAGES)

    assert [record["x"] for record in response.json()["results"]] == [1, 1, 1]
    assert response.json()["_links"]["next"] is None
    assert "next" in response.links
