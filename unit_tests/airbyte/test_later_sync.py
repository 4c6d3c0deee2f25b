"""Syncs that continue from a state: they read what changed, in the fewest requests."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from source_confluence.confluence import timestamps
from unit_tests.fake_site import BROKEN, FakeSite, Json, Params, always, ids, page, space
from unit_tests.fakes import make_setup
from unit_tests.run_sync import Outcome, entry, run_sync

LAST = "2025-05-01T00:00:00.000Z"
LAST_MOMENT = timestamps.parse(LAST)


def run(**config: Any) -> Outcome:
    """A sync whose state is LAST."""
    return run_sync(make_setup(**config), [entry("pages")], {"pages": {"lastModifiedAt": LAST}})


def changed(content_id: int, minutes: float, **more: Any) -> Json:
    """A page that was changed some minutes after the last sync's newest record."""
    moment: datetime = LAST_MOMENT + timedelta(minutes=minutes)
    return page(content_id, timestamps.from_datetime(moment), **more)


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    """Three spaces with 600 pages that were changed months ago."""
    site.spaces = [space(number) for number in (1, 2, 3)]
    site.pages = [page(number, spaceId=str(1 + number % 3)) for number in range(1, 601)]
    return site


def test_one_request_shows_that_nothing_changed(site: FakeSite) -> None:
    outcome = run()

    assert outcome.records("pages") == []
    assert outcome.states("pages") == [{"lastModifiedAt": LAST}]
    assert outcome.statuses("pages") == ["STARTED", "COMPLETE"]
    assert site.requests_besides("spaces") == [
        (
            "pages",
            {
                "status": "current,archived",
                "sort": "-modified-date",
                "body-format": "storage",
                "limit": "250",
            },
        )
    ]


@pytest.mark.parametrize(
    ("count", "requests"), [(5, 1), (240, 1), (241, 2), (250, 2), (300, 2), (600, 3)]
)
def test_the_list_is_read_until_ten_records_in_a_row_are_old(
    site: FakeSite, count: int, requests: int
) -> None:
    site.pages[:count] = [changed(number, number) for number in range(1, count + 1)]

    outcome = run()

    assert sorted(ids(outcome.records("pages"))) == sorted(ids(site.pages[:count]))
    assert len(site.requests_to("pages")) == requests
    assert outcome.states("pages") == [
        {"lastModifiedAt": site.pages[count - 1]["version"]["createdAt"]}
    ]


@pytest.mark.parametrize(
    ("config", "wanted"),
    [
        pytest.param({}, ["4", "3", "2"], id="10 minutes"),
        pytest.param({"lookback_window_minutes": 0}, ["4", "3"], id="none"),
        pytest.param({"lookback_window_minutes": 60}, ["4", "3", "2", "1"], id="an hour"),
        pytest.param({"start_date": "2025-05-01T00:01:00Z"}, ["4"], id="not before start_date"),
        pytest.param({"start_date": "2025-01-01T00:00:00Z"}, ["4", "3", "2"], id="old start_date"),
    ],
)
def test_the_lookback_window_is_read_again(site: FakeSite, config: Json, wanted: list[str]) -> None:
    site.pages[:4] = [changed(1, -10.01), changed(2, -10), changed(3, 0), changed(4, 5)]

    assert ids(run(**config).records("pages")) == wanted


def test_a_record_without_a_valid_date_is_read(site: FakeSite) -> None:
    site.pages = [
        changed(1, 1),
        page(2, None),
        page(3, "once upon a time"),
        {**page(4), "version": None},
        {key: value for key, value in page(5).items() if key != "version"},
        page(6),
    ]

    records = run().records("pages")

    assert sorted(ids(records)) == ["1", "2", "3", "4", "5"]
    dates = {record["id"]: record["lastModifiedAt"] for record in records}
    assert dates["3"] == "once upon a time"
    assert dates["2"] is dates["4"] is dates["5"] is None


def test_a_record_without_a_date_does_not_hold_the_state_back(site: FakeSite) -> None:
    site.pages = [changed(1, 1), page(2, None)]

    assert run().states("pages") == [{"lastModifiedAt": "2025-05-01T00:01:00.000Z"}]


def test_an_error_holds_the_state_back(site: FakeSite) -> None:
    site.pages = [changed(number, number) for number in range(1, 601)]
    site.faults["pages"] = lambda params: BROKEN if "cursor" in params else None

    outcome = run(body_format="none")

    assert len(outcome.records("pages")) == 250
    assert outcome.statuses("pages")[-1] == "INCOMPLETE"
    assert outcome.states("pages") == [{"lastModifiedAt": LAST}]


def test_an_unreadable_record_fails_the_stream_although_the_list_ends_early(site: FakeSite) -> None:
    site.pages = [changed(1, 1), changed(2, 2), changed(3, 3), page(4)]
    site.faults["pages"] = lambda params: (
        BROKEN if "body-format" in params and "cursor" not in params else None
    )

    outcome = run()

    assert ids(outcome.records("pages")) == ["2", "1"]
    assert outcome.statuses("pages")[-1] == "INCOMPLETE"
    assert outcome.errors("pages")[0].rstrip(".").endswith(" 3")
    assert outcome.states("pages") == [{"lastModifiedAt": LAST}]


@pytest.mark.parametrize(
    "config", [{"space_keys": ["S1", "S3"]}, {"excluded_space_keys": ["S2"]}], ids=str
)
def test_selected_spaces_are_requested_in_one_list(site: FakeSite, config: Json) -> None:
    site.pages[:3] = [changed(number, number, spaceId=str(number)) for number in (1, 2, 3)]

    outcome = run(**config)

    assert ids(outcome.records("pages")) == ["3", "1"]
    assert [params["space-id"] for params in site.requests_to("pages")] == ["1,3"]


def test_more_than_100_spaces_are_filtered_from_one_list(site: FakeSite) -> None:
    site.spaces = [space(number) for number in range(1, 103)]
    site.pages = [changed(number, number, spaceId=str(number)) for number in range(1, 103)]
    site.pages.append(changed(999, 999, spaceId="888"))

    outcome = run(excluded_space_keys=["S7"])

    wanted = [str(number) for number in range(1, 103) if number != 7]
    assert sorted(ids(outcome.records("pages"))) == sorted([*wanted, "999"])
    (params,) = site.requests_to("pages")
    assert "space-id" not in params


def test_more_than_100_named_spaces_are_filtered_from_one_list(site: FakeSite) -> None:
    site.spaces = [space(number) for number in range(1, 103)]
    site.pages = [changed(1, 1, spaceId="1"), changed(2, 2, spaceId="102"), changed(3, 3)]
    site.pages[2]["spaceId"] = "888"

    outcome = run(space_keys=[f"S{number}" for number in range(1, 102)])

    assert ids(outcome.records("pages")) == ["1"]
    (params,) = site.requests_to("pages")
    assert "space-id" not in params


def test_a_denied_sync_keeps_the_state(site: FakeSite) -> None:
    site.faults["pages"] = always((402, {"message": "Not in your plan"}))

    outcome = run()

    assert outcome.statuses("pages") == ["STARTED", "COMPLETE"]
    assert outcome.states("pages") == [{"lastModifiedAt": LAST}]


def shuffled(site: FakeSite, moved: int, to: int) -> None:
    """Serve the pages newest first, but one of them in the wrong place."""
    order = sorted(site.pages, key=lambda one: one["version"]["createdAt"], reverse=True)
    order.insert(to, order.pop(moved))
    serve_in(site, order)


def serve_in(site: FakeSite, order: list[Json]) -> None:
    def serve(params: Params) -> tuple[int, Json]:
        first = int(params.get("cursor", 0))
        last = first + int(params["limit"])
        more = {"next": f"/wiki/x?cursor={last}"} if last < len(order) else {}
        return 200, {"results": order[first:last], "_links": more}

    site.faults["pages"] = serve


@pytest.mark.parametrize(
    ("moved", "to"),
    [
        pytest.param(20, 2, id="an old one among the new ones"),
        pytest.param(3, 249, id="a new one at the end of the first page"),
        pytest.param(3, 255, id="a new one on the second page"),
    ],
)
def test_no_change_is_missed_where_one_record_is_out_of_place(
    site: FakeSite, moved: int, to: int, caplog: pytest.LogCaptureFixture
) -> None:
    site.pages[:245] = [changed(number, number) for number in range(1, 246)]
    shuffled(site, moved, to)

    outcome = run()

    assert sorted(ids(outcome.records("pages"))) == sorted(ids(site.pages[:245]))
    assert [one.levelname for one in caplog.records] == ["WARNING"]


def test_a_list_that_ignores_the_sort_is_read_to_its_end_with_one_warning(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    for number, one in enumerate(site.pages):  # oldest first, as lists by id mostly are
        one["version"]["createdAt"] = timestamps.from_datetime(
            LAST_MOMENT - timedelta(days=700 - number)
        )
    site.pages[300] = changed(301, 5)
    site.pages[450] = changed(451, 3)
    serve_in(site, site.pages)

    outcome = run()

    assert sorted(ids(outcome.records("pages"))) == ["301", "451"]
    assert len(site.requests_to("pages")) == 3
    (warning,) = caplog.records
    assert warning.levelname == "WARNING"
    assert "pages" in warning.message


def test_rows_that_are_repeated_again_and_again_arrive_once(site: FakeSite) -> None:
    order = sorted(site.pages, key=lambda one: one["version"]["createdAt"], reverse=True)
    order[:0] = [changed(1000 + number, 50 - number) for number in range(10)] * 60
    serve_in(site, order)

    outcome = run()

    assert sorted(ids(outcome.records("pages"))) == [str(1000 + number) for number in range(10)]


def test_a_state_ahead_of_the_servers_time_is_not_believed(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    state = {"lastModifiedAt": "2031-01-01T00:00:00.000Z"}

    outcome = run_sync(make_setup(), [entry("pages")], {"pages": state})

    assert sorted(ids(outcome.records("pages"))) == sorted(ids(site.pages))
    assert outcome.states("pages")[-1] == {"lastModifiedAt": "2025-06-01T12:00:00.000Z"}
    assert [one.levelname for one in caplog.records] == ["WARNING"]


def test_a_state_within_the_lookback_of_the_servers_time_is_believed(site: FakeSite) -> None:
    state = {"lastModifiedAt": "2025-06-01T12:09:00.000Z"}
    site.pages = site.pages[:300]

    outcome = run_sync(make_setup(), [entry("pages")], {"pages": state})

    assert outcome.records("pages") == []
