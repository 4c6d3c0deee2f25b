"""Incremental syncs of lists that are not in the order, or not at the time, that one expects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integration_tests.confluence_emulator import Emulator, Fault, SiteSpec
from integration_tests.conftest import forked_for
from integration_tests.connector import Json, Run, catalog_of

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


@pytest.mark.parametrize("position", [0, 3, 8])
def test_no_edit_is_missed_behind_an_old_object(
    site: Emulator, tmp_path: Path, position: int
) -> None:
    connector = forked_for(site, tmp_path)
    first = connector.read(CATALOG)
    changed = {stream: set(ids(first, stream)[10:20]) for stream in LISTS}
    for stream, some in changed.items():
        kind, _ = LISTS[stream]
        for id_ in some:
            edit(site, stream, id_)
        site.mutations.displace(kind, ids(first, stream)[0], position)

    second = connector.read(CATALOG, first.states.values())

    assert_arrived(second, changed)


def test_an_old_object_at_the_end_of_a_page_of_results_ends_no_list(
    site: Emulator, tmp_path: Path
) -> None:
    connector = forked_for(site, tmp_path)
    first = connector.read(catalog_of({"pages": "incremental"}))
    assert len(ids(first, "pages")) > 500
    old, *others = ids(first, "pages")
    for id_ in others[:400]:
        edit(site, "pages", id_)
    for position in (249, 99, 49):
        site.mutations.displace("page", old, position)
        second = connector.read(catalog_of({"pages": "incremental"}), first.states.values())
        assert set(others[:400]) <= set(ids(second, "pages"))


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
def test_edits_during_a_sync_of_a_server_without_a_credible_time_arrive_next_time(
    site: Emulator, tmp_path: Path, date: str
) -> None:
    connector = forked_for(site, tmp_path)
    site.settings.date = date
    first = connector.read(CATALOG)
    edited = {stream: {ids(first, stream)[0]} for stream in LISTS}

    # Edits that happened while the first sync ran: after its start, before the end of its lists.
    for stream, some in edited.items():
        for id_ in some:
            edit(site, stream, id_)
    second = connector.read(CATALOG, first.states.values())

    assert_arrived(second, edited)


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
