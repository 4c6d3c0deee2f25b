"""The audit log: ids, and the window of time that is asked for."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from airbyte_cdk.models import SyncMode

from source_confluence.confluence.errors import ConfigError
from source_confluence.streams.audit import Audit
from source_confluence.streams.state import StreamState
from unit_tests.fake_site import FakeSite, Json
from unit_tests.fakes import NOON, FakeClock, make_config, make_connection
from unit_tests.run_sync import entry, run_sync, streams_of

NOON_MS = 1748779200000
HOUR_MS = 3_600_000
RECORD = {
    "creationDate": 1700000000000,
    "author": {"displayName": "Ada", "accountId": "5b10"},
    "changedValues": [{"name": "a", "oldValue": None}],
}


def audit_of(**config: Any) -> Audit:
    stream = streams_of(make_connection(make_config(**config)))["audit"]
    assert isinstance(stream, Audit)
    return stream


def window(state: Json | None, **config: Any) -> dict[str, Any]:
    """The one slice after a sync that has ended with `state`; None stands for a full refresh."""
    audit = audit_of(**config)
    if state is not None:
        audit.resumes_from = audit.parse_state(state)
    (only,) = audit.stream_slices(sync_mode=SyncMode.incremental)
    return dict(only)


def test_the_same_record_has_the_same_id_in_whatever_order_its_keys_come() -> None:
    turned = {
        "changedValues": [{"oldValue": None, "name": "a"}],
        "author": {"accountId": "5b10", "displayName": "Ada"},
        "creationDate": 1700000000000,
    }

    audit = audit_of()

    assert audit.record(dict(turned))["id"] == audit.record(dict(RECORD))["id"]


def test_an_id_stays_the_same_from_release_to_release() -> None:
    """Otherwise every record would be in the destination twice."""
    assert audit_of().record(dict(RECORD)) == {**RECORD, "id": "13a582e3f428a667c73adac2c711ba94"}


@pytest.mark.parametrize(
    "change",
    [
        {"creationDate": 1700000000001},
        {"author": {"displayName": "Ada", "accountId": "5b11"}},
        {"changedValues": []},
        {"added": None},
    ],
)
def test_different_records_have_different_ids(change: Json) -> None:
    audit = audit_of()

    assert audit.record({**RECORD, **change})["id"] != audit.record(dict(RECORD))["id"]


@pytest.mark.parametrize(
    ("state", "config", "asked"),
    [
        pytest.param({}, {}, {}, id="first sync"),
        pytest.param(
            {"creationDate": NOON_MS - HOUR_MS},
            {},
            {"startDate": NOON_MS - HOUR_MS - 600_000},
            id="lookback of ten minutes",
        ),
        pytest.param(
            {"creationDate": NOON_MS - HOUR_MS},
            {"lookback_window_minutes": 0},
            {"startDate": NOON_MS - HOUR_MS},
            id="no lookback",
        ),
        pytest.param(
            {},
            {"start_date": "2025-06-01T11:00:00Z"},
            {"startDate": NOON_MS - HOUR_MS},
            id="start_date",
        ),
        pytest.param(
            {"creationDate": NOON_MS - HOUR_MS},
            {"start_date": "2025-06-01T10:59:00Z"},
            {"startDate": NOON_MS - HOUR_MS - 60_000},
            id="not behind start_date",
        ),
        pytest.param(
            {"creationDate": NOON_MS},
            {"start_date": "2025-06-01T11:00:00Z"},
            {"startDate": NOON_MS - 600_000},
            id="start_date long past",
        ),
    ],
)
def test_the_window_goes_from_the_state_to_now_in_milliseconds(
    state: Json, config: dict[str, Any], asked: dict[str, int]
) -> None:
    assert window(state, **config) == {"endDate": NOON_MS, **asked}


def test_a_full_refresh_asks_for_all_but_what_is_before_start_date() -> None:
    assert audit_of().resumes_from == StreamState()
    assert window(None) == {"endDate": NOON_MS}
    assert window(None, start_date="2025-06-01T11:00:00Z") == {
        "startDate": NOON_MS - HOUR_MS,
        "endDate": NOON_MS,
    }


def test_a_state_of_wrong_values_is_refused() -> None:
    with pytest.raises(ConfigError, match="The state of stream audit holds a value"):
        window({"creationDate": "2025-06-01"})


@pytest.mark.parametrize(
    ("value", "comparable"), [(5, 5), ("5", 5), (None, None), ("x", None), ([], None)]
)
def test_a_cursor_value_is_a_number_if_anything(value: Any, comparable: int | None) -> None:
    assert audit_of().cursor_value({"creationDate": value}) == comparable


def test_a_moment_becomes_a_cursor_value() -> None:
    moment = datetime(2025, 6, 1, 14, tzinfo=timezone(timedelta(hours=2)))

    assert audit_of().cursor_value_at(moment) == NOON_MS


def test_the_end_of_the_window_is_pinned_while_the_log_grows(
    site: FakeSite, clock: FakeClock
) -> None:
    connection = make_connection(make_config(), clock)
    site.audit = [{"creationDate": NOON_MS - number} for number in range(1, 1501)]
    before = [one["creationDate"] for one in site.audit]

    def grow(_: dict[str, str]) -> None:
        clock.advance(1)
        site.audit.insert(0, {"creationDate": NOON_MS + len(site.requests)})

    site.faults["audit"] = grow

    outcome = run_sync(connection, [entry("audit")])

    assert [record["creationDate"] for record in outcome.records("audit")] == before
    assert site.asked("audit") == [
        {"endDate": str(NOON_MS), "limit": "1000"},
        {"endDate": str(NOON_MS), "limit": "1000", "start": "1000"},
    ]


def test_syncs_go_on_from_each_other(site: FakeSite) -> None:
    site.audit = [{"creationDate": NOON_MS - HOUR_MS}, {"creationDate": NOON_MS - 2 * HOUR_MS}]
    first = run_sync(make_connection(), [entry("audit")])
    assert first.states("audit") == [{"creationDate": NOON_MS - HOUR_MS}]

    site.audit.insert(0, {"creationDate": NOON_MS - 5})
    second = run_sync(make_connection(), [entry("audit")], {"audit": first.states("audit")[-1]})

    dates = [record["creationDate"] for record in second.records("audit")]
    assert dates == [NOON_MS - 5, NOON_MS - HOUR_MS]
    assert second.states("audit") == [{"creationDate": NOON_MS - 5}]
    assert second.records("audit")[1] == first.records("audit")[0]


def test_the_first_state_of_an_empty_log_is_the_servers_time(site: FakeSite) -> None:
    site.server_time = NOON - timedelta(hours=1)

    outcome = run_sync(make_connection(), [entry("audit")])

    assert outcome.states("audit") == [{"creationDate": NOON_MS - HOUR_MS}]


def test_the_first_state_of_an_empty_log_is_not_later_than_the_window(site: FakeSite) -> None:
    """Our clock pins the window; the server's may be ahead of it."""
    site.server_time = NOON + timedelta(hours=1)

    outcome = run_sync(make_connection(), [entry("audit")])

    assert [params["endDate"] for params in site.asked("audit")] == [str(NOON_MS)]
    assert outcome.states("audit") == [{"creationDate": NOON_MS}]
