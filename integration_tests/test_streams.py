"""The main streams against the ground truth, on a site where every list has several pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from integration_tests.confluence_emulator import Emulator
from integration_tests.connector import ForkedConnector, catalog_of
from integration_tests.truth import INCREMENTAL, MODES, STREAMS, assert_same, assert_valid, expected


def test_all_streams_together_then_again_from_their_states(
    emulator: Emulator, forked: ForkedConnector
) -> None:
    first = forked.read(catalog_of(MODES))
    for stream in STREAMS:
        assert_same(first.records[stream], expected(emulator, stream))

    second = forked.read(catalog_of(MODES), first.states.values())

    assert second.returncode == 0
    for stream in ("space", "group"):
        assert_same(second.records[stream], expected(emulator, stream))
    for stream in INCREMENTAL:
        assert 0 < len(second.records[stream]) < 5, "more than the lookback covers"
        assert second.state_of(stream) == first.state_of(stream)


def test_a_full_refresh_is_full_every_time(emulator: Emulator, forked: ForkedConnector) -> None:
    modes = dict.fromkeys(STREAMS, "full_refresh")
    first = forked.read(catalog_of(modes))

    second = forked.read(catalog_of(modes), first.states.values())

    for stream in STREAMS:
        assert_same(second.records[stream], expected(emulator, stream))


def test_states_follow_their_records_and_precede_complete(forked: ForkedConnector) -> None:
    run = forked.read(catalog_of(MODES))

    counted = dict.fromkeys(STREAMS, 0.0)
    finished: set[str] = set()
    for message in run.messages:
        if message["type"] == "STATE":
            state = message["state"]
            stream = state["stream"]["stream_descriptor"]["name"]
            assert stream not in finished
            counted[stream] += state["sourceStats"]["recordCount"]
        elif message["type"] == "TRACE" and message["trace"]["type"] == "STREAM_STATUS":
            status = message["trace"]["stream_status"]
            if status["status"] == "COMPLETE":
                finished.add(status["stream_descriptor"]["name"])
    assert finished == set(STREAMS)
    assert counted == {stream: len(run.records[stream]) for stream in STREAMS}


@pytest.mark.parametrize("body_format", ["atlas_doc_format", "none"])
def test_bodies_have_the_configured_format(
    emulator: Emulator, forked: ForkedConnector, body_format: str
) -> None:
    modes = {"pages": "full_refresh", "blog_posts": "full_refresh"}
    run = forked.read(catalog_of(modes), body_format=body_format)

    wanted = None if body_format == "none" else body_format
    for stream in modes:
        assert_same(run.records[stream], expected(emulator, stream, body_format=wanted))
        assert_valid(stream, run.records[stream])


@pytest.mark.parametrize("statuses", [["current"], ["trashed"], ["current", "archived", "trashed"]])
def test_content_has_the_configured_statuses(
    emulator: Emulator, forked: ForkedConnector, statuses: list[str]
) -> None:
    modes = {"pages": "full_refresh", "blog_posts": "full_refresh"}
    run = forked.read(catalog_of(modes), content_statuses=statuses)

    for stream in modes:
        assert_same(run.records[stream], expected(emulator, stream, statuses=statuses))


def test_only_archived_content_leaves_no_blog_posts(
    emulator: Emulator, forked: ForkedConnector
) -> None:
    modes = {"pages": "full_refresh", "blog_posts": "incremental"}
    run = forked.read(catalog_of(modes), content_statuses=["archived"])

    assert run.returncode == 0
    assert_same(run.records["pages"], expected(emulator, "pages", statuses=["archived"]))
    assert run.records["blog_posts"] == []
    assert run.statuses["blog_posts"] == "COMPLETE"


@pytest.mark.parametrize("case", [str, str.swapcase], ids=["as it is", "in another case"])
@pytest.mark.parametrize("form", ["space_keys", "excluded_space_keys"])
def test_space_filters_select_everything_in_spaces(
    emulator: Emulator, forked: ForkedConnector, form: str, case: Callable[[str], str]
) -> None:
    keys = sorted(space["key"] for space in expected(emulator, "space"))
    chosen = keys[::3]
    rest = [key for key in keys if key not in chosen]
    named = [case(key) for key in (chosen if form == "space_keys" else rest)]
    filters: dict[str, Any] = {form: named}
    streams = ("pages", "blog_posts", "space")
    modes = {stream: MODES[stream] for stream in streams}

    first = forked.read(catalog_of(modes), **filters)
    second = forked.read(catalog_of(modes), first.states.values(), **filters)

    for stream in streams:
        wanted = expected(emulator, stream, space_keys=chosen)
        assert wanted
        assert_same(first.records[stream], wanted)
        ids = {record["id"] for record in wanted}
        assert {record["id"] for record in second.records[stream]} <= ids


def test_nothing_older_than_the_start_date_is_read(
    emulator: Emulator, forked: ForkedConnector
) -> None:
    dates = sorted(page["lastModifiedAt"] for page in expected(emulator, "pages"))
    start_date = dates[len(dates) // 2]

    run = forked.read(catalog_of(MODES), start_date=start_date)

    for stream in ("pages", "blog_posts"):
        wanted = [r for r in expected(emulator, stream) if r["lastModifiedAt"] >= start_date]
        assert_same(run.records[stream], wanted)
