"""Incremental syncs of lists that are not in the order, or not at the time, that one expects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from integration_tests.confluence_emulator import Emulator, Fault, Settings, SiteSpec
from integration_tests.conftest import forked_for
from integration_tests.connector import Json, Run, catalog_of
from integration_tests.test_arrivals import at_request

LISTS = {
    "pages": ("page", "pages"),
    "blog_posts": ("blogpost", "blogposts"),
    "attachments": ("attachment", "attachments"),
    "custom_content": ("custom_content", "custom-content"),
    "page_footer_comments": ("footer_comment", "footer-comments"),
    "page_inline_comments": ("inline_comment", "inline-comments"),
}
"""The kind of object in each stream, and its path."""
CATALOG = catalog_of(dict.fromkeys(LISTS, "incremental"))
SMALL = SiteSpec(pages=0, blog_posts=0)
GARBAGE = ["", "garbage", "Fri, 31 Dec 99999 23:59:59 GMT"]


@pytest.fixture
def site() -> Iterator[Emulator]:
    with Emulator(SiteSpec(pages=600, blog_posts=300, attachments=600)) as running:
        yield running


def ids(run: Run, stream: str) -> list[str]:
    return [row["id"] for row in run.records[stream]]


def edit(site: Emulator, stream: str, id_: str) -> None:
    kind, _ = LISTS[stream]
    site.mutations.edit(kind, id_)


def edit_some(site: Emulator, first: Run) -> dict[str, set[str]]:
    """Edit five objects of each stream; return their ids."""
    changed = {stream: set(ids(first, stream)[::10][:5]) for stream in LISTS}
    for stream, some in changed.items():
        for id_ in some:
            edit(site, stream, id_)
    return changed


def assert_arrived(run: Run, changed: dict[str, set[str]]) -> None:
    assert run.returncode == 0
    assert set(run.statuses.values()) == {"COMPLETE"}
    for stream, some in changed.items():
        assert some <= set(ids(run, stream)), stream
        assert len(ids(run, stream)) == len(set(ids(run, stream)))


def test_no_edit_is_missed_where_the_sort_is_ignored(site: Emulator, tmp_path: Path) -> None:
    connector = forked_for(site, tmp_path)
    first = connector.read(CATALOG)
    changed = edit_some(site, first)
    site.faults.add(Fault("sort=-modified-date", "sort_ignored", times=None))

    second = connector.read(CATALOG, first.states.values())

    assert_arrived(second, changed)
    for stream in LISTS:
        assert len(second.warnings_about(stream)) <= 1, second.warnings
    assert second.warnings_about("pages")


def ticking() -> Callable[[], datetime]:
    """Return a clock that shows a later second each time, so that no two edits have one date."""
    seconds, start = count(), datetime.now(timezone.utc)
    return lambda: start + timedelta(seconds=next(seconds))


@pytest.mark.parametrize("stream", LISTS)
def test_an_old_object_at_the_end_of_a_page_of_results_ends_no_list(
    tmp_path: Path, stream: str
) -> None:
    sizes = {
        "pages": SiteSpec(pages=600),
        "blog_posts": SiteSpec(blog_posts=400),
        "attachments": SiteSpec(attachments=600),
        "custom_content": SiteSpec(custom_content=1200),
        "page_footer_comments": SiteSpec(footer_comments=600),
        "page_inline_comments": SiteSpec(inline_comments=600),
    }
    with Emulator(sizes[stream]) as site:
        site.settings.clock = ticking()
        kind, _ = LISTS[stream]
        connector = forked_for(site, tmp_path)
        catalog = catalog_of({stream: "incremental"})
        first = connector.read(catalog)
        old, *others = ids(first, stream)
        edited = others[:300]
        for id_ in edited:
            edit(site, stream, id_)
        site.mutations.displace(kind, old, 249)

        second = connector.read(catalog, first.states.values())

        assert_arrived(second, {stream: set(edited)})


def with_value(state: Json, value: str) -> Json:
    """Return a state with another value of its cursor field."""
    stream: dict[str, Any] = state["stream"]
    blob = {**stream["stream_state"], "lastModifiedAt": value}
    return {**state, "stream": {**stream, "stream_state": blob}}


def test_no_edit_is_missed_after_a_state_that_is_ahead_of_the_server(
    site: Emulator, tmp_path: Path
) -> None:
    connector = forked_for(site, tmp_path)
    first = connector.read(CATALOG)
    changed = edit_some(site, first)

    ahead = [with_value(state, "2031-01-01T00:00:00.000Z") for state in first.states.values()]
    second = connector.read(CATALOG, ahead)

    assert_arrived(second, changed)
    for stream in LISTS:
        assert second.warnings_about(stream)
        assert second.state_of(stream)["lastModifiedAt"] < "2031"


@pytest.mark.parametrize("hours", [1, 24 * 365])
def test_an_empty_stream_of_a_server_with_a_fast_clock_misses_nothing_later(
    tmp_path: Path, hours: int
) -> None:
    with Emulator(SMALL) as site:
        site.settings.date_hours = hours
        connector = forked_for(site, tmp_path)
        catalog = catalog_of({"pages": "incremental", "blog_posts": "incremental"})
        first = connector.read(catalog)
        assert not first.records

        site.settings.date_hours = 0
        space = str(next(iter(site.site.spaces)).id)
        made = {
            "pages": {site.mutations.create("page", space)["id"]},
            "blog_posts": {site.mutations.create("blogpost", space)["id"]},
        }
        second = connector.read(catalog, first.states.values())

        assert_arrived(second, made)


@pytest.mark.parametrize("date", GARBAGE, ids=["none", "garbage", "too far"])
@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("stream", ["pages", "blog_posts"])
def test_what_is_created_during_a_sync_arrives_whatever_date_the_server_sends(
    tmp_path: Path, stream: str, number: int, date: str
) -> None:
    """Without a lookback: ten minutes are longer than this sync.

    The list may take one request, or two: what is created during the last one is in none of them.
    """
    kind, path = LISTS[stream]
    with Emulator(SMALL, Settings(latency=0.6, date=date)) as site:
        space = str(next(iter(site.site.spaces)).id)
        created: list[Json] = []

        def create_after_the_list_was_computed() -> None:
            Timer(0.3, lambda: created.append(site.mutations.create(kind, space))).start()

        site.settings.on_request = at_request(
            number, f"/{path}?", create_after_the_list_was_computed
        )
        connector = forked_for(site, tmp_path)
        catalog = catalog_of({stream: "incremental"})
        first = connector.read(catalog, lookback_window_minutes=0)
        site.settings.on_request = None
        second = connector.read(catalog, first.states.values(), lookback_window_minutes=0)

        assert created or number > 1
        found = {*ids(first, stream), *ids(second, stream)}
        assert found == {record["id"] for record in created}


@pytest.mark.parametrize("kind", ["overlap", "repeated_rows"])
def test_rows_that_are_repeated_on_pages_in_a_row_arrive_once(tmp_path: Path, kind: str) -> None:
    with Emulator(SiteSpec(pages=2400, attachments=1600, blog_posts=1300)) as site:
        connector = forked_for(site, tmp_path)
        first = connector.read(CATALOG)
        for page_id in ids(first, "pages")[:1200]:
            site.mutations.edit("page", page_id)
        for attachment_id in ids(first, "attachments")[:1200]:
            site.mutations.edit("attachment", attachment_id)
        site.faults.add(Fault("modified-date", kind, times=None, amount=5))

        second = connector.read(CATALOG, first.states.values())

        assert second.returncode == 0
        for stream in ("pages", "attachments"):
            found = ids(second, stream)
            assert len(found) >= 1200
            assert len(found) == len(set(found)), stream
