"""Whole syncs by the real engine: the order of their messages, and what happens on errors."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from airbyte_cdk.models import (
    AirbyteMessage,
    DestinationSyncMode,
    FailureType,
    Level,
    SyncMode,
    Type,
)

from source_confluence.airbyte import engine
from source_confluence.airbyte.engine import Engine, messages_of_unknown
from source_confluence.confluence.page_budget import PageBudget
from unit_tests.fake_site import (
    BAD_REQUEST,
    NOT_AN_ADMIN,
    FakeSite,
    Json,
    Params,
    always,
    ids,
    page,
    space,
)
from unit_tests.fakes import Setup, make_setup
from unit_tests.run_sync import (
    LOGGER,
    Outcome,
    entry,
    run_sync,
    state_of,
    stream_of,
    streams_of,
)

ALL = ("pages", "blog_posts", "space", "group", "audit")
MARKER = {"__ab_no_cursor_state_message": True}


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    """A site with more pages in six spaces than a page of results holds, and some of the rest."""
    site.spaces = [space(number) for number in range(1, 7)]
    site.pages = [page(number, spaceId=str(1 + number % 6)) for number in range(1, 301)]
    site.blogposts = [page(number, spaceId="1") for number in range(1001, 1011)]
    site.groups = [{"id": f"g{number}"} for number in range(201)]
    site.audit = [{"creationDate": 1_700_000_000_000 + number} for number in range(20)]
    return site


def with_workers(num_workers: int) -> Setup:
    return make_setup(num_workers=num_workers)


def engine_of(setup: Setup) -> Engine:
    return Engine(setup.config.num_workers, setup.connection.page_budget, LOGGER)


def reading(setup: Setup, name: str) -> AbstractContextManager[Iterator[AirbyteMessage]]:
    """The messages of a stream one by one, not all at the end."""
    return engine_of(setup).reading([(entry(name), streams_of(setup)[name])])


@pytest.mark.parametrize("num_workers", [1, 2, 3, 10])
@pytest.mark.parametrize("mode", [SyncMode.incremental, SyncMode.full_refresh])
def test_every_stream_is_read_with_any_number_of_workers(
    site: FakeSite, num_workers: int, mode: SyncMode
) -> None:
    outcome = run_sync(with_workers(num_workers), [entry(name, mode) for name in ALL])

    assert outcome.error is None
    assert sorted(ids(outcome.records("pages"))) == sorted(ids(site.pages))
    assert ids(outcome.records("blog_posts")) == ids(site.blogposts)
    assert ids(outcome.records("space")) == ids(site.spaces)
    assert ids(outcome.records("group")) == ids(site.groups)
    assert len(outcome.records("audit")) == len(site.audit)
    for name in ALL:
        assert outcome.statuses(name) == ["STARTED", "RUNNING", "COMPLETE"]


def places(messages: list[AirbyteMessage], fits: Callable[[AirbyteMessage], bool]) -> list[int]:
    return [number for number, message in enumerate(messages) if fits(message)]


@pytest.mark.parametrize("mode", [SyncMode.incremental, SyncMode.full_refresh])
def test_complete_comes_last_and_the_last_state_before_it(site: FakeSite, mode: SyncMode) -> None:
    site.faults["audit"] = always(NOT_AN_ADMIN)

    outcome = run_sync(with_workers(4), [entry(name, mode) for name in ALL])

    for name in ALL:
        of_stream = [message for message in outcome.messages if stream_of(message) == name]
        states = places(of_stream, lambda message: message.type is Type.STATE)
        records = places(of_stream, lambda message: message.type is Type.RECORD)
        assert outcome.statuses(name)[-1] == "COMPLETE"
        assert of_stream[-1].type is Type.TRACE
        assert states[-1] == len(of_stream) - 2
        assert max(records, default=0) < states[-1]


def test_no_state_comes_before_the_records_that_it_covers(site: FakeSite) -> None:
    site.pages = [page(number) for number in range(1, 6001)]
    missing = set(range(1, 6001))
    checked = 0

    for message in run_sync(with_workers(6), [entry("pages"), entry("blog_posts")]).messages:
        if stream_of(message) != "pages":
            continue
        if message.record is not None:
            missing.remove(int(message.record.data["id"]))
        if message.state is not None:
            done = state_of(message).get("firstSync", {"upTo": "6000"})
            up_to, from_on = int(done.get("upTo", 0)), int(done.get("fromOn", 6001))
            assert not [one for one in missing if one <= up_to or one >= from_on]
            checked += 1

    assert checked >= 3
    assert missing == set()


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("level", [logging.INFO, logging.DEBUG])
def test_a_queue_of_one_does_not_deadlock(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, level: int
) -> None:
    """At DEBUG the reader of the queue also logs every slice."""
    caplog.set_level(level, LOGGER.name)
    monkeypatch.setattr(engine, "QUEUE_SIZE", 1)

    outcome = run_sync(with_workers(4), [entry(name) for name in ALL])

    assert sum(len(outcome.records(name)) for name in ALL) == 300 + 10 + 6 + 201 + 20


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(("num_workers", "slicing"), [(1, 1), (2, 1), (3, 1), (4, 2), (8, 4)])
def test_no_more_than_half_of_the_workers_make_slices(
    monkeypatch: pytest.MonkeyPatch, num_workers: int, slicing: int
) -> None:
    """If all did, none would be left to read the slices."""
    setup = with_workers(num_workers)
    streams = list(streams_of(setup).values())[:8]
    for stream in streams:
        monkeypatch.setattr(stream, "stream_slices", lambda **_: [])

    with engine_of(setup).reading([(entry(one.name), one) for one in streams]) as reading_all:
        messages = list(reading_all)

    started_before_the_first_end = places(messages, lambda message: message.type is Type.STATE)[0]
    assert started_before_the_first_end == slicing


@pytest.mark.usefixtures("site")
def test_a_page_of_results_is_held_until_its_last_record_was_yielded() -> None:
    """However many records the queue takes: their bytes are what is bounded."""
    setup = make_setup(num_workers=1, page_budget=PageBudget(tiny=0))

    with reading(setup, "audit") as messages:
        held = [
            (message.type is Type.RECORD, setup.connection.page_budget.held) for message in messages
        ]

    last = max(number for number, (is_record, _) in enumerate(held) if is_record)
    assert held[last][1] > 0
    assert setup.connection.page_budget.held == 0


def test_slices_are_logged_at_debug_only(site: FakeSite, caplog: pytest.LogCaptureFixture) -> None:
    site.spaces = [space(1)]

    def slices(level: int) -> list[str]:
        caplog.set_level(level, LOGGER.name)
        messages = run_sync(with_workers(2), [entry("group")]).messages
        logs = [message.log.message for message in messages if message.log is not None]
        return [line for line in logs if line.startswith("slice:")]

    assert slices(logging.INFO) == []
    assert set(slices(logging.DEBUG)) == {"slice:{}"}


def test_a_full_refresh_is_full_every_time(site: FakeSite) -> None:
    entries = [entry(name, SyncMode.full_refresh) for name in ALL]
    states: dict[str, Json] = {}

    for _ in range(2):
        outcome = run_sync(with_workers(4), entries, states)
        assert sorted(ids(outcome.records("pages"))) == sorted(ids(site.pages))
        assert len(outcome.records("audit")) == len(site.audit)
        states = {name: outcome.states(name)[-1] for name in ALL}

    assert states == dict.fromkeys(ALL, MARKER)


def test_a_stream_without_a_cursor_is_read_in_full_in_incremental_mode(site: FakeSite) -> None:
    outcome = run_sync(with_workers(4), [entry("group")], {"group": MARKER})

    assert len(outcome.records("group")) == len(site.groups)
    assert outcome.states("group") == [MARKER]


def denied(site: FakeSite, name: str, destination: DestinationSyncMode) -> Outcome:
    site.faults[name] = always(NOT_AN_ADMIN)
    entries = [entry(name, destination=destination), entry("group")]
    return run_sync(with_workers(4), entries)


@pytest.mark.parametrize("name", ["audit", "pages"])
def test_a_denied_stream_that_appends_is_complete_and_without_records(
    site: FakeSite, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """`pages` is denied where its slices are made, `audit` where its records are read."""
    outcome = denied(site, name, DestinationSyncMode.append)

    assert outcome.error is None
    assert outcome.records(name) == []
    assert outcome.statuses(name) == ["STARTED", "COMPLETE"]
    assert outcome.states(name) == [{}]
    assert len(outcome.records("group")) == len(site.groups)
    (warning,) = (one.getMessage() for one in caplog.records if one.levelname == "WARNING")
    assert name in warning
    assert NOT_AN_ADMIN[1]["message"] in warning


@pytest.mark.parametrize("name", ["audit", "pages"])
def test_a_denied_stream_that_replaces_its_table_is_incomplete(site: FakeSite, name: str) -> None:
    outcome = denied(site, name, DestinationSyncMode.overwrite)

    assert outcome.error is not None
    assert outcome.statuses(name) == ["STARTED", "INCOMPLETE"]
    (message,) = outcome.errors(name)
    assert name in message
    assert outcome.statuses("group")[-1] == "COMPLETE"
    assert len(outcome.records("group")) == len(site.groups)


def test_a_denied_stream_keeps_its_state(site: FakeSite) -> None:
    state = {"creationDate": 1_600_000_000_000}
    site.faults["audit"] = always(NOT_AN_ADMIN)

    assert run_sync(with_workers(2), [entry("audit")], {"audit": state}).states("audit") == [state]


def test_a_partly_denied_stream_is_incomplete_and_what_was_denied_is_not_done(
    site: FakeSite,
) -> None:
    def not_300(params: Params) -> tuple[int, Json] | None:
        return NOT_AN_ADMIN if params.get("id", "").endswith("300") else None

    site.faults["pages"] = not_300

    outcome = run_sync(with_workers(4), [entry("pages")])

    assert outcome.statuses("pages")[-1] == "INCOMPLETE"
    assert outcome.errors("pages")
    assert outcome.states("pages")[-1].get("firstSync", {}).get("upTo") in (None, "150")


def test_a_stream_that_fails_does_not_affect_the_others(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    site.faults["group"] = always(BAD_REQUEST)

    outcome = run_sync(with_workers(4), [entry(name) for name in ALL])

    assert outcome.error is not None
    assert outcome.statuses("group") == ["STARTED", "INCOMPLETE"]
    assert {outcome.statuses(name)[-1] for name in ALL if name != "group"} == {"COMPLETE"}
    assert len(outcome.records("pages")) == len(site.pages)
    (message,) = outcome.errors("group")
    assert "/wiki/rest/api/group" in message
    assert BAD_REQUEST[1]["message"] in message
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [record.exc_info for record in errors] == [None]


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("level", [logging.INFO, logging.DEBUG])
def test_what_the_cdk_says_of_streams_is_logged_for_debugging_only(
    caplog: pytest.LogCaptureFixture, level: int
) -> None:
    caplog.set_level(level)
    caplog.set_level(level, LOGGER.name)

    run_sync(with_workers(4), [entry("space")])

    lines = [one.getMessage() for one in caplog.records if one.name.startswith(LOGGER.name)]
    assert any("STARTED" in line for line in lines) == (level == logging.DEBUG)


def test_the_same_error_in_every_partition_is_reported_once(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    site.faults["pages"] = lambda params: BAD_REQUEST if "id" in params else None
    site.faults["audit"] = always(BAD_REQUEST)

    outcome = run_sync(with_workers(4), [entry("pages"), entry("audit")])

    assert len([params for params in site.requests_to("pages") if "id" in params]) > 1
    for name in ("pages", "audit"):
        (message,) = outcome.errors(name)
        assert [message in one.getMessage() for one in caplog.records].count(True) == 1
        assert str(outcome.error).count(message) == 1
        assert outcome.statuses(name) == ["STARTED", "INCOMPLETE"]


def test_a_stream_that_does_not_exist_is_started_failed_and_incomplete() -> None:
    messages = messages_of_unknown(entry("pagez").stream)

    _, error, _ = (message.trace for message in messages)
    assert error is not None
    assert error.error is not None
    assert error.error.failure_type is FailureType.config_error
    assert Outcome(messages, None).statuses("pagez") == ["STARTED", "INCOMPLETE"]
    assert len(Outcome(messages, None).errors("pagez")) == 1


@pytest.mark.parametrize(("level", "lines"), [(logging.INFO, 0), (logging.DEBUG, 1)])
def test_the_cdk_logs_details_at_debug_only(
    caplog: pytest.LogCaptureFixture, level: int, lines: int
) -> None:
    caplog.set_level(level, LOGGER.name)
    messages = Engine(2, PageBudget(), LOGGER).messages

    messages.log_message(Level.DEBUG, lambda: {"detail": 1})

    assert len(list(messages.consume_queue())) == lines


def test_without_streams_a_sync_ends_at_once() -> None:
    assert run_sync(with_workers(2), []) == Outcome([], None)


def test_workers_end_when_the_reader_stops_reading(
    site: FakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise `read | head` would never end: the process waits for its workers."""
    monkeypatch.setattr(engine, "QUEUE_SIZE", 1)
    before = set(threading.enumerate())
    with reading(with_workers(1), "pages") as messages:
        while next(messages).record is None:
            pass
        workers = set(threading.enumerate()) - before

    for worker in workers:
        worker.join(10)
    assert workers
    assert not any(worker.is_alive() for worker in workers)
    started = [
        params for params in site.requests_to("pages") if "id" in params and "cursor" not in params
    ]
    assert len(started) == 1, "no partition may start after that"
