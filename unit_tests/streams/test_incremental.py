"""Streams with a cursor field: their slices, and what belongs to one."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from airbyte_cdk.models import SyncMode

from source_confluence.confluence.errors import ConfigError
from source_confluence.streams.content import Pages
from source_confluence.streams.incremental import IncrementalStream
from source_confluence.streams.state import FirstSync, StreamState
from unit_tests.fake_site import FakeSite, Json, page, space
from unit_tests.fakes import NOON, FakeClock, make_config, make_connection
from unit_tests.run_sync import streams_of

INCREMENTAL = SyncMode.incremental
SINCE = "2025-05-01T00:00:00.000Z"
SLICE = {"modifiedSince": SINCE}


def pages_of(**config: Any) -> Pages:
    stream = streams_of(make_connection(make_config(**config)))["pages"]
    assert isinstance(stream, Pages)
    return stream


def slices(stream: Pages, state: Json) -> list[Any]:
    stream.resumes_from = stream.parse_state(state)
    return list(stream.stream_slices(sync_mode=INCREMENTAL))


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    """Three spaces with more pages than fit a page of results."""
    site.spaces = [space(number) for number in (1, 2, 3)]
    site.pages = [page(number, spaceId=str(1 + number % 3)) for number in range(1, 301)]
    return site


BY_SPACE = [{"spaceIds": ["1"]}, {"spaceIds": ["2"]}, {"spaceIds": ["3"]}]


@pytest.mark.parametrize("state", [{}, {"foreign": 1}])
def test_a_first_sync_is_sliced_by_spaces(site: FakeSite, state: Json) -> None:
    assert slices(pages_of(), state) == BY_SPACE
    assert len(site.asked("spaces")) == 2


def test_a_full_refresh_is_sliced_like_a_first_sync(site: FakeSite) -> None:
    assert list(pages_of().stream_slices(sync_mode=SyncMode.full_refresh)) == BY_SPACE
    assert len(site.asked("pages")) == 1


def test_a_first_sync_of_a_small_site_is_one_list(site: FakeSite) -> None:
    site.pages = site.pages[:250]

    assert slices(pages_of(), {}) == [{}]
    assert slices(pages_of(start_date="2025-05-01T00:00:00Z"), {}) == [SLICE]


def test_start_date_bounds_every_slice_of_a_first_sync(site: FakeSite) -> None:
    dated = pages_of(start_date="2024-05-01T00:00:00Z", space_keys=["S1", "S2"])

    assert slices(dated, {}) == [
        {"spaceIds": ["1"], "modifiedSince": "2024-05-01T00:00:00.000Z"},
        {"spaceIds": ["2"], "modifiedSince": "2024-05-01T00:00:00.000Z"},
    ]
    assert site.asked("pages") == []


def test_a_resumed_first_sync_asks_for_the_edits_of_what_is_done_and_is_not_probed(
    site: FakeSite,
) -> None:
    state = {
        "lastModifiedAt": SINCE,
        "firstSync": {"startedAt": SINCE, "doneSpaceIds": ["1", "3"]},
    }

    assert slices(pages_of(), state) == [
        {"spaceIds": ["2"]},
        {"isDone": True, "modifiedSince": SINCE},
    ]
    assert site.asked("pages") == []


def test_a_later_sync_is_one_list_and_takes_no_request_to_slice(site: FakeSite) -> None:
    state = {"lastModifiedAt": SINCE}

    assert slices(pages_of(), state) == [{"modifiedSince": "2025-04-30T23:50:00.000Z"}]
    assert slices(pages_of(lookback_window_minutes=0), state) == [SLICE]
    assert site.requests == []


def test_a_later_sync_does_not_look_back_behind_start_date(site: FakeSite) -> None:
    del site.pages[:]
    dated = pages_of(start_date="2025-04-30T23:59:00Z")

    assert slices(dated, {"lastModifiedAt": SINCE}) == [
        {"modifiedSince": "2025-04-30T23:59:00.000Z"}
    ]


def test_a_later_sync_cannot_look_back_behind_the_first_moment() -> None:
    assert slices(pages_of(), {"lastModifiedAt": "0001-01-01T00:05:00Z"}) == [
        {"modifiedSince": "0001-01-01T00:00:00.000Z"}
    ]


def test_a_later_sync_of_few_spaces_names_them_all_at_once(site: FakeSite) -> None:
    filtered = pages_of(excluded_space_keys=["S2"], lookback_window_minutes=0)

    assert slices(filtered, {"lastModifiedAt": SINCE}) == [{"spaceIds": ["1", "3"], **SLICE}]
    assert site.asked("pages") == []


@pytest.mark.parametrize(("count", "named"), [(100, True), (101, False)])
def test_a_later_sync_names_no_more_than_100_spaces(
    site: FakeSite, count: int, named: bool
) -> None:
    site.spaces = [space(number) for number in range(1, count + 2)]
    filtered = pages_of(excluded_space_keys=["S1"])

    (only,) = slices(filtered, {"lastModifiedAt": SINCE})

    assert ("spaceIds" in only) is named


def test_a_filter_that_leaves_no_space_leaves_no_slice(site: FakeSite) -> None:
    site.spaces = [space(1)]
    filtered = pages_of(excluded_space_keys=["S1"])

    assert slices(filtered, {}) == []
    assert slices(filtered, {"lastModifiedAt": SINCE}) == []


def test_a_state_of_wrong_values_is_refused_in_a_sentence() -> None:
    stream = pages_of()

    with pytest.raises(ConfigError, match=r"state of stream pages .* reset the state"):
        stream.parse_state({"lastModifiedAt": 1})


def selected(stream: Pages, records: list[Json], stream_slice: Json) -> list[str]:
    with_dates = [stream.record(record) for record in records]
    return [record["id"] for record in stream.select(with_dates, stream_slice)]


@pytest.mark.parametrize(
    ("modified", "is_wanted"),
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
def test_a_slice_holds_what_is_not_older(modified: Any, is_wanted: bool) -> None:
    stream = pages_of()
    records = [page(1, modified)]

    assert selected(stream, records, SLICE) == (["1"] if is_wanted else [])
    assert stream.is_past([stream.record(page(2)), *records], SLICE) is not is_wanted
    assert selected(stream, records, {}) == ["1"]
    assert not stream.is_past(records, {})


def test_a_page_of_results_without_records_ends_nothing() -> None:
    assert not pages_of().is_past([], SLICE)


def test_only_the_end_of_a_page_of_results_counts() -> None:
    stream = pages_of()
    old, new = stream.record(page(1)), stream.record(page(2, SINCE))

    assert not stream.is_past([old, new], SLICE)
    assert stream.is_past([new, old], SLICE)


@pytest.mark.usefixtures("site")
def test_records_of_other_spaces_are_left_out_of_an_unnamed_list_only() -> None:
    filtered = pages_of(excluded_space_keys=["S2"])
    records = [page(number, spaceId=str(number)) for number in (1, 2, 3, 99)]
    records.append({key: value for key, value in page(4).items() if key != "spaceId"})

    assert selected(filtered, records, {}) == ["1", "3", "99", "4"]
    assert selected(filtered, records, {"spaceIds": ["1", "3"]}) == ["1", "2", "3", "99", "4"]


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
def test_the_cursor_field_is_a_copy_of_the_versions_time(
    version: Any, modified_at: Any, value: str | None
) -> None:
    stream = pages_of()

    record = stream.record({"id": "1", "version": version, "title": "A title"})

    assert record == {
        "id": "1",
        "version": version,
        "title": "A title",
        "lastModifiedAt": modified_at,
    }
    assert stream.cursor_value(record) == value


def test_content_without_a_version_gets_the_cursor_field_too() -> None:
    assert pages_of().record({"id": "1"}) == {"id": "1", "lastModifiedAt": None}


def test_a_moment_becomes_a_cursor_value() -> None:
    moment = datetime(2025, 5, 1, 2, tzinfo=timezone(timedelta(hours=2)))

    assert pages_of().cursor_value_at(moment) == SINCE


def test_the_start_is_the_servers_time_or_else_ours(site: FakeSite, clock: FakeClock) -> None:
    connection = make_connection(clock=clock)
    stream = streams_of(connection)["pages"]
    assert isinstance(stream, IncrementalStream)
    assert stream.started_at() == "2025-06-01T12:00:00.000Z"

    clock.advance(60)
    assert stream.started_at() == "2025-06-01T12:01:00.000Z"

    site.server_time = NOON - timedelta(hours=1)
    stream.probe()
    assert stream.started_at() == "2025-06-01T11:00:00.000Z"


def test_a_state_is_parsed_in_the_terms_of_the_stream() -> None:
    state = pages_of().parse_state(
        {
            "lastModifiedAt": "2025-05-01T00:00:00Z",
            "firstSync": {"startedAt": "2025-05-01T02:00:00+02:00", "doneSpaceIds": ["1"]},
        }
    )

    assert state == StreamState(SINCE, FirstSync(SINCE, frozenset({"1"})))
