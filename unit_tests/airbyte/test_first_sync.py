"""The first sync of pages: a light list, bodies by id, and never a state past its start."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from unit_tests.fake_site import (
    BROKEN,
    NOT_AN_ADMIN,
    FakeSite,
    Fault,
    Json,
    Params,
    always,
    ids,
    page,
    space,
)
from unit_tests.fakes import NOON, FakeClock, make_setup
from unit_tests.run_sync import Outcome, entry, run_sync

PAGES = [entry("pages")]
NOON_TEXT = "2025-06-01T12:00:00.000Z"


LIGHT: Params = {"status": "current,archived", "sort": "id", "limit": "250"}


def requested_ids(site: FakeSite) -> list[list[str]]:
    """The ids of each list of bodies, in order."""
    return [params["id"].split(",") for params in begun(site) if "id" in params]


def begun(site: FakeSite) -> list[Params]:
    """The requests, without those that continue a list of bodies: it may take several."""
    return [
        params
        for params in site.requests_to("pages")
        if "id" not in params or "cursor" not in params
    ]


def light_requests(site: FakeSite) -> list[Params]:
    return [params for params in site.requests_to("pages") if "body-format" not in params]


def spread(count: int, spaces: int) -> list[Json]:
    """Pages that take turns in the spaces."""
    return [page(number, spaceId=str(1 + number % spaces)) for number in range(1, count + 1)]


@pytest.mark.parametrize("spaces", [1, 40, 250])
@pytest.mark.parametrize("num_workers", [1, 10])
def test_a_site_is_listed_once_and_read_by_ids_however_many_spaces_it_has(
    site: FakeSite, spaces: int, num_workers: int
) -> None:
    site.spaces = [space(number) for number in range(1, spaces + 1)]
    site.pages = spread(700, spaces)

    outcome = run_sync(make_setup(num_workers=num_workers), PAGES)

    assert sorted(i for batch in requested_ids(site) for i in batch) == sorted(ids(site.pages))
    assert sorted(ids(outcome.records("pages"))) == sorted(ids(site.pages))
    assert len(begun(site)) == 7
    assert not any("space-id" in params for params in site.requests_to("pages"))


def test_a_long_list_is_read_from_both_ends(site: FakeSite) -> None:
    site.pages = spread(2490, 1)

    outcome = run_sync(make_setup(), PAGES)

    assert sorted(ids(outcome.records("pages"))) == sorted(ids(site.pages))
    light = light_requests(site)
    assert len([params for params in light if params["sort"] == "-id"]) == 3
    assert len(light) == 10


def test_a_page_that_moves_to_another_space_while_it_is_read_arrives(site: FakeSite) -> None:
    """Read space by space, it would be in none: not yet in the one, no longer in the other."""
    site.spaces = [space(number) for number in range(1, 5)]
    site.pages = spread(600, 4)
    seen: list[Params] = []

    def move(params: Params) -> None:
        seen.append(params)
        for number, moving in enumerate(site.pages):
            moving["spaceId"] = str(1 + (number + len(seen)) % 4)

    site.faults["pages"] = move

    outcome = run_sync(make_setup(num_workers=1), PAGES)

    assert sorted(ids(outcome.records("pages"))) == sorted(ids(site.pages))


def test_content_that_the_list_by_ids_leaves_out_is_requested_by_itself(site: FakeSite) -> None:
    site.pages = spread(5, 1)
    broken = {"results": site.pages[:3], "_links": {}}
    site.faults["pages"] = lambda params: (200, broken) if "id" in params else None

    outcome = run_sync(make_setup(), PAGES)

    assert sorted(ids(outcome.records("pages"))) == ["1", "2", "3", "4", "5"]
    (params,) = site.requests_to("pages/4")
    assert params == {"status": "current,archived", "body-format": "storage"}


def test_content_that_was_deleted_since_it_was_listed_is_skipped(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    site.pages = spread(5, 1)

    def delete(params: Params) -> None:
        if "id" in params:
            del site.pages[4:]

    site.faults["pages"] = delete

    outcome = run_sync(make_setup(), PAGES)

    assert sorted(ids(outcome.records("pages"))) == ["1", "2", "3", "4"]
    assert outcome.statuses("pages")[-1] == "COMPLETE"
    assert [one.levelname for one in caplog.records if "record 5 of pages" in one.message] == [
        "INFO"
    ]


def test_content_that_was_trashed_since_it_was_listed_is_skipped(site: FakeSite) -> None:
    site.pages = spread(5, 1)
    site.faults["pages"] = lambda p: site.pages[4].update(status="trashed") if "id" in p else None
    site.faults["pages/5"] = lambda _: (200, site.pages[4])

    assert len(run_sync(make_setup(), PAGES).records("pages")) == 4


def test_without_bodies_the_light_list_is_all_that_is_requested(site: FakeSite) -> None:
    site.pages = spread(600, 3)

    outcome = run_sync(make_setup(body_format="none"), PAGES)

    assert len(outcome.records("pages")) == 600
    assert len(site.requests_to("pages")) == 3


def test_content_without_an_id_arrives_without_its_body(site: FakeSite) -> None:
    listed = [page(1), {"title": "A"}, {"id": None, "title": "B"}]
    answer = {"results": listed, "_links": {}}
    site.pages = [page(1)]
    site.faults["pages"] = lambda params: None if "id" in params else (200, answer)

    records = run_sync(make_setup(), PAGES).records("pages")

    assert [(one.get("id"), one.get("title")) for one in records] == [
        (None, "A"),
        (None, "B"),
        ("1", None),
    ]


def test_a_small_site_costs_a_light_request_and_one_for_the_bodies(site: FakeSite) -> None:
    site.pages = [page(number) for number in range(1, 251)]

    outcome = run_sync(make_setup(), PAGES)

    assert len(outcome.records("pages")) == 250
    light, whole = begun(site)
    assert light == LIGHT
    assert {**whole, "limit": "250"} == {
        **LIGHT,
        "body-format": "storage",
        "id": ",".join(ids(site.pages)),
    }


def test_an_empty_site_has_no_records_and_a_state(site: FakeSite) -> None:
    site.pages = []

    outcome = run_sync(make_setup(), PAGES)

    assert outcome.statuses("pages") == ["STARTED", "COMPLETE"]
    assert outcome.states("pages") == [{"lastModifiedAt": NOON_TEXT}]


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
    assert site.requests_besides("spaces") == []


def test_only_named_spaces_are_listed(site: FakeSite) -> None:
    site.spaces = [space(number) for number in range(1, 6)]
    site.pages = spread(10, 5)

    outcome = run_sync(make_setup(space_keys=["S2", "S4"]), PAGES)

    assert {record["spaceId"] for record in outcome.records("pages")} == {"2", "4"}
    assert len(outcome.records("pages")) == 4
    light, whole = site.requests_to("pages")
    assert light == {**LIGHT, "space-id": "2,4"}
    assert whole["id"] == "1,3,6,8"
    assert [params["keys"] for params in site.requests_to("spaces")] == ["S2,S4", "S2,S4"]


def test_spaces_are_listed_once_for_all_streams(site: FakeSite) -> None:
    site.spaces = [space(1), space(2, "archived")]

    run_sync(make_setup(excluded_space_keys=["S1"]), [entry("pages"), entry("blog_posts")])

    assert [params["status"] for params in site.requests_to("spaces")] == ["current", "archived"]
    assert [params["space-id"] for params in light_requests(site)] == ["2"]


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
    assert {params["sort"] for params in light_requests(site)} == {"-modified-date"}
    assert len(begun(site)) == 4


def test_start_date_makes_a_site_small_enough_for_two_requests(site: FakeSite) -> None:
    site.pages = [page(number) for number in range(1, 401)]
    site.pages[:3] = [page(number, "2025-05-01T00:00:00Z") for number in (1, 2, 3)]

    outcome = run_sync(make_setup(start_date="2025-05-01T00:00:00Z"), PAGES)

    assert sorted(ids(outcome.records("pages"))) == ["1", "2", "3"]
    assert len(site.requests_to("pages")) == 2


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
    """The first page was read when it is edited; then one is edited that is read."""
    site.pages = spread(300, 1)
    first_page, last_page = site.pages[0], site.pages[-1]

    def edit(params: Params) -> None:
        if last_page["id"] in params.get("id", "").split(","):
            first_page["version"]["createdAt"] = "2025-06-01T12:00:05.000Z"
            last_page["version"]["createdAt"] = "2025-06-01T12:00:09.000Z"

    site.faults["pages"] = edit
    config: Json = {"num_workers": 1, "lookback_window_minutes": 0}
    first = run_sync(make_setup(**config), PAGES)
    read = {record["id"]: record["lastModifiedAt"] for record in first.records("pages")}
    assert read[first_page["id"]] < NOON_TEXT < read[last_page["id"]]
    site.faults.clear()
    site.server_time = NOON + timedelta(days=1)

    following = run_sync(make_setup(**config), PAGES, {"pages": first.whole_states("pages")[-1]})

    assert ids(following.records("pages")) == [last_page["id"], first_page["id"]]
    assert following.states("pages") == [{"lastModifiedAt": NOON_TEXT}]


def test_the_start_is_the_servers_time_at_its_first_response(site: FakeSite) -> None:
    site.server_time = NOON - timedelta(hours=3)

    def a_minute_passes(_: Params) -> None:
        assert site.server_time is not None
        site.server_time += timedelta(minutes=1)

    site.faults["pages"] = a_minute_passes

    outcome = run_sync(make_setup(), PAGES)

    assert outcome.states("pages") == [{"lastModifiedAt": "2025-06-01T09:00:00.000Z"}]


@pytest.mark.parametrize(
    "server_time",
    [
        pytest.param(None, id="none"),
        pytest.param(NOON + timedelta(hours=5), id="fast"),
        pytest.param(NOON + timedelta(days=3650), id="absurd"),
    ],
)
def test_a_server_without_a_credible_time_does_not_make_the_state_too_new(
    site: FakeSite, server_time: datetime | None
) -> None:
    """Ours counts at the start of the sync, not at its end: edits are made in between."""
    site.server_time = server_time
    clock = FakeClock()

    def an_hour_passes(_: Params) -> None:
        clock.advance(3600)

    site.faults["pages"] = an_hour_passes

    outcome = run_sync(make_setup(clock), PAGES)

    assert outcome.states("pages") == [{"lastModifiedAt": NOON_TEXT}]


def light_or_before(number: int) -> Fault:
    """A server that serves the bodies of pages up to a number only."""
    return lambda params: (
        BROKEN if any(int(i) > number for i in params.get("id", "0").split(",")) else None
    )


def failed_halfway(site: FakeSite) -> Outcome:
    """A first sync of four times 250 pages, of which the last cannot be read."""
    site.spaces = [space(number) for number in (1, 2, 3)]
    site.pages = spread(1000, 3)
    site.faults["pages"] = light_or_before(750)
    site.faults.update({f"pages/{number}": always(BROKEN) for number in range(751, 1001)})
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
        "firstSync": {"startedAt": NOON_TEXT, "upTo": "750"},
    }


def resumed_after(outcome: Outcome) -> Outcome:
    return run_sync(make_setup(), PAGES, {"pages": outcome.whole_states("pages")[-1]})


def test_a_first_sync_is_resumed_where_it_failed(site: FakeSite) -> None:
    failed = failed_halfway(site)
    site.server_time = NOON + timedelta(days=1)
    site.pages.append(page(1001, "2025-06-02T11:00:00.000Z", spaceId="3"))

    resumed = resumed_after(failed)

    assert resumed.error is None
    assert [len(batch) for batch in requested_ids(site)] in ([250, 1], [1, 250])
    together = ids([*failed.records("pages"), *resumed.records("pages")])
    assert sorted(set(together)) == sorted(ids(site.pages))
    assert resumed.states("pages")[-1] == {"lastModifiedAt": NOON_TEXT}


def test_a_resumed_first_sync_reads_what_was_edited_since_in_what_was_done(
    site: FakeSite,
) -> None:
    failed = failed_halfway(site)
    site.server_time = NOON + timedelta(days=1)
    edited, not_done = site.pages[0], site.pages[900]
    edited["version"]["createdAt"] = "2025-06-01T13:00:00.000Z"
    not_done["version"]["createdAt"] = "2025-06-01T14:00:00.000Z"

    resumed = resumed_after(failed)

    rest = ids(site.pages[750:])
    assert sorted(ids(resumed.records("pages"))) == sorted([*rest, edited["id"]])
    assert resumed.states("pages")[-1] == {"lastModifiedAt": NOON_TEXT}


def test_a_resumed_first_sync_reads_what_was_granted_since_in_what_was_done(
    site: FakeSite,
) -> None:
    granted = space(4)
    old = page(17, "2020-01-01T00:00:00.000Z", spaceId="4")
    failed = failed_halfway(site)
    site.spaces.append(granted)
    site.pages[16] = old

    resumed = resumed_after(failed)

    assert ids(resumed.records("pages")).count("17") == 1


def test_pages_that_can_never_be_read_do_not_block_the_others(site: FakeSite) -> None:
    failed = failed_halfway(site)
    site.faults["pages"] = light_or_before(750)
    site.faults.update({f"pages/{number}": always(BROKEN) for number in range(751, 1001)})
    state = failed.whole_states("pages")[-1]
    for day, edited in ((2, site.pages[0]), (3, site.pages[2])):
        site.server_time = NOON + timedelta(days=day)
        edited["version"]["createdAt"] = f"2025-06-0{day}T13:00:00.000Z"

        again = run_sync(make_setup(), PAGES, {"pages": state})

        assert edited["id"] in ids(again.records("pages"))
        assert again.statuses("pages")[-1] == "INCOMPLETE"
        state = again.whole_states("pages")[-1]


def test_a_first_sync_that_fails_at_once_has_an_empty_state(site: FakeSite) -> None:
    site.faults["spaces"] = always(BROKEN)
    site.pages = spread(300, 1)

    outcome = run_sync(make_setup(), PAGES)

    assert outcome.statuses("pages") == ["STARTED", "INCOMPLETE"]
    assert outcome.states("pages") == [{}]


def with_null_for(site: FakeSite, content_id: str) -> Fault:
    """A light list in which a row is null: the server could not send it."""

    def serve(params: Params) -> tuple[int, Json] | None:
        if "id" in params:
            return None
        rows = site.pages[::-1] if params["sort"] == "-id" else site.pages
        first, limit = int(params.get("cursor", "0")), int(params["limit"])
        more = {"next": f"/wiki/x?cursor={first + limit}"} if first + limit < len(rows) else {}
        found = [row if row["id"] != content_id else None for row in rows[first : first + limit]]
        return 200, {"results": found, "_links": more}

    return serve


@pytest.mark.parametrize("num_workers", [1, 10])
@pytest.mark.parametrize("unseen", ["300", "1400", "2400"])
def test_what_a_light_list_could_not_send_does_not_count_as_done(
    site: FakeSite, unseen: str, num_workers: int
) -> None:
    site.pages = spread(2490, 1)
    site.faults["pages"] = with_null_for(site, unseen)
    setup = make_setup(num_workers=num_workers)
    failed = run_sync(setup, PAGES)
    site.faults.clear()

    resumed = resumed_after(failed)

    assert failed.statuses("pages")[-1] == "INCOMPLETE"
    assert resumed.error is None
    together = ids([*failed.records("pages"), *resumed.records("pages")])
    assert set(together) == set(ids(site.pages))


def test_a_first_sync_that_began_ahead_of_the_servers_time_begins_again(site: FakeSite) -> None:
    """It would not read what was edited since in what was done."""
    site.pages = spread(30, 1)
    done = {"startedAt": "2099-01-01T00:00:00.000Z", "upTo": "20"}

    outcome = run_sync(make_setup(), PAGES, {"pages": {"firstSync": done}})

    assert sorted(ids(outcome.records("pages"))) == sorted(ids(site.pages))
    assert outcome.error is None


def test_a_list_that_takes_fewer_ids_than_it_is_sent_is_requested_again(site: FakeSite) -> None:
    site.pages = spread(250, 1)

    def clip(params: Params) -> None:
        if "id" in params:
            params["id"] = ",".join(params["id"].split(",")[:100])

    site.faults["pages"] = clip

    outcome = run_sync(make_setup(), PAGES)

    assert sorted(ids(outcome.records("pages"))) == sorted(ids(site.pages))
    assert len(begun(site)) == 4


def test_an_account_that_may_not_list_spaces_reads_what_it_may(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    site.pages = spread(20, 2)
    site.spaces = [space(1), space(2)]
    site.faults["spaces"] = always(NOT_AN_ADMIN)
    denied = run_sync(make_setup(), [*PAGES, entry("blog_posts")])
    warnings = [one for one in caplog.records if one.levelname == "WARNING"]
    site.faults.clear()

    later = resumed_after(denied)

    assert len(denied.records("pages")) == 20
    assert denied.statuses("pages")[-1] == "COMPLETE"
    assert len(warnings) == 1
    assert sorted(ids(later.records("pages"))) == sorted(ids(site.pages))


@pytest.mark.parametrize("odd", [[3], {"id": 3}, 1.5], ids=str)
def test_content_whose_id_is_no_id_arrives_without_its_body(site: FakeSite, odd: object) -> None:
    site.pages = spread(2, 1)
    answer = {"results": [*site.pages, {"id": odd}], "_links": {}}
    site.faults["pages"] = lambda params: None if "id" in params else (200, answer)

    outcome = run_sync(make_setup(), PAGES)

    assert [one["id"] for one in outcome.records("pages") if one["id"] not in ("1", "2")] == [odd]
    assert outcome.error is None


@pytest.mark.parametrize("odd", [[3], {"id": 3}, 1.5], ids=str)
def test_an_odd_id_in_a_list_by_ids_does_not_fail_the_stream(site: FakeSite, odd: object) -> None:
    site.pages = spread(2, 1)
    answer = {"results": [{"id": odd}, *site.pages], "_links": {}}
    site.faults["pages"] = lambda params: (200, answer) if "id" in params else None

    outcome = run_sync(make_setup(), PAGES)

    assert len(outcome.records("pages")) == 3
    assert outcome.error is None


def test_ids_that_are_numbers_are_requested_once(site: FakeSite) -> None:
    site.pages = spread(30, 1)
    rows = [{**one, "id": int(one["id"])} for one in site.pages]

    def serve(params: Params) -> tuple[int, Json]:
        wanted = params.get("id", ",".join(ids(site.pages))).split(",")
        return 200, {"results": [one for one in rows if str(one["id"]) in wanted], "_links": {}}

    site.faults["pages"] = serve
    done = {"startedAt": NOON_TEXT, "upTo": "20"}

    outcome = run_sync(make_setup(), PAGES, {"pages": {"firstSync": done}})

    assert [one["id"] for one in outcome.records("pages")] == list(range(21, 31))
    assert not [name for name, _ in site.requests if name.startswith("pages/")]


def test_a_first_sync_that_had_done_nothing_costs_no_more_than_a_new_one(site: FakeSite) -> None:
    site.pages = spread(30, 1)
    begun_before = {"pages": {"firstSync": {"startedAt": "2025-05-01T12:00:00.000Z"}}}

    outcome = run_sync(make_setup(), PAGES, begun_before)

    assert sorted(ids(outcome.records("pages"))) == sorted(ids(site.pages))
    assert {params["sort"] for params in site.requests_to("pages")} == {"id"}
    assert outcome.states("pages")[-1] == {"lastModifiedAt": "2025-01-01T00:00:00.000Z"}


@pytest.mark.parametrize(
    ("sort", "late"),
    [pytest.param("-id", "4900", id="other"), pytest.param("id", "174", id="first")],
)
def test_what_an_end_lists_late_is_not_taken_for_done(site: FakeSite, sort: str, late: str) -> None:
    """One page is listed where the order has long passed it; from the other end it is not."""
    site.pages = spread(5000, 1)
    order = sorted(site.pages, key=lambda one: int(sort.replace("id", one["id"])))
    order.insert(3100 if sort == "id" else 900, order.pop(ids(order).index(late)))

    def serve(params: Params) -> tuple[int, Json] | None:
        if params["sort"] != sort or "id" in params:
            return None
        first = int(params.get("cursor", 0))
        more = {"next": f"/wiki/x?cursor={first + 250}"} if first + 250 < len(order) else {}
        return 200, {"results": order[first : first + 250], "_links": more}

    site.faults["pages"] = serve
    done = {"startedAt": NOON_TEXT, "upTo": "1350", "fromOn": "4700"}

    resumed = run_sync(make_setup(), PAGES, {"pages": {"firstSync": done}})

    assert late in ids(resumed.records("pages"))
    assert set(map(str, range(1351, 4700))) <= set(ids(resumed.records("pages")))
