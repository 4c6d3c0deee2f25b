"""Lists that are read from start to end, each record once."""

from __future__ import annotations

import pytest
from airbyte_cdk.models import SyncMode

from unit_tests.fake_site import FakeSite, Json, Params, always, ids
from unit_tests.fakes import Setup
from unit_tests.run_sync import entry, read_whole, run_sync, streams_of


@pytest.mark.parametrize("count", [0, 1, 250, 251, 750])
def test_a_list_of_v2_is_read_to_its_end(site: FakeSite, setup: Setup, count: int) -> None:
    site.lists["labels"] = [{"id": str(number)} for number in range(count)]

    assert read_whole(streams_of(setup)["labels"]) == site.lists["labels"]

    assert len(site.requests) == max(1, -(-count // 250))
    assert {params["limit"] for params in site.requests_to("labels")} == {"250"}


@pytest.mark.parametrize("count", [0, 1, 200, 201, 600])
def test_a_list_of_v1_is_read_to_its_end(site: FakeSite, setup: Setup, count: int) -> None:
    site.groups = [{"id": f"g{number}"} for number in range(count)]

    assert read_whole(streams_of(setup)["group"]) == site.groups

    starts = [params.get("start") for params in site.requests_to("group")]
    assert starts[:3] == [None, "200", "400"][: len(starts)]


def test_a_short_page_by_offset_does_not_end_the_list(site: FakeSite, setup: Setup) -> None:
    """The server may cap `limit`; its answer says where the next page starts."""
    site.groups = [{"id": f"g{number}"} for number in range(60)]

    def capped(params: Params) -> tuple[int, Json]:
        first = int(params.get("start", 0))
        links = {"next": "/rest/api/group"} if first + 25 < 60 else {}
        return 200, {"results": site.groups[first : first + 25], "limit": 25, "_links": links}

    site.faults["group"] = capped

    assert read_whole(streams_of(setup)["group"]) == site.groups


@pytest.mark.parametrize(("name", "endpoint"), [("group", "group"), ("users", "search/user")])
def test_a_record_that_moves_to_the_next_page_is_read_once(
    site: FakeSite, setup: Setup, name: str, endpoint: str
) -> None:
    elements = site.groups if endpoint == "group" else site.lists[endpoint]
    elements += [{"id": f"g{number}", "accountId": f"g{number}"} for number in range(300)]
    before = ids(elements)

    def insert_in_front(params: Params) -> None:
        if params.get("start") == "200":
            elements.insert(0, {"id": "new", "accountId": "new"})

    site.faults[endpoint] = insert_in_front

    assert ids(read_whole(streams_of(setup)[name])) == before


def test_requests_count_for_the_stream(site: FakeSite, setup: Setup) -> None:
    site.groups = [{"id": f"g{number}"} for number in range(300)]

    run_sync(setup, [entry("group", SyncMode.full_refresh)])

    assert setup.connection.meter.requests("group") == len(site.requests) == 3


def test_the_share_follows_what_the_server_states(site: FakeSite, setup: Setup) -> None:
    rows = [{"creationDate": 1_700_000_000_000 + number} for number in range(200)]
    stated = {"results": rows, "totalSize": 300, "_links": {"next": "/rest/api/audit"}}
    site.faults["audit"] = always((200, stated))
    run = streams_of(setup)["audit"].run
    with run.progress.listing():
        run.progress.found({})

    next(iter(run.retriever.read(run, {"startDate": 0, "endDate": 1})))

    assert run.progress.share(150) == 0.5


def test_classification_levels_are_a_bare_array(site: FakeSite, setup: Setup) -> None:
    site.entities["classification-levels"] = [{"id": "1"}, {"id": "2"}]  # type: ignore[assignment]

    assert read_whole(streams_of(setup)["classification_levels"]) == [{"id": "1"}, {"id": "2"}]
    assert site.requests_to("classification-levels") == [{}], "the endpoint has no limit"
