"""The first sync of an incremental stream: in batches of spaces, and never past its start."""

from __future__ import annotations

from datetime import timedelta

import pytest

from unit_tests.fake_site import BROKEN, FakeSite, Json, Params, always, ids, page, space
from unit_tests.fakes import NOON, make_setup
from unit_tests.run_sync import Outcome, entry, run_sync

PAGES = [entry("pages")]
NOON_TEXT = "2025-06-01T12:00:00.000Z"


def batches_of(site: FakeSite) -> list[list[str]]:
    """The spaces of each batch, by its first request, in order."""
    first_pages = (params for params in site.requests_to("pages") if "cursor" not in params)
    return [params["space-id"].split(",") for params in first_pages if "space-id" in params]


def spread(count: int, spaces: int) -> list[Json]:
    """Pages that take turns in the spaces."""
    return [page(number, spaceId=str(1 + number % spaces)) for number in range(1, count + 1)]


@pytest.mark.parametrize(
    ("spaces", "num_workers", "batches"),
    [
        pytest.param(3, 10, 3, id="fewer spaces than workers"),
        pytest.param(40, 10, 20, id="two batches per worker"),
        pytest.param(40, 1, 2, id="one worker"),
        pytest.param(250, 1, 3, id="no more than 100 spaces at once"),
    ],
)
def test_a_big_site_is_read_in_batches_of_spaces(
    site: FakeSite, spaces: int, num_workers: int, batches: int
) -> None:
    site.spaces = [space(number) for number in range(1, spaces + 1)]
    site.pages = spread(300, spaces)

    outcome = run_sync(make_setup(num_workers=num_workers), PAGES)

    requested = batches_of(site)
    assert len(requested) == batches
    assert max(len(batch) for batch in requested) <= 100
    assert sorted(i for batch in requested for i in batch) == sorted(ids(site.spaces))
    assert sorted(ids(outcome.records("pages"))) == sorted(ids(site.pages))


def test_a_small_site_costs_one_light_request_and_the_list(site: FakeSite) -> None:
    site.pages = [page(number) for number in range(1, 251)]

    outcome = run_sync(make_setup(), PAGES)

    assert len(outcome.records("pages")) == 250
    assert site.requests_to("spaces") == []
    light, whole = site.requests_to("pages")
    assert light == {"status": "current,archived", "sort": "id", "limit": "250"}
    assert whole == {**light, "body-format": "storage"}


def test_an_empty_site_has_no_records_and_a_state(site: FakeSite) -> None:
    outcome = run_sync(make_setup(), PAGES)

    assert outcome.statuses("pages") == ["STARTED", "COMPLETE"]
    assert outcome.states("pages") == [{"lastModifiedAt": NOON_TEXT}]
    assert site.requests_to("spaces") == []


def test_a_site_that_cannot_serve_full_pages_of_results_is_read_in_smaller_ones(
    site: FakeSite,
) -> None:
    site.spaces = [space(1), space(2)]
    site.pages = spread(300, 2)
    site.faults["pages"] = lambda params: BROKEN if int(params["limit"]) > 100 else None

    outcome = run_sync(make_setup(), PAGES)

    assert outcome.error is None
    assert len(outcome.records("pages")) == 300


def test_where_no_status_fits_nothing_is_requested(site: FakeSite) -> None:
    """No blog post can be archived, and an empty `status` would list the current ones."""
    site.blogposts = [page(1)]

    outcome = run_sync(make_setup(content_statuses=["archived"]), [entry("blog_posts")])

    assert outcome.records("blog_posts") == []
    assert outcome.statuses("blog_posts") == ["STARTED", "COMPLETE"]
    assert site.requests == []


def test_named_spaces_are_read_without_a_light_request_first(site: FakeSite) -> None:
    site.spaces = [space(number) for number in range(1, 6)]
    site.pages = spread(10, 5)

    outcome = run_sync(make_setup(space_keys=["S2", "S4"]), PAGES)

    assert {record["spaceId"] for record in outcome.records("pages")} == {"2", "4"}
    assert len(outcome.records("pages")) == 4
    assert sorted(batches_of(site)) == [["2"], ["4"]]
    assert len(site.requests_to("pages")) == 2
    assert [params["keys"] for params in site.requests_to("spaces")] == ["S2,S4", "S2,S4"]


def test_spaces_are_listed_once_for_all_streams(site: FakeSite) -> None:
    site.spaces = [space(1), space(2, "archived")]

    run_sync(make_setup(excluded_space_keys=["S1"]), [entry("pages"), entry("blog_posts")])

    assert [params["status"] for params in site.requests_to("spaces")] == ["current", "archived"]
    assert batches_of(site) == [["2"]]


def test_start_date_leaves_out_what_is_older(site: FakeSite) -> None:
    site.spaces = [space(1), space(2)]
    site.pages = [
        page(number, f"20{10 + number % 15}-03-01T00:00:00Z", spaceId=str(1 + number % 2))
        for number in range(1, 751)
    ]

    outcome = run_sync(make_setup(start_date="2019-03-01T00:00:00Z"), PAGES)

    wanted = [p["id"] for p in site.pages if p["version"]["createdAt"] >= "2019-03-01"]
    assert len(wanted) == 300
    assert sorted(ids(outcome.records("pages"))) == sorted(wanted)
    assert {params["sort"] for params in site.requests_to("pages")} == {"-modified-date"}
    assert len(batches_of(site)) == 2


def test_start_date_makes_a_site_small_enough_for_one_list(site: FakeSite) -> None:
    site.pages = [page(number) for number in range(1, 401)]
    site.pages[:3] = [page(number, "2025-05-01T00:00:00Z") for number in (1, 2, 3)]

    outcome = run_sync(make_setup(start_date="2025-05-01T00:00:00Z"), PAGES)

    assert sorted(ids(outcome.records("pages"))) == ["1", "2", "3"]
    assert len(site.requests) == 2


def test_the_state_never_passes_the_servers_time_at_the_start(site: FakeSite) -> None:
    """What is edited while the sync runs may be in a space that was read before."""
    site.spaces = [space(1), space(2)]
    site.pages = [page(number, spaceId=str(1 + number % 2)) for number in range(1, 301)]
    site.pages[-1]["version"]["createdAt"] = "2025-06-01T12:00:07.000Z"

    outcome = run_sync(make_setup(), PAGES)

    assert len(outcome.records("pages")) == 300
    for state in outcome.states("pages"):
        assert state["lastModifiedAt"] <= NOON_TEXT
    assert outcome.states("pages")[-1] == {"lastModifiedAt": NOON_TEXT}


def test_what_was_edited_during_a_first_sync_is_read_by_the_next(site: FakeSite) -> None:
    """Space 1 was read when a page of it is edited; then one of space 2 is edited, and read."""
    site.spaces = [space(1), space(2)]
    site.pages = spread(300, 2)
    in_1, in_2 = site.pages[1], site.pages[0]

    def edit(params: Params) -> None:
        if params.get("space-id") == "2":
            in_1["version"]["createdAt"] = "2025-06-01T12:00:05.000Z"
            in_2["version"]["createdAt"] = "2025-06-01T12:00:09.000Z"

    site.faults["pages"] = edit
    config: Json = {"num_workers": 1, "lookback_window_minutes": 0}
    first = run_sync(make_setup(**config), PAGES)
    read = {record["id"]: record["lastModifiedAt"] for record in first.records("pages")}
    assert read[in_1["id"]] < NOON_TEXT < read[in_2["id"]]
    site.faults.clear()
    site.server_time = NOON + timedelta(days=1)

    following = run_sync(make_setup(**config), PAGES, {"pages": first.states("pages")[-1]})

    assert ids(following.records("pages")) == [in_2["id"], in_1["id"]]
    assert following.states("pages") == [{"lastModifiedAt": "2025-06-01T12:00:09.000Z"}]


def test_the_start_is_the_servers_time_at_its_first_response(site: FakeSite) -> None:
    site.server_time = NOON - timedelta(hours=3)

    def a_minute_passes(_: Params) -> None:
        assert site.server_time is not None
        site.server_time += timedelta(minutes=1)

    site.faults["pages"] = a_minute_passes

    outcome = run_sync(make_setup(), PAGES)

    assert outcome.states("pages") == [{"lastModifiedAt": "2025-06-01T09:00:00.000Z"}]


def test_without_a_servers_time_ours_is_the_start(site: FakeSite) -> None:
    site.server_time = None

    assert run_sync(make_setup(), PAGES).states("pages") == [{"lastModifiedAt": NOON_TEXT}]


def failed_halfway(site: FakeSite) -> Outcome:
    """A first sync of three spaces in which space 3 cannot be read."""
    site.spaces = [space(number) for number in (1, 2, 3)]
    site.pages = spread(300, 3)
    site.faults["pages"] = lambda p: BROKEN if p.get("space-id") == "3" else None
    outcome = run_sync(make_setup(), PAGES)
    site.faults.clear()
    site.requests.clear()
    return outcome


def test_a_first_sync_that_fails_keeps_what_is_done(site: FakeSite) -> None:
    outcome = failed_halfway(site)

    assert outcome.error is not None
    assert outcome.statuses("pages")[-1] == "INCOMPLETE"
    assert outcome.states("pages")[-1] == {
        "lastModifiedAt": "2025-01-01T00:00:00.000Z",
        "firstSync": {"startedAt": NOON_TEXT, "doneSpaceIds": ["1", "2"]},
    }


def test_a_first_sync_is_resumed_where_it_failed(site: FakeSite) -> None:
    failed = failed_halfway(site)
    site.server_time = NOON + timedelta(days=1)
    site.pages.append(page(301, "2025-06-02T11:00:00.000Z", spaceId="3"))

    resumed = run_sync(make_setup(), PAGES, {"pages": failed.states("pages")[-1]})

    assert resumed.error is None
    assert batches_of(site) == [["3"]]
    together = ids([*failed.records("pages"), *resumed.records("pages")])
    assert sorted(together) == sorted(ids(site.pages))
    assert resumed.states("pages")[0]["firstSync"]["startedAt"] == NOON_TEXT
    assert resumed.states("pages")[-1] == {"lastModifiedAt": NOON_TEXT}


def test_a_resumed_first_sync_reads_what_was_edited_since_in_the_spaces_that_were_done(
    site: FakeSite,
) -> None:
    failed = failed_halfway(site)
    site.server_time = NOON + timedelta(days=1)
    edited, not_done = site.pages[0], site.pages[1]
    assert (edited["spaceId"], not_done["spaceId"]) == ("2", "3")
    edited["version"]["createdAt"] = "2025-06-01T13:00:00.000Z"
    not_done["version"]["createdAt"] = "2025-06-01T14:00:00.000Z"
    site.pages.append(page(302, "2025-06-02T11:00:00.000Z", spaceId="2"))

    resumed = run_sync(make_setup(), PAGES, {"pages": failed.states("pages")[-1]})

    in_3 = [p["id"] for p in site.pages if p["spaceId"] == "3"]
    assert sorted(ids(resumed.records("pages"))) == sorted([*in_3, edited["id"], "302"])
    assert len(site.requests_to("pages")) == 2
    assert resumed.states("pages")[-1] == {"lastModifiedAt": NOON_TEXT}


def test_a_space_that_can_never_be_read_does_not_block_the_others(site: FakeSite) -> None:
    failed = failed_halfway(site)
    site.faults["pages"] = lambda p: BROKEN if p.get("space-id") == "3" else None
    state = failed.states("pages")[-1]
    for day, edited in ((2, site.pages[0]), (3, site.pages[2])):
        site.server_time = NOON + timedelta(days=day)
        edited["version"]["createdAt"] = f"2025-06-0{day}T13:00:00.000Z"

        again = run_sync(make_setup(), PAGES, {"pages": state})

        assert edited["id"] in ids(again.records("pages"))
        assert again.statuses("pages")[-1] == "INCOMPLETE"
        state = again.states("pages")[-1]


def test_a_resumed_first_sync_reads_spaces_created_meanwhile(site: FakeSite) -> None:
    failed = failed_halfway(site)
    site.spaces.append(space(4))
    site.pages.append(page(302, spaceId="4"))

    resumed = run_sync(make_setup(), PAGES, {"pages": failed.states("pages")[-1]})

    assert sorted(batches_of(site)) == [["3"], ["4"]]
    assert "302" in ids(resumed.records("pages"))


def test_a_first_sync_that_fails_at_once_has_an_empty_state(site: FakeSite) -> None:
    site.faults["spaces"] = always(BROKEN)
    site.pages = spread(300, 1)

    outcome = run_sync(make_setup(), PAGES)

    assert outcome.statuses("pages") == ["STARTED", "INCOMPLETE"]
    assert outcome.states("pages") == [{}]
