"""The tree of pages, derived from the list of pages."""

from __future__ import annotations

from typing import Any

import pytest

from unit_tests.fake_site import FakeSite, Json, ids, page, space
from unit_tests.fakes import Setup, make_setup
from unit_tests.run_sync import entry, read_whole, run_sync, streams_of


def child(number: int, parent: int, **more: Any) -> Json:
    return page(number, parentId=str(parent), parentType="page", title=f"P{number}", **more)


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    """A tree of pages with a folder in it."""
    site.spaces = [space(1), space(2)]
    site.pages = [
        page(1, parentId=None, parentType=None),
        child(2, 1, position=7),
        child(3, 2, status="archived"),
        page(4, parentId="900", parentType="folder"),
        child(5, 1, status="trashed"),
        child(6, 1, spaceId="2"),
    ]
    return site


@pytest.mark.usefixtures("site")
def test_every_page_with_a_page_as_its_parent_is_a_record(setup: Setup) -> None:
    records = read_whole(streams_of(setup)["child_pages"])

    assert ids(records) == ["2", "3", "6"]
    assert records[0] == {
        "id": "2",
        "parentId": "1",
        "status": "current",
        "title": "P2",
        "type": "page",
        "spaceId": "1",
        "childPosition": 7,
    }


def test_a_child_without_the_id_of_its_parent_is_a_record(site: FakeSite, setup: Setup) -> None:
    site.pages = [page(2, parentType="page"), child(3, 2)]

    records = read_whole(streams_of(setup)["child_pages"])

    assert [(record["id"], record["parentId"]) for record in records] == [("2", None), ("3", "2")]


def test_the_list_of_pages_is_shared(site: FakeSite, setup: Setup) -> None:
    run_sync(setup, [entry("child_pages"), entry("page_likes")])

    assert len(site.requests_to("pages")) == 1


@pytest.mark.parametrize(
    ("config", "wanted"),
    [
        ({"content_statuses": ["current"]}, ["2", "6"]),
        ({"content_statuses": ["current", "archived", "trashed"]}, ["2", "3", "6"]),
        ({"space_keys": ["S2"]}, ["6"]),
        ({"excluded_space_keys": ["S2"]}, ["2", "3"]),
        ({"cql": "x = 1"}, ["2"]),
    ],
)
def test_filters_apply(site: FakeSite, config: dict[str, Any], wanted: list[str]) -> None:
    site.found["type=page and (x = 1)"] = [{"id": "1"}, {"id": "2"}]

    assert ids(read_whole(streams_of(make_setup(**config))["child_pages"])) == wanted
