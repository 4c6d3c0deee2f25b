"""Whole syncs by the real engine: the order of what they say, and what happens on errors."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator, Iterable
from typing import Any, cast

import pytest
from airbyte_cdk.models import AirbyteMessage, DestinationSyncMode, Level, SyncMode, Type
from airbyte_cdk.sources.connector_state_manager import ConnectorStateManager

from source_confluence.airbyte import engine
from source_confluence.airbyte.engine import Sync, messages_of_unknown
from source_confluence.confluence.errors import ConfigError
from source_confluence.confluence.page_budget import PageBudget
from source_confluence.connection import Connection
from unit_tests.fake_site import (
    NOT_AN_ADMIN,
    UNFIT,
    FakeSite,
    Params,
    always,
    ids,
    page,
    space,
)
from unit_tests.fakes import make_config, make_connection
from unit_tests.run_sync import (
    LOGGER,
    Outcome,
    catalogue_of,
    entry,
    run_sync,
    state_of,
    stream_of,
    streams_of,
)

ALL = ("pages", "blog_posts", "space", "group", "audit")
MARKER = {"__ab_no_cursor_state_message": True}
OVERWRITE = DestinationSyncMode.overwrite


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    """A site with more pages in six spaces than a page of results holds, and some of the rest."""
    site.spaces = [space(number) for number in range(1, 7)]
    site.pages = [page(number, spaceId=str(1 + number % 6)) for number in range(1, 301)]
    site.blogposts = [page(number, spaceId="1") for number in range(1001, 1011)]
    site.groups = [{"id": f"g{number}"} for number in range(201)]
    site.audit = [{"creationDate": 1_700_000_000_000 + number} for number in range(20)]
    return site


def with_workers(num_workers: int) -> Connection:
    return make_connection(make_config(num_workers=num_workers))


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


def place(messages: list[AirbyteMessage], fits: Callable[[AirbyteMessage], bool]) -> list[int]:
    return [number for number, message in enumerate(messages) if fits(message)]


@pytest.mark.parametrize("mode", [SyncMode.incremental, SyncMode.full_refresh])
def test_complete_comes_last_and_the_last_state_before_it(site: FakeSite, mode: SyncMode) -> None:
    site.faults["audit"] = always(NOT_AN_ADMIN)

    outcome = run_sync(with_workers(4), [entry(name, mode) for name in ALL])

    for name in ALL:
        of_stream = [message for message in outcome.messages if stream_of(message) == name]
        states = place(of_stream, lambda message: message.type is Type.STATE)
        records = place(of_stream, lambda message: message.type is Type.RECORD)
        assert outcome.statuses(name)[-1] == "COMPLETE"
        assert of_stream[-1].type is Type.TRACE
        assert states[-1] == len(of_stream) - 2
        assert max(records, default=0) < states[-1]


def test_no_state_comes_before_the_records_that_it_covers(site: FakeSite) -> None:
    missing = {
        one["id"]: {p["id"] for p in site.pages if p["spaceId"] == one["id"]} for one in site.spaces
    }
    checked = 0

    for message in run_sync(with_workers(6), [entry("pages"), entry("blog_posts")]).messages:
        if stream_of(message) != "pages":
            continue
        if message.record is not None:
            missing[message.record.data["spaceId"]].remove(message.record.data["id"])
        if message.state is not None:
            for space_id in state_of(message).get("firstSync", {}).get("doneSpaceIds", missing):
                assert missing[space_id] == set()
                checked += 1

    assert checked == 1 + 2 + 3 + 4 + 5 + 6 + 6


def read_in(connection: Connection, sync: Sync, names: Iterable[str]) -> Iterable[AirbyteMessage]:
    streams = streams_of(connection)
    return sync.read([(entry(name), streams[name]) for name in names])


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("level", [logging.INFO, logging.DEBUG])
def test_a_queue_of_one_neither_overflows_nor_deadlocks(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, level: int
) -> None:
    """At DEBUG the reader of the queue has something to say of every slice, too."""
    caplog.set_level(level, LOGGER.name)
    monkeypatch.setattr(engine, "QUEUE_SIZE", 1)
    connection = with_workers(4)
    sync = Sync(4, connection.memory, ConnectorStateManager(), LOGGER)
    records = 0

    for message in read_in(connection, sync, ALL):
        assert sync._queue.qsize() <= 1
        records += message.type is Type.RECORD

    assert records == 300 + 10 + 6 + 201 + 20


@pytest.mark.parametrize(("num_workers", "slicing"), [(1, 1), (2, 1), (3, 1), (4, 2), (8, 4)])
def test_no_more_than_half_of_the_workers_make_slices(
    monkeypatch: pytest.MonkeyPatch, num_workers: int, slicing: int
) -> None:
    """Were it all, none would be left to read what they have made."""
    streams = catalogue_of(with_workers(num_workers)).streams[:8]
    for stream in streams:
        monkeypatch.setattr(stream, "stream_slices", lambda **_: [])
    sync = Sync(num_workers, PageBudget(), ConnectorStateManager(), LOGGER)

    messages = list(sync.read([(entry(stream.name), stream) for stream in streams]))

    started_before_one_has_ended = place(messages, lambda message: message.type is Type.STATE)[0]
    assert started_before_one_has_ended == slicing


@pytest.mark.usefixtures("site")
def test_a_page_of_results_is_held_until_its_last_record_is_on_its_way_out() -> None:
    """However many records the queue takes: their bytes are what is bounded."""
    connection = with_workers(1)
    sync = Sync(1, connection.memory, ConnectorStateManager(), LOGGER)

    held = [
        (message.type is Type.RECORD, connection.memory._held)
        for message in read_in(connection, sync, ["audit"])
    ]

    last = max(number for number, (is_record, _) in enumerate(held) if is_record)
    assert held[last][1] > 0
    assert connection.memory._held == 0


def test_slices_are_told_at_debug_only(site: FakeSite, caplog: pytest.LogCaptureFixture) -> None:
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
    states: dict[str, dict[str, Any]] = {}

    for _ in range(2):
        outcome = run_sync(with_workers(4), entries, states)
        assert sorted(ids(outcome.records("pages"))) == sorted(ids(site.pages))
        assert len(outcome.records("audit")) == len(site.audit)
        states = {name: outcome.states(name)[-1] for name in ALL}

    assert states == dict.fromkeys(ALL, MARKER)


def test_a_full_refresh_does_not_mind_the_state_of_an_incremental_sync(site: FakeSite) -> None:
    outcome = run_sync(
        with_workers(4),
        [entry("pages", SyncMode.full_refresh), entry("audit", SyncMode.full_refresh)],
        {"pages": {"lastModifiedAt": "2025-05-31T00:00:00.000Z"}, "audit": {"creationDate": "?"}},
    )

    assert len(outcome.records("pages")) == len(site.pages)
    assert len(outcome.records("audit")) == len(site.audit)


def test_a_stream_without_a_cursor_is_read_in_full_in_incremental_mode(site: FakeSite) -> None:
    outcome = run_sync(with_workers(4), [entry("group")], {"group": MARKER})

    assert len(outcome.records("group")) == len(site.groups)
    assert outcome.states("group") == [MARKER]


@pytest.mark.parametrize(
    "marker",
    ["__ab_no_cursor_state_message", "__ab_full_refresh_sync_complete", "__ab_is_sync_complete"],
)
def test_the_markers_of_a_full_refresh_just_work(
    site: FakeSite, marker: str, caplog: pytest.LogCaptureFixture
) -> None:
    state = {marker: True}

    outcome = run_sync(
        with_workers(4), [entry("pages"), entry("audit")], {"pages": state, "audit": state}
    )

    assert outcome.error is None
    assert len(outcome.records("pages")) == len(site.pages)
    assert set(outcome.states("pages")[-1]) == {"lastModifiedAt"}
    assert set(outcome.states("audit")[-1]) == {"creationDate"}
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.usefixtures("site")
def test_foreign_keys_are_warned_of_and_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    foreign = {"use_global_cursor": False, "cursor": "x", "lastModifiedAt": "2025-06-01T00:00:00Z"}

    outcome = run_sync(with_workers(4), [entry("pages")], {"pages": foreign})

    assert outcome.error is None
    assert outcome.states("pages") == [{"lastModifiedAt": "2025-06-01T00:00:00.000Z"}]
    (warning,) = (record.message for record in caplog.records if record.levelname == "WARNING")
    assert warning == (
        "The state of stream pages holds cursor, use_global_cursor, "
        "which this connector did not write: that is passed over."
    )


def test_a_state_with_wrong_values_ends_the_sync_before_any_request(site: FakeSite) -> None:
    outcome = run_sync(
        with_workers(4), [entry("pages"), entry("audit")], {"audit": {"creationDate": "June"}}
    )

    assert isinstance(outcome.error, ConfigError)
    assert outcome.error.sentence == (
        "The state of stream audit holds a value that this connector did not write "
        "({'creationDate': 'June'}): reset the state of that stream."
    )
    assert site.requests == []


def test_the_state_of_each_stream_is_its_own(site: FakeSite) -> None:
    states = {"blog_posts": {"lastModifiedAt": "2025-06-01T00:00:00.000Z"}}

    outcome = run_sync(with_workers(4), [entry("pages"), entry("blog_posts")], states)

    assert len(outcome.records("pages")) == len(site.pages)
    assert outcome.records("blog_posts") == []


def refused(site: FakeSite, name: str, destination: DestinationSyncMode) -> Outcome:
    site.faults[name] = always(NOT_AN_ADMIN)
    entries = [entry(name, destination=destination), entry("group")]
    return run_sync(with_workers(4), entries, {name: {"kept": True}})


@pytest.mark.parametrize("name", ["audit", "pages"])
def test_a_refused_stream_that_appends_is_complete_and_without_records(
    site: FakeSite, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """`pages` is refused where its slices are made, `audit` where its records are read."""
    outcome = refused(site, name, DestinationSyncMode.append)

    assert outcome.error is None
    assert outcome.records(name) == []
    assert outcome.statuses(name) == ["STARTED", "COMPLETE"]
    assert outcome.states(name) == [{}]
    assert len(outcome.records("group")) == len(site.groups)
    warnings = [
        line for line in caplog.messages if line.startswith(f"Stream {name} has no records")
    ]
    assert len(warnings) == 1
    assert "Only Confluence administrators may do this" in warnings[0]


@pytest.mark.parametrize("name", ["audit", "pages"])
def test_a_refused_stream_that_would_wipe_a_table_is_incomplete(site: FakeSite, name: str) -> None:
    outcome = refused(site, name, OVERWRITE)

    assert outcome.error is not None
    assert outcome.statuses(name) == ["STARTED", "INCOMPLETE"]
    (sentence,) = outcome.errors(name)
    assert f"Stream {name} is left incomplete" in sentence
    assert outcome.statuses("group")[-1] == "COMPLETE"
    assert len(outcome.records("group")) == len(site.groups)


def test_a_state_survives_a_refused_sync(site: FakeSite) -> None:
    state = {"creationDate": 1_600_000_000_000}
    site.faults["audit"] = always(NOT_AN_ADMIN)

    assert run_sync(with_workers(2), [entry("audit")], {"audit": state}).states("audit") == [state]


def test_a_partly_refused_stream_is_an_error_and_not_done(site: FakeSite) -> None:
    def not_space_3(params: Params) -> tuple[int, dict[str, Any]] | None:
        return NOT_AN_ADMIN if params.get("space-id") == "3" else None

    site.faults["pages"] = not_space_3

    outcome = run_sync(with_workers(4), [entry("pages")])

    assert outcome.statuses("pages")[-1] == "INCOMPLETE"
    assert all("only a part of stream pages" in sentence for sentence in outcome.errors("pages"))
    assert "3" not in outcome.states("pages")[-1]["firstSync"]["doneSpaceIds"]


def test_a_broken_stream_does_not_touch_the_others(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    site.faults["group"] = always(UNFIT)

    outcome = run_sync(with_workers(4), [entry(name) for name in ALL])

    assert outcome.error is not None
    assert outcome.statuses("group") == ["STARTED", "INCOMPLETE"]
    assert {outcome.statuses(name)[-1] for name in ALL if name != "group"} == {"COMPLETE"}
    assert len(outcome.records("pages")) == len(site.pages)
    assert outcome.errors("group") == [
        "Confluence refused /wiki/rest/api/group with status 400: No such parameter"
    ]
    assert all(record.exc_info is None for record in caplog.records if record.name == LOGGER.name)


def test_a_stream_that_does_not_exist_is_told_of_as_started_wrong_and_incomplete() -> None:
    outcome = Outcome(messages_of_unknown(entry("pagez").stream), None)

    assert outcome.statuses("pagez") == ["STARTED", "INCOMPLETE"]
    (sentence,) = outcome.errors("pagez")
    assert sentence == (
        "The catalog names stream pagez, which this connector does not have: "
        "refresh the schema of the connection, or take the stream out."
    )


@pytest.mark.parametrize(("level", "lines"), [(logging.INFO, 0), (logging.DEBUG, 1)])
def test_the_cdk_may_tell_details_at_debug_only(
    caplog: pytest.LogCaptureFixture, level: int, lines: int
) -> None:
    caplog.set_level(level, LOGGER.name)
    messages = Sync(2, PageBudget(), ConnectorStateManager(), LOGGER).messages

    messages.log_message(Level.DEBUG, lambda: {"detail": 1})

    assert len(list(messages.consume_queue())) == lines


def test_without_streams_a_sync_ends_at_once() -> None:
    assert run_sync(with_workers(2), []) == Outcome([], None)


def test_workers_end_when_the_reader_goes_away(
    site: FakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise `read | head` would never end: the process waits for its workers."""
    monkeypatch.setattr(engine, "QUEUE_SIZE", 1)
    connection = with_workers(1)
    before = set(threading.enumerate())
    sync = Sync(1, connection.memory, ConnectorStateManager(), LOGGER)
    messages = cast("Generator[AirbyteMessage]", read_in(connection, sync, ["pages"]))
    while next(messages).record is None:
        pass
    workers = set(threading.enumerate()) - before

    messages.close()

    for worker in workers:
        worker.join(10)
    assert workers
    assert not any(worker.is_alive() for worker in workers)
    begun = [params for params in site.asked("pages") if "space-id" in params]
    assert len(begun) == 1, "partitions that had not begun must not begin any more"
