"""The shapes of lists, and what they all do: read to the end, without doubles."""

from __future__ import annotations

from typing import Any

import pytest
from airbyte_cdk.models import SyncMode
from requests import Response

from source_confluence.confluence.responses import NotPermitted, ServerTrouble
from source_confluence.connection import Connection
from source_confluence.streams.base import (
    ConfluenceStream,
    CursorList,
    OffsetList,
    Slice,
)
from source_confluence.streams.retrievers.recent_keys import RecentKeys
from source_confluence.streams.shared import Shared
from unit_tests.fake_site import BROKEN, NOT_AN_ADMIN, FakeSite, Json, always, ids, page
from unit_tests.fakes import DOMAIN_NAME
from unit_tests.run_sync import catalogue_of

FULL = SyncMode.full_refresh


class AnyPages(CursorList):
    """A list of v2 with nothing special about it."""

    name = "pages"
    endpoint = "pages"

    def request_params(self, *_: Any) -> dict[str, Any]:
        return {"body-format": "storage"}

    heavy_params = ("body-format",)


class AnyGroups(OffsetList):
    """A list of v1 with nothing special about it."""

    name = "group"
    endpoint = "group"


@pytest.fixture
def shared(connection: Connection) -> Shared:
    return catalogue_of(connection).shared


def fresh(keys: RecentKeys, *record_ids: Any) -> list[Any]:
    return [record["id"] for record in keys.fresh([{"id": one} for one in record_ids])]


def test_records_are_dropped_that_the_page_before_has_had() -> None:
    keys = RecentKeys(("id",))

    assert fresh(keys, "1", "2", "3") == ["1", "2", "3"]
    assert fresh(keys, "3", "4") == ["4"]
    assert fresh(keys, "2", "5") == ["5"]


def test_records_are_dropped_that_the_page_itself_has_had() -> None:
    assert fresh(RecentKeys(("id",)), "1", "2", "1") == ["1", "2"]


def test_two_pages_are_remembered_and_no_more() -> None:
    keys = RecentKeys(("id",))

    for record_id in ("1", "2", "3"):
        assert fresh(keys, record_id) == [record_id]

    assert fresh(keys, "2") == []
    assert fresh(keys, "1") == ["1"]


def test_records_without_a_key_are_always_new() -> None:
    keys = RecentKeys(("id",))

    assert fresh(keys, None, None) == [None, None]
    assert list(keys.fresh([{"title": "no id"}])) == [{"title": "no id"}]


def test_a_falsy_key_is_a_key() -> None:
    assert fresh(RecentKeys(("id",)), 0, 0, "") == [0, ""]


@pytest.mark.parametrize("count", [0, 1, 250, 251, 750])
def test_a_list_of_v2_is_read_to_its_end(
    site: FakeSite, connection: Connection, shared: Shared, count: int
) -> None:
    site.pages = [page(number) for number in range(1, count + 1)]

    assert list(AnyPages(connection, shared).read_records(FULL)) == site.pages

    assert len(site.requests) == max(1, -(-count // 250))
    assert {params["limit"] for params in site.asked("pages")} == {"250"}


@pytest.mark.parametrize("count", [0, 1, 250, 251, 750])
def test_a_list_of_v1_is_read_to_its_end(
    site: FakeSite, connection: Connection, shared: Shared, count: int
) -> None:
    site.groups = [{"id": f"g{number}"} for number in range(count)]

    assert list(AnyGroups(connection, shared).read_records(FULL)) == site.groups


def test_the_bases_of_the_two_apis_differ(connection: Connection, shared: Shared) -> None:
    site = f"https://{DOMAIN_NAME}/wiki"

    assert AnyPages(connection, shared).url_base == f"{site}/api/v2/"
    assert AnyGroups(connection, shared).url_base == f"{site}/rest/api/"
    assert AnyPages(connection, shared).listing({}).url == f"{site}/api/v2/pages"
    assert AnyGroups(connection, shared).listing({}).url == f"{site}/rest/api/group"


def test_what_shifts_over_the_edge_of_a_page_of_results_comes_once(
    site: FakeSite, connection: Connection, shared: Shared
) -> None:
    site.groups = [{"id": f"g{number}"} for number in range(300)]
    before = ids(site.groups)

    def insert_in_front(params: dict[str, str]) -> None:
        if params.get("start") == "250":
            site.groups.insert(0, {"id": "new"})

    site.faults["group"] = insert_in_front

    assert ids(AnyGroups(connection, shared).read_records(FULL)) == before


class Sifted(AnyPages):
    """Wants pages of one space, and only up to the first without a title."""

    def select(self, page: list[Json], stream_slice: Slice) -> list[Json]:
        return [record for record in page if record["spaceId"] == stream_slice["spaceId"]]

    def is_past(self, page: list[Json], stream_slice: Slice) -> bool:
        return bool(stream_slice) and "title" not in page[-1]


def test_a_stream_selects_from_each_page_of_results(
    site: FakeSite, connection: Connection, shared: Shared
) -> None:
    site.pages = [
        page(number, spaceId=str(number % 2), title="A title") for number in range(1, 501)
    ]

    records = list(Sifted(connection, shared).read_records(FULL, stream_slice={"spaceId": "0"}))

    assert ids(records) == [str(number) for number in range(2, 501, 2)]


def test_a_stream_may_stop_behind_any_page_of_results(
    site: FakeSite, connection: Connection, shared: Shared
) -> None:
    site.pages = [page(number, title="A title") for number in range(1, 751)]
    del site.pages[499]["title"]

    records = list(Sifted(connection, shared).read_records(FULL, stream_slice={"spaceId": "1"}))

    assert len(records) == 500
    assert len(site.requests) == 2


def test_unless_it_says_otherwise_a_stream_wants_everything(
    connection: Connection, shared: Shared
) -> None:
    stream = AnyGroups(connection, shared)
    elements = [{"id": "1"}, {}]

    assert stream.select(elements, {}) == elements
    assert not stream.is_past(elements, {})
    assert stream.record({"id": "1"}) == {"id": "1"}
    assert list(stream.stream_slices(sync_mode=FULL)) == [{}]


def test_a_probe_asks_once_for_one_light_record(
    site: FakeSite, connection: Connection, shared: Shared
) -> None:
    site.pages = [page(1), page(2)]

    AnyPages(connection, shared).probe()

    assert site.requests == [("pages", {"limit": "1"})]


def test_a_probe_tells_what_is_wrong_and_does_not_insist(
    site: FakeSite, connection: Connection, shared: Shared
) -> None:
    site.faults["pages"] = always(NOT_AN_ADMIN)
    with pytest.raises(NotPermitted):
        AnyPages(connection, shared).probe()

    site.requests.clear()
    site.faults["pages"] = always(BROKEN)
    with pytest.raises(ServerTrouble):
        AnyPages(connection, shared).probe()
    assert len(site.requests) == 1


def answer(body: bytes) -> Response:
    response = Response()
    response._content = body
    response.status_code = 200
    response.url = f"https://{DOMAIN_NAME}/wiki/rest/api/group?start=0&limit=1"
    return response


def test_answers_are_taken_apart_in_the_way_of_the_cdk(
    connection: Connection, shared: Shared
) -> None:
    """What the CDK's own reader would use does the same as ours."""
    response = answer(b'{"results": [{"id": "1"}], "_links": {"next": "/wiki/x?cursor=abc"}}')

    for stream in (AnyPages(connection, shared), AnyGroups(connection, shared)):
        assert stream.parse_response(response) == [{"id": "1"}]
    assert AnyPages(connection, shared).next_page_token(response) == {"cursor": "abc"}
    assert AnyGroups(connection, shared).next_page_token(response) == {"start": 1}


@pytest.mark.parametrize("stream_class", [AnyPages, AnyGroups])
def test_the_cdk_is_not_told_to_resume_and_has_no_cursor(
    connection: Connection, shared: Shared, stream_class: type[ConfluenceStream]
) -> None:
    """With a resumable stream it would read one page of results and call that all."""
    stream = stream_class(connection, shared)

    assert stream.cursor is None
    assert not stream.is_resumable
    assert stream.primary_key == ["id"]


def test_requests_are_counted_under_the_name_of_the_stream(
    site: FakeSite, connection: Connection, shared: Shared
) -> None:
    site.groups = [{"id": f"g{number}"} for number in range(300)]

    list(AnyGroups(connection, shared).read_records(FULL))

    assert connection.meter.cost("group").requests == len(site.requests) == 2
