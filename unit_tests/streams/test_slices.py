"""The slices of pages, and which records belong to one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from source_confluence.airbyte.selection import selected_streams
from source_confluence.confluence.errors import ConfigError
from source_confluence.streams import open_sync
from source_confluence.streams.sync.run import StreamRun
from unit_tests.fake_site import FakeSite, Json, Params, ids, page, space
from unit_tests.fakes import NOON, FakeClock, make_setup
from unit_tests.run_sync import LOGGER, entry, run_sync, state_messages

SINCE = "2025-05-01T00:00:00.000Z"
SLICE = {"modifiedSince": SINCE}
STATE = {"lastModifiedAt": SINCE}


def slices(state: Json | None = None, **config: Any) -> list[Any]:
    setup = make_setup(**config)
    selected = selected_streams([entry("pages")], state_messages({"pages": state or {}}), LOGGER)
    sync = open_sync(setup.config, setup.connection, LOGGER, selected)
    return list(sync.runs["pages"].retriever.slices(sync.runs["pages"]))


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    """Three spaces with more pages than one page of results."""
    site.spaces = [space(number) for number in (1, 2, 3)]
    site.pages = [page(number, spaceId=str(1 + number % 3)) for number in range(1, 301)]
    return site


def numbers(first: int, last: int) -> str:
    return ",".join(map(str, range(first, last + 1)))


@pytest.mark.parametrize("state", [None, {"foreign": 1}])
def test_a_first_sync_has_slices_of_ids(site: FakeSite, state: Json | None) -> None:
    assert slices(state) == [
        {"ids": numbers(1, 150), "upTo": "150"},
        {"ids": numbers(151, 300), "upTo": "300"},
    ]
    assert len(site.requests_to("pages")) == 2


def test_a_first_sync_without_bodies_has_a_slice_for_each_page_of_the_light_list(
    site: FakeSite,
) -> None:
    assert slices(body_format="none") == [
        {"listed": 0, "upTo": "250"},
        {"listed": 1, "upTo": "300"},
    ]
    assert len(site.requests_to("pages")) == 2


def test_what_one_request_can_name_is_one_slice(site: FakeSite) -> None:
    site.pages = site.pages[:250]

    assert slices() == [{"ids": numbers(1, 250), "upTo": "250"}]


def test_slices_of_ids_together_have_every_page_once(site: FakeSite) -> None:
    site.pages = [page(number) for number in range(1, 3001)]

    parts = slices()

    listed = [one for part in parts for one in part["ids"].split(",")]
    assert sorted(listed, key=int) == ids(site.pages)
    assert all(
        part["ids"].split(",")[-1] in (part.get("upTo"), part.get("fromOn")) for part in parts
    )
    up_to = [int(part["upTo"]) for part in parts if "upTo" in part]
    from_on = [int(part["fromOn"]) for part in parts if "fromOn" in part]
    assert up_to == sorted(up_to)
    assert from_on == sorted(from_on, reverse=True)
    assert len(up_to) > 1
    assert len(from_on) > 1


def test_where_the_order_breaks_slices_no_longer_say_how_far_they_go(site: FakeSite) -> None:
    lists = [[*range(1, 251)], [*range(251, 501)], [502, 501, *range(503, 751)]]

    reached = slices_of_lists(site, *lists, body_format="storage")

    assert reached == [("150", None), ("300", None), ("500", None), (None, None)]


@pytest.mark.parametrize("body_format", ["storage", "none"])
def test_an_earlier_sync_counts_for_nothing_where_the_order_breaks(
    site: FakeSite, body_format: str
) -> None:
    """It may have believed that everything up to an id was done, and then been killed."""
    order = [*range(1, 251), *range(501, 751), *range(251, 501)]

    def serve(params: Params) -> tuple[int, Json] | None:
        if "id" in params:
            return None
        first = int(params.get("cursor", 0))
        more = {"next": f"/wiki/x?cursor={first + 250}"} if first < 500 else {}
        return 200, {"results": [page(one) for one in order[first : first + 250]], "_links": more}

    site.pages = [page(number) for number in range(1, 751)]
    site.faults["pages"] = serve
    state = STATE | {"firstSync": {"startedAt": SINCE, "upTo": "600"}}

    outcome = run_sync(make_setup(body_format=body_format), [entry("pages")], {"pages": state})

    assert {str(number) for number in range(251, 501)} <= set(ids(outcome.records("pages")))


def test_slices_from_the_end_of_a_long_list_say_so(site: FakeSite) -> None:
    site.pages = [page(number) for number in range(1, 2101)]

    parts = slices(body_format="none")
    reached = [(part.get("upTo"), part.get("fromOn")) for part in parts]

    assert reached[:5] == [
        ("250", None),
        ("500", None),
        ("750", None),
        ("1000", None),
        ("1250", None),
    ]
    assert reached[5:8] == [(None, "1851"), ("1500", None), (None, "1601")]


def slices_of_lists(site: FakeSite, *lists: list[int], body_format: str = "none") -> list[Any]:
    def serve(params: Params) -> tuple[int, Json]:
        number = int(params.get("cursor", 0))
        more = {"next": f"/wiki/x?cursor={number + 1}"} if number + 1 < len(lists) else {}
        return 200, {"results": [page(one) for one in lists[number]], "_links": more}

    site.faults["pages"] = serve
    parts = slices(body_format=body_format)
    return [(part.get("upTo"), part.get("fromOn")) for part in parts]


@pytest.mark.parametrize(
    ("lists", "reached"),
    [
        pytest.param(
            [range(10, 30), [*range(31, 50), 5], range(51, 70)],
            [("29", None), (None, None), (None, None)],
            id="disorder",
        ),
        pytest.param(
            [range(90, 60, -1), range(60, 30, -1), range(30, 0, -1)],
            [(None, None)] * 3,
            id="the other way round, as if the sort were ignored",
        ),
        pytest.param([range(1, 6), range(6, 20)], [(None, None)] * 2, id="too short"),
        pytest.param([range(20, 40), range(1, 19)], [("39", None), (None, None)], id="back again"),
    ],
)
def test_slices_say_how_far_they_go_only_where_the_order_is_certain(
    site: FakeSite, lists: list[list[int]], reached: list[Any]
) -> None:
    """A sync that resumes skips what they say was read."""
    assert slices_of_lists(site, *(list(one) for one in lists)) == reached


def test_start_date_bounds_every_slice_of_a_first_sync(site: FakeSite) -> None:
    """They are in the order of modification, so that there is no telling how far they go."""
    bounded: dict[str, Any] = {
        "start_date": "2024-05-01T00:00:00Z",
        "space_keys": ["S1", "S2"],
    }

    assert slices(**bounded, body_format="none") == [
        {"listed": 0, "modifiedSince": "2024-05-01T00:00:00.000Z"},
    ]
    assert all(part.keys() == {"ids"} for part in slices(**bounded))
    params, _ = site.requests_to("pages")
    assert params["space-id"] == "1,2"


@pytest.mark.usefixtures("site")
def test_a_resumed_first_sync_reads_the_changes_in_what_is_done() -> None:
    state = STATE | {"firstSync": {"startedAt": SINCE, "upTo": "250"}}

    assert slices(state) == [
        {"ids": numbers(251, 300), "upTo": "300"},
        {"isDone": True, "modifiedSince": SINCE},
    ]


def test_an_incremental_sync_is_one_list(site: FakeSite) -> None:
    assert slices(STATE) == [{"modifiedSince": "2025-04-30T23:50:00.000Z"}]
    assert slices(STATE, lookback_window_minutes=0) == [SLICE]
    assert site.requests_to("pages") == []


@pytest.mark.parametrize(
    ("state", "config", "since"),
    [
        (SINCE, {"start_date": "2025-04-30T23:59:00Z"}, "2025-04-30T23:59:00.000Z"),
        ("0001-01-01T00:05:00Z", {}, "0001-01-01T00:00:00.000Z"),
    ],
    ids=["start_date", "first moment"],
)
@pytest.mark.usefixtures("site")
def test_the_lookback_has_bounds(state: str, config: dict[str, Any], since: str) -> None:
    assert slices({"lastModifiedAt": state}, **config) == [{"modifiedSince": since}]


@pytest.mark.parametrize(("count", "is_by_space"), [(2, True), (100, True), (101, False)])
def test_an_incremental_sync_names_up_to_100_selected_spaces(
    site: FakeSite, count: int, is_by_space: bool
) -> None:
    site.spaces = [space(number) for number in range(1, count + 2)]

    (only,) = slices(STATE, excluded_space_keys=["S1"], lookback_window_minutes=0)

    selected = {"spaceIds": [str(number) for number in range(2, count + 2)]}
    assert only == (SLICE | selected if is_by_space else SLICE)
    assert site.requests_to("pages") == []


def test_a_filter_that_excludes_every_space_leaves_no_slice(site: FakeSite) -> None:
    site.spaces = [space(1)]

    assert slices(excluded_space_keys=["S1"]) == []
    assert slices(STATE, excluded_space_keys=["S1"]) == []


def test_a_state_of_another_type_is_rejected() -> None:
    with pytest.raises(ConfigError, match="pages"):
        slices({"lastModifiedAt": 1})


def read_changes(**config: Any) -> list[Json]:
    setup = make_setup(lookback_window_minutes=0, **config)
    return run_sync(setup, [entry("pages")], {"pages": STATE}).records("pages")


@pytest.mark.parametrize(
    ("modified", "is_new"),
    [
        ("2025-05-01T00:00:00.000Z", True),
        ("2025-05-01T00:00:00.001Z", True),
        ("2025-04-30T23:59:59.999Z", False),
        ("2025-04-30T23:59:59Z", False),
        ("2025-05-01T00:00:00Z", True),
        ("2025-05-01T00:30:00+01:00", False),
        ("2025-04-30T23:30:00-01:00", True),
        (None, True),
        ("", True),
        ("unknown", True),
        (1746057600000, True),
    ],
)
def test_changes_are_read_until_ten_records_are_older(
    site: FakeSite, modified: Any, is_new: bool
) -> None:
    """A record without a usable time counts as new."""
    nine = [page(number) for number in range(10, 19)]
    late = [page(3, "2020-05-02T00:00:00.000Z") | {"id": "3", "version": {}}]
    pages: list[list[Json]] = [[page(1, modified), *nine], late]
    site.faults["pages"] = lambda params: (
        200,
        {
            "results": pages[int(params.get("cursor", 0))],
            "_links": {} if "cursor" in params else {"next": "/wiki/x?cursor=1"},
        },
    )

    assert ids(read_changes()) == (["1", "3"] if is_new else [])
    assert len(site.requests_to("pages")) == (2 if is_new else 1)


def test_an_empty_page_of_results_does_not_end_the_changes(site: FakeSite) -> None:
    answers: list[Json] = [
        {"results": [], "_links": {"next": "/wiki/x?cursor=1"}},
        {"results": [page(3, SINCE)], "_links": {}},
    ]
    site.faults["pages"] = lambda params: (200, answers[int(params.get("cursor", 0))])

    assert ids(read_changes()) == ["3"]


def test_records_of_excluded_spaces_are_dropped_from_a_list_of_all_spaces(site: FakeSite) -> None:
    """Content in an unknown space is new, or in no space: only listed spaces are excluded."""
    site.spaces = [space(number) for number in range(1, 103)]
    site.pages = [page(number, SINCE, spaceId=str(number)) for number in (1, 2, 3, 999)]
    site.pages.append({key: v for key, v in page(4, SINCE).items() if key != "spaceId"})

    assert ids(read_changes(excluded_space_keys=["S2"])) == ["1", "3", "999", "4"]
    assert "space-id" not in site.requests_to("pages")[0]


@pytest.mark.parametrize(
    ("version", "modified_at", "value"),
    [
        ({"createdAt": "2025-05-01T00:00:00Z"}, "2025-05-01T00:00:00Z", SINCE),
        ({"createdAt": "unknown"}, "unknown", None),
        ({"createdAt": None}, None, None),
        ({"createdAt": 5}, 5, None),
        ({"createdAt": "0001-01-01T00:00:00+01:00"}, "0001-01-01T00:00:00+01:00", None),
        ({}, None, None),
        (None, None, None),
        ("1", None, None),
    ],
)
def test_the_cursor_field_is_a_copy_of_the_time_of_the_version(
    site: FakeSite, version: Any, modified_at: Any, value: str | None
) -> None:
    record = {"id": "1", "version": version, "title": "A title"}
    site.faults["pages"] = lambda _: (200, {"results": [dict(record)], "_links": {}})

    outcome = run_sync(make_setup(), [entry("pages")])

    assert outcome.records("pages") == [{**record, "lastModifiedAt": modified_at}]
    server_time = "2025-06-01T12:00:00.000Z"
    assert outcome.states("pages") == [{"lastModifiedAt": value or server_time}]


def test_the_state_never_passes_the_servers_time_at_the_start(site: FakeSite) -> None:
    site.server_time = NOON
    site.pages = [page(1, "2025-06-01T11:00:00.000Z"), page(2, "2025-06-01T12:00:01.000Z")]

    first = run_sync(make_setup(), [entry("pages")]).states("pages")[-1]
    changes = run_sync(make_setup(), [entry("pages")], {"pages": first})

    assert first == {"lastModifiedAt": "2025-06-01T12:00:00.000Z"}
    assert "2" in ids(changes.records("pages"))
    assert changes.states("pages")[-1] == first


def test_content_without_a_version_has_the_cursor_field(site: FakeSite) -> None:
    site.faults["pages"] = lambda _: (200, {"results": [{"id": "1"}], "_links": {}})

    outcome = run_sync(make_setup(), [entry("pages")])

    assert outcome.records("pages") == [{"id": "1", "lastModifiedAt": None}]


def test_the_start_is_the_servers_time_or_else_ours(site: FakeSite, clock: FakeClock) -> None:
    setup = make_setup(clock)
    run: StreamRun = open_sync(setup.config, setup.connection, LOGGER, {}).runs["pages"]
    assert run.started_at() == "2025-06-01T12:00:00.000Z"

    clock.advance(60)
    assert run.started_at() == "2025-06-01T12:00:00.000Z"

    site.server_time = NOON - timedelta(hours=1)
    run.retriever.probe(run)
    assert run.started_at() == "2025-06-01T11:00:00.000Z"
