"""Lists and logs that the streams of one sync share."""

from __future__ import annotations

from typing import NoReturn

import pytest
from airbyte_cdk.models import SyncMode
from typing_extensions import override

from source_confluence.confluence.errors import RequestRefused
from source_confluence.confluence.page_budget import PageBudget
from unit_tests.fake_site import BAD_REQUEST, FakeSite, Params, always, ids, page
from unit_tests.fakes import Setup, make_setup
from unit_tests.run_sync import entry, read_whole, run_sync, streams_of, sync_of

FULL = SyncMode.full_refresh


def test_a_list_is_requested_once_without_bodies_when_it_is_read(
    site: FakeSite, setup: Setup
) -> None:
    site.pages = [page(number) for number in range(1, 301)]
    pages = sync_of(setup).lists["pages"]
    assert site.requests == []

    for _ in range(2):
        assert ids(pages.records()) == ids(site.pages)

    assert [params.get("cursor") for params in site.requests_to("pages")] == [None, "250"]
    assert not any("body-format" in params for params in site.requests_to("pages"))


def test_a_record_that_moves_to_the_next_page_is_listed_once(site: FakeSite, setup: Setup) -> None:
    site.pages = [page(number) for number in range(1, 301)]
    before = ids(site.pages)

    def insert_in_front(params: Params) -> None:
        if "cursor" in params:
            site.pages.append(page(0))

    site.faults["pages"] = insert_in_front

    assert ids(sync_of(setup).lists["pages"].records()) == before


def test_a_list_that_failed_raises_the_same_for_every_reader(site: FakeSite, setup: Setup) -> None:
    site.faults["pages"] = always(BAD_REQUEST)
    pages = sync_of(setup).lists["pages"]

    for _ in range(2):
        with pytest.raises(RequestRefused):
            list(pages.records())
    assert len(site.requests) == 1


@pytest.mark.parametrize(
    ("status", "requested"),
    [("current", {}), ("archived", {}), (None, {}), ("trashed", {"status": "trashed"})],
)
def test_a_get_by_id_names_the_status_of_trashed_content(
    site: FakeSite, status: str | None, requested: dict[str, str]
) -> None:
    listed = {**page(1), "status": status}
    site.faults["pages"] = always((200, {"results": [listed], "_links": {}}))
    site.pages = [page(1, status=status or "current")]
    site.lists["pages/1/labels"] = [{"id": "7", "name": "seven"}]
    setup = make_setup(content_statuses=["current", "archived", "trashed"])

    outcome = run_sync(setup, [entry("page_labels", FULL), entry("page_likes", FULL)])

    assert outcome.records("page_labels") == [{"pageId": "1", "id": "7", "name": "seven"}]
    both = {"include-labels": "true", "include-likes": "true"}
    assert site.requests_to("pages/1") == [both | requested]


@pytest.mark.parametrize("included", [None, {}, {"results": None}])
def test_a_list_that_the_response_does_not_include_is_requested(
    site: FakeSite, setup: Setup, included: object
) -> None:
    site.pages = [page(1)]
    site.entities["pages/1"] = {"id": "1", "properties": included, "likes": {"results": []}}
    site.lists["pages/1/properties"] = [{"id": "7", "key": "seven"}]
    streams = streams_of(setup, "page_content_properties", "page_likes")

    assert read_whole(streams["page_likes"]) == []
    assert ids(read_whole(streams["page_content_properties"])) == ["7"]
    assert site.endpoints() == ["pages", "pages/1", "pages/1/properties"]


def test_lists_that_are_too_large_together_are_requested_one_by_one(
    site: FakeSite, setup: Setup
) -> None:
    """Python takes far more memory for many small values than their JSON has bytes."""
    site.pages = [page(1)]
    properties = [{"id": str(number), "value": [0] * 50_000} for number in range(1, 5)]
    site.lists["pages/1/properties"] = properties
    site.lists["pages/1/likes/users"] = [{"accountId": "a"}]
    streams = streams_of(setup, "page_content_properties", "page_likes")

    assert len(read_whole(streams["page_likes"])) == 1
    assert ids(read_whole(streams["page_content_properties"])) == ["1", "2", "3", "4"]


class NoRoom(PageBudget):
    """Rejects every reservation."""

    @override
    def page(self, stream: str, *_: object, **__: object) -> NoReturn:
        raise AssertionError(f"a page of {stream} reserved memory")


@pytest.mark.parametrize("name", ["space", "pages", "footer_comments", "page_footer_comments"])
def test_a_shared_list_takes_no_part_in_the_page_budget(site: FakeSite, name: str) -> None:
    """A worker that holds a heavy page may read it, and may stop halfway."""
    site.pages = [page(1)]
    site.lists["footer-comments"] = [{"id": "9", "pageId": "1"}]
    sync = sync_of(make_setup(page_budget=NoRoom()))

    records = (
        sync.runs[name].retriever.read(sync.runs[name], {})
        if name.startswith("page_")
        else sync.lists[name].records()
    )

    assert len(list(records)) == 1
