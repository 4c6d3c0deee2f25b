"""The audit log: ids, and the window of time that a sync requests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from source_confluence.confluence.errors import ConfigError
from unit_tests.fake_site import FakeSite, Json
from unit_tests.fakes import NOON, FakeClock, make_setup
from unit_tests.run_sync import Outcome, entry, run_sync

NOON_MS = 1748779200000
HOUR_MS = 3_600_000
RECORD = {
    "creationDate": 1700000000000,
    "author": {"displayName": "Ada", "accountId": "5b10"},
    "changedValues": [{"name": "a", "oldValue": None}],
}


def read(state: Json | None = None, **config: Any) -> Outcome:
    return run_sync(make_setup(**config), [entry("audit")], {"audit": state} if state else None)


def ids_of(site: FakeSite, *log: Json) -> list[str]:
    """Return the ids that records of the log get."""
    site.audit = list(log)
    return [record["id"] for record in read().records("audit")]


def test_an_id_does_not_depend_on_the_order_of_keys(site: FakeSite) -> None:
    turned = {
        "changedValues": [{"oldValue": None, "name": "a"}],
        "author": {"accountId": "5b10", "displayName": "Ada"},
        "creationDate": 1700000000000,
    }

    assert ids_of(site, turned) == ids_of(site, RECORD)


def test_an_id_stays_the_same_from_release_to_release(site: FakeSite) -> None:
    """Otherwise the destination would contain every record twice."""
    site.audit = [RECORD]

    assert read().records("audit") == [{**RECORD, "id": "d8aeac7b410b59b7032b15b6d798f549"}]


@pytest.mark.parametrize(
    "author",
    [
        {"displayName": "Ada Lovelace", "publicName": "ada", "accountId": "5b10"},
        {"accountId": "5b10", "accountType": "app", "isGuest": True, "email": "ada@example.com"},
        {"accountId": "5b10"},
    ],
)
def test_a_renamed_author_changes_no_id(site: FakeSite, author: Json) -> None:
    assert ids_of(site, {**RECORD, "author": author}) == ids_of(site, RECORD)


def test_the_names_of_authors_without_an_account_count(site: FakeSite) -> None:
    authors = [{"displayName": name} for name in ("System", "Automation")]
    records = [{**RECORD, "author": author} for author in (*authors, None, "System", 7, {})]

    assert len(set(ids_of(site, *records))) == len(records)


def test_different_records_have_different_ids(site: FakeSite) -> None:
    changes: list[Json] = [
        {},
        {"creationDate": 1700000000001},
        {"author": {"displayName": "Ada", "accountId": "5b11"}},
        {"affectedObject": {"name": "Ada", "objectType": "User"}},
        {"affectedObject": {"name": "Bob", "objectType": "User"}},
        {"changedValues": []},
        {"added": None},
    ]

    assert len(set(ids_of(site, *({**RECORD, **change} for change in changes)))) == len(changes)


HOUR_AGO = {"creationDate": NOON_MS - HOUR_MS}


@pytest.mark.parametrize(
    ("state", "config", "start"),
    [
        pytest.param(None, {}, 946_684_800_000, id="first sync"),
        pytest.param(HOUR_AGO, {}, NOON_MS - HOUR_MS - 600_000, id="lookback of ten minutes"),
        pytest.param(HOUR_AGO, {"lookback_window_minutes": 0}, NOON_MS - HOUR_MS, id="no lookback"),
        pytest.param(
            None, {"start_date": "2025-06-01T11:00:00Z"}, NOON_MS - HOUR_MS, id="start_date"
        ),
        pytest.param(
            HOUR_AGO,
            {"start_date": "2025-06-01T10:59:00Z"},
            NOON_MS - HOUR_MS - 60_000,
            id="start_date bounds the lookback",
        ),
        pytest.param(
            {"creationDate": NOON_MS},
            {"start_date": "2025-06-01T11:00:00Z"},
            NOON_MS - 600_000,
            id="start_date before the lookback",
        ),
    ],
)
def test_the_window_is_from_the_state_to_now_in_milliseconds(
    site: FakeSite, state: Json | None, config: dict[str, Any], start: int
) -> None:
    read(state, **config)

    (requested,) = site.requests_to("audit")
    assert requested.pop("limit") == "1000"
    assert requested == {"startDate": str(start), "endDate": str(NOON_MS)}


def test_a_state_of_another_type_is_rejected() -> None:
    with pytest.raises(ConfigError, match="audit"):
        read({"creationDate": "2025-06-01"})


def test_values_that_are_not_numbers_do_not_count_for_the_state(site: FakeSite) -> None:
    site.audit = [{"creationDate": NOON_MS - 9}]
    values: tuple[Any, ...] = (str(NOON_MS - 5), None, "x", [])
    odd = [{"creationDate": value} for value in values]
    site.faults["audit"] = lambda _: (200, {"results": [*site.audit, *odd], "_links": {}})

    outcome = read()

    assert len(outcome.records("audit")) == 5
    assert outcome.states("audit") == [{"creationDate": NOON_MS - 5}]


def test_the_end_of_the_window_stays_while_the_log_grows(site: FakeSite, clock: FakeClock) -> None:
    site.audit = [{"creationDate": NOON_MS - number} for number in range(1, 1501)]
    before = [one["creationDate"] for one in site.audit]

    def grow(_: dict[str, str]) -> None:
        clock.advance(1)
        site.audit.insert(0, {"creationDate": NOON_MS + len(site.requests)})

    site.faults["audit"] = grow

    outcome = run_sync(make_setup(clock), [entry("audit")])

    assert [record["creationDate"] for record in outcome.records("audit")] == before
    requests = site.requests_to("audit")
    assert [params.get("start") for params in requests] == [None, "1000", "1500"]
    assert {params["endDate"] for params in requests} == {str(NOON_MS)}


def test_a_sync_continues_the_previous_one(site: FakeSite) -> None:
    site.audit = [{"creationDate": NOON_MS - HOUR_MS}, {"creationDate": NOON_MS - 2 * HOUR_MS}]
    first = read()
    assert first.states("audit") == [HOUR_AGO]

    site.audit.insert(0, {"creationDate": NOON_MS - 5})
    second = read(first.states("audit")[-1])

    dates = [record["creationDate"] for record in second.records("audit")]
    assert dates == [NOON_MS - 5, NOON_MS - HOUR_MS]
    assert second.states("audit") == [{"creationDate": NOON_MS - 5}]
    assert second.records("audit")[1] == first.records("audit")[0]


@pytest.mark.parametrize(("ahead", "reached"), [(-1, NOON_MS - HOUR_MS), (1, NOON_MS)])
def test_the_first_state_of_an_empty_log_is_the_servers_time_within_the_window(
    site: FakeSite, ahead: int, reached: int
) -> None:
    """Our clock sets the end of the window; the server's may be ahead of it."""
    site.server_time = NOON + timedelta(hours=ahead)

    outcome = read()

    assert [params["endDate"] for params in site.requests_to("audit")] == [str(NOON_MS)]
    assert outcome.states("audit") == [{"creationDate": reached}]


def test_a_row_more_than_the_limit_and_no_next(site: FakeSite) -> None:
    """As recorded from a real site."""
    log = [{"creationDate": NOON_MS - number} for number in range(1, 2501)]

    def one_more(params: dict[str, str]) -> tuple[int, Json]:
        start, limit = int(params.get("start", 0)), int(params["limit"])
        rows = log[start : start + limit + 1]
        return 200, {"results": rows, "limit": limit, "size": len(rows), "_links": {"base": "x"}}

    site.faults["audit"] = one_more

    dates = [record["creationDate"] for record in read().records("audit")]

    assert dates == [record["creationDate"] for record in log]
