"""How many requests a sync needs: they decide how long it takes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from threading import Lock
from typing import Any

from integration_tests.confluence_emulator import Emulator, Settings, SiteSpec
from integration_tests.confluence_emulator.http import Request
from integration_tests.conftest import forked_for
from integration_tests.connector import catalog_of
from integration_tests.truth import assert_same, expected

PAGES = "/wiki/api/v2/pages"
BLOG_POSTS = "/wiki/api/v2/blogposts"
SPACES = "/wiki/api/v2/spaces"
SEARCH = "/wiki/rest/api/search"
CONTENT = {"pages": "incremental", "blog_posts": "incremental"}
WORKERS = 10


LARGE = SiteSpec(pages=10_000, spaces=40, blog_posts=400, trashed_page_share=0, body_bytes=50)
"""A site of 10,000 pages, all of which have the default statuses."""


def test_a_first_sync_costs_little_more_than_its_pages_of_results(tmp_path: Path) -> None:
    with Emulator(LARGE, Settings(latency=0.1)) as large:
        for body_format in ("none", "storage", "atlas_doc_format"):
            large.requests.clear()
            run = forked_for(large, tmp_path).read(
                catalog_of({"pages": "incremental"}), body_format=body_format, num_workers=WORKERS
            )

            listed = 10_000 / 250 + 2
            with_bodies = 0 if body_format == "none" else 10_000 / 150 + 1
            assert len(run.records["pages"]) == len(expected(large, "pages")) == 10_000
            assert large.requests.counts()[PAGES] <= listed + with_bodies
            assert large.requests.counts()[SPACES] == 2


def test_a_small_site_costs_two_requests_a_stream(tmp_path: Path) -> None:
    with Emulator(SiteSpec(pages=200, spaces=40, blog_posts=20)) as small:
        run = forked_for(small, tmp_path).read(catalog_of(CONTENT))

        for stream in CONTENT:
            assert_same(run.records[stream], expected(small, stream))
        assert small.requests.counts() == {PAGES: 2, BLOG_POSTS: 2, SPACES: 2, SEARCH: 2}


def test_later_syncs_cost_one_request_a_stream_and_little_more_after_edits(tmp_path: Path) -> None:
    with Emulator(LARGE) as emulator:
        connector = forked_for(emulator, tmp_path)
        first = connector.read(catalog_of(CONTENT))
        emulator.requests.clear()

        connector.read(catalog_of(CONTENT), first.states.values())

        assert emulator.requests.counts() == {PAGES: 1, BLOG_POSTS: 1, SPACES: 2}

        edited = {page["id"] for page in expected(emulator, "pages")[::2000]}
        for page_id in edited:
            emulator.mutations.edit("page", page_id)
        emulator.requests.clear()

        third = connector.read(catalog_of(CONTENT), first.states.values())

        assert len(edited) == 5
        assert emulator.requests.counts()[PAGES] <= 2
        latest = _by_id(third.records["pages"])
        assert edited <= set(latest)
        horizon = _minutes_before(first.state_of("pages")["lastModifiedAt"], 10)
        assert all(page["lastModifiedAt"] >= horizon for page in latest.values())
        current = _by_id(expected(emulator, "pages"))
        assert_same(third.records["pages"], [current[page_id] for page_id in latest])


class ManualClock:
    """A clock for the emulator that only a test moves on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 10, 12, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.now

    def edit(self, emulator: Emulator, page_ids: Iterable[str]) -> None:
        """Edit pages, one a minute."""
        for page_id in page_ids:
            self.now += timedelta(minutes=1)
            emulator.mutations.edit("page", page_id)


def test_the_next_sync_reads_an_edit_made_during_the_first(tmp_path: Path) -> None:
    time = ManualClock()
    spec = SiteSpec(pages=3000, spaces=12, trashed_page_share=0)
    with Emulator(spec, Settings(clock=time)) as emulator:
        connector = forked_for(emulator, tmp_path)
        edited = {page["id"] for page in expected(emulator, "pages")[::100]}

        once = Lock()

        def edit_in_the_middle(_: Request) -> None:
            is_in_the_middle = emulator.requests.counts().get(PAGES, 0) >= 8
            if is_in_the_middle and once.acquire(blocking=False):
                time.edit(emulator, edited)

        emulator.settings.on_request = edit_in_the_middle
        settings: dict[str, Any] = {"num_workers": 2, "lookback_window_minutes": 0}
        first = connector.read(catalog_of({"pages": "incremental"}), **settings)
        current = _by_id(expected(emulator, "pages"))
        seen = {i for i in edited if _by_id(first.records["pages"])[i] == current[i]}
        second = connector.read(
            catalog_of({"pages": "incremental"}), first.states.values(), **settings
        )

        assert seen
        assert edited - seen
        latest = _by_id(first.records["pages"]) | _by_id(second.records["pages"])
        assert_same(latest.values(), current.values())


def test_the_next_sync_reads_an_edit_made_during_a_later_one(tmp_path: Path) -> None:
    """The pages are listed at the start; their versions are read one by one, for hours perhaps."""
    time = ManualClock()
    spec = SiteSpec(pages=60, spaces=2, trashed_page_share=0, page_first_version_share=0)
    with Emulator(spec, Settings(clock=time)) as emulator:
        connector = forked_for(emulator, tmp_path)
        slow, other = (page["id"] for page in expected(emulator, "pages")[:2])
        settings: dict[str, Any] = {"lookback_window_minutes": 0}
        catalog = catalog_of({"page_versions": "incremental"})
        runs = [connector.read(catalog, **settings)]
        time.edit(emulator, [slow])

        def edit_in_the_middle(request: Request) -> None:
            if request.path == f"{PAGES}/{slow}/versions" and time.now.minute == 1:
                time.edit(emulator, [other, slow])

        emulator.settings.on_request = edit_in_the_middle
        for _ in range(2):
            runs.append(connector.read(catalog, runs[-1].states.values(), **settings))

        assert time.now.minute == 3
        came = {
            (version["pageId"], version["number"]): version
            for run in runs
            for version in run.records["page_versions"]
        }
        assert_same(came.values(), expected(emulator, "page_versions"), ("pageId", "number"))


def test_the_lookback_window_is_read_again(tmp_path: Path) -> None:
    now = datetime(2026, 1, 10, 12, tzinfo=timezone.utc)
    with Emulator(SiteSpec(pages=300), Settings(clock=lambda: now)) as emulator:
        connector = forked_for(emulator, tmp_path)
        pages = [page["id"] for page in expected(emulator, "pages")]
        for minutes_ago, page_id in zip((90, 45, 5), pages, strict=False):
            emulator.settings.clock = lambda ago=minutes_ago: now - timedelta(minutes=ago)  # type: ignore[misc]
            emulator.mutations.edit("page", page_id)
        first = connector.read(catalog_of({"pages": "incremental"}))

        ids = {}
        for lookback in (0, 10, 60):
            run = connector.read(
                catalog_of({"pages": "incremental"}),
                first.states.values(),
                lookback_window_minutes=lookback,
            )
            ids[lookback] = [page["id"] for page in run.records["pages"]]

    assert ids == {0: [pages[2]], 10: [pages[2]], 60: [pages[2], pages[1]]}


def _minutes_before(timestamp: str, minutes: int) -> str:
    moment = datetime.fromisoformat(timestamp.replace("Z", "+00:00")) - timedelta(minutes=minutes)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _by_id(records: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {record["id"]: record for record in records}
