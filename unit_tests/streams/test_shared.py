"""What the streams of one sync share."""

from __future__ import annotations

import logging
from typing import NoReturn

import pytest

from source_confluence.confluence.errors import ConfluenceError
from source_confluence.confluence.page_budget import PageBudget
from source_confluence.confluence.responses import NotFound, ServerTrouble
from source_confluence.connection import Connection
from source_confluence.streams.shared import ParentTroubles
from unit_tests.fake_site import FakeSite, Json, ids, page
from unit_tests.fakes import make_config, make_connection
from unit_tests.run_sync import LOGGER, catalogue_of, read_whole, streams_of

GONE = NotFound("pages/1 does not exist.")
BROKEN = ServerTrouble("Confluence answered 500.")


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(record.levelname, record.getMessage()) for record in caplog.records]


def test_a_parent_that_is_gone_is_named_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    troubles = ParentTroubles(LOGGER)

    for _ in range(3):
        troubles.gone("pages", "1", GONE)

    assert lines(caplog) == [
        ("INFO", "Record 1 of pages is passed over: pages/1 does not exist."),
    ]


def test_a_parent_in_trouble_is_named_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    troubles = ParentTroubles(LOGGER)

    for _ in range(3):
        troubles.troubled("pages", "1", BROKEN)

    assert lines(caplog) == [
        (
            "ERROR",
            "What hangs on record 1 of pages cannot be read: Confluence answered 500.",
        )
    ]


def test_parents_of_different_kinds_are_different_ones(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    troubles = ParentTroubles(LOGGER)

    for kind, parent_id in (("pages", "1"), ("pages", "2"), ("blog_posts", "1")):
        troubles.gone(kind, parent_id, GONE)

    assert len(caplog.records) == 3


def test_a_list_is_asked_for_once_and_light(site: FakeSite, connection: Connection) -> None:
    site.pages = [page(number) for number in range(1, 301)]
    shared = catalogue_of(connection).shared

    assert ids(shared.list_of("pages").records()) == ids(site.pages)
    assert ids(shared.list_of("pages").records()) == ids(site.pages)

    assert [params.get("cursor") for params in site.asked("pages")] == [None, "250"]
    assert not any("body-format" in params for params in site.asked("pages"))


def test_a_list_is_not_asked_for_before_it_is_read(site: FakeSite, connection: Connection) -> None:
    catalogue_of(connection).shared.list_of("pages")

    assert site.requests == []


def test_what_a_list_repeats_comes_once(site: FakeSite, connection: Connection) -> None:
    site.pages = [page(number) for number in range(1, 301)]
    before = ids(site.pages)

    def insert_in_front(params: dict[str, str]) -> None:
        if "cursor" in params:
            site.pages.append(page(0))

    site.faults["pages"] = insert_in_front

    assert ids(catalogue_of(connection).shared.list_of("pages").records()) == before


def test_requests_for_details_name_what_is_wanted(site: FakeSite, connection: Connection) -> None:
    site.pages = [page(1)]
    site.lists["pages/1/labels"] = [{"id": "7", "name": "seven"}]
    shared = catalogue_of(connection).shared

    details = shared._details("pages", site.pages[0], ["labels", "likes"])

    assert details["labels"]["results"] == [{"id": "7", "name": "seven"}]
    assert details["likes"]["results"] == []
    assert site.requests == [("pages/1", {"include-labels": "true", "include-likes": "true"})]


@pytest.mark.parametrize(
    ("status", "asked"),
    [("current", {}), ("archived", {}), (None, {}), ("trashed", {"status": "trashed"})],
)
def test_a_status_is_named_where_confluence_would_not_look(
    site: FakeSite, connection: Connection, status: str | None, asked: dict[str, str]
) -> None:
    site.pages = [page(1, status=status or "current")]

    catalogue_of(connection).shared._details("pages", {"id": "1", "status": status}, ["labels"])

    assert site.requests == [("pages/1", {"include-labels": "true", **asked})]


@pytest.mark.parametrize("labels", [None, {}, {"results": None}])
def test_a_list_that_is_not_included_after_all_is_not_taken_for_an_empty_one(
    site: FakeSite, connection: Connection, labels: object
) -> None:
    properties: Json = {"results": []}
    site.entities["pages/1"] = {"id": "1", "labels": labels, "properties": properties}
    wanted = ["labels", "likes", "properties"]

    details = catalogue_of(connection).shared._details("pages", page(1), wanted)

    assert details == {"properties": properties}


def test_a_list_that_is_not_included_after_all_is_asked_for(
    site: FakeSite, connection: Connection
) -> None:
    site.pages = [page(1)]
    site.entities["pages/1"] = {"id": "1", "likes": {"results": []}}
    site.lists["pages/1/properties"] = [{"id": "7", "key": "seven"}]
    streams = streams_of(connection, "page_content_properties", "page_likes")

    assert read_whole(streams["page_likes"]) == []
    assert ids(read_whole(streams["page_content_properties"])) == ["7"]
    assert site.endpoints() == ["pages", "pages/1", "pages/1/properties"]


def test_streams_and_families_are_known_by_name(connection: Connection) -> None:
    found = catalogue_of(connection)

    for stream in found.streams:
        assert found.shared.stream(stream.name) is stream
    assert found.shared.family("pages") is found.shared.family("pages")
    assert found.shared.family("pages") is not found.shared.family("blog_posts")


def test_a_sync_that_shares_a_failure_fails_with_it_everywhere(site: FakeSite) -> None:
    site.faults["pages"] = lambda _: (400, {"message": "No such parameter"})
    shared = catalogue_of(make_connection(make_config())).shared

    for _ in range(2):
        with pytest.raises(ConfluenceError, match="refused /wiki/api/v2/pages with status 400"):
            list(shared.list_of("pages").records())
    assert len(site.requests) == 1


class NoRoom(PageBudget):
    """Room for nothing."""

    def page(self, stream: str) -> NoReturn:
        raise AssertionError(f"a page of {stream} asked for room")


@pytest.mark.parametrize("name", ["space", "pages", "footer_comments", "page_footer_comments"])
def test_a_shared_list_takes_no_room_from_heavy_pages(site: FakeSite, name: str) -> None:
    """It may be read in the midst of a heavy page, and be left half-read for good."""
    site.pages = [page(1)]
    site.lists["footer-comments"] = [{"id": "9", "pageId": "1"}]
    shared = catalogue_of(make_connection(memory=NoRoom())).shared

    if name == "page_footer_comments":
        assert len(read_whole(shared.stream(name))) == 1
    else:
        assert len(list(shared.list_of(name).records())) == 1
