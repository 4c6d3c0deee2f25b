"""Every stream against the ground truth: all in one sync, each alone, and after changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integration_tests.confluence_emulator import Emulator, Fault, SiteSpec
from integration_tests.conftest import connector_for, forked_for
from integration_tests.connector import Run, catalog_of
from integration_tests.truth import all_streams, assert_same, assert_valid, expected

STREAMS = all_streams()
FULL = dict.fromkeys(STREAMS, "full_refresh")
BEST = {
    name: "incremental" if stream.supports_incremental else "full_refresh"
    for name, stream in STREAMS.items()
}
LISTS = "^/wiki/(api|rest)"


@pytest.fixture
def site() -> Iterator[Emulator]:
    with Emulator(SiteSpec()) as running:
        yield running


@pytest.fixture(scope="module")
def unchanged() -> Iterator[Emulator]:
    """A site that no test changes."""
    with Emulator(SiteSpec()) as running:
        yield running


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Emulator, Run]]:
    """A site with every kind of content, and one full refresh of every stream from it."""
    with Emulator(SiteSpec()) as emulator:
        connector = connector_for(emulator, tmp_path_factory.mktemp("full"))
        yield emulator, connector.read(catalog_of(FULL))


def wanted(emulator: Emulator, stream: str, **selection: Any) -> list[dict[str, Any]]:
    has_body = "body" in STREAMS[stream].get_json_schema()["properties"]
    return expected(emulator, stream, body_format="storage" if has_body else None, **selection)


def assert_exact(emulator: Emulator, run: Run, stream: str, **selection: Any) -> None:
    assert_same(run.records[stream], wanted(emulator, stream, **selection), STREAMS[stream].key)


@pytest.mark.parametrize("stream", STREAMS)
def test_a_stream_is_what_the_site_has(full: tuple[Emulator, Run], stream: str) -> None:
    emulator, run = full

    assert run.records[stream], "the site has no records: nothing is tested"
    assert_exact(emulator, run, stream)
    assert_valid(stream, run.records[stream])
    assert run.statuses[stream] == "COMPLETE"


SURVIVED = {
    "failed requests": [
        Fault(LISTS, status=429, times=8, every=100, wait=("zero", 0)),
        Fault(LISTS, status=500, times=20, every=30),
        Fault(LISTS, kind="truncated_json", times=20, every=31),
        Fault(LISTS, kind="reset", times=20, every=37),
    ],
    "short pages, next only in the header": [
        Fault("/api/v2/(?!classification)", kind="short_page", amount=3, times=60, every=2),
        Fault(LISTS, kind="next_header_only", times=None),
    ],
    "pages that overlap, next with /wiki twice": [
        Fault(LISTS, kind="overlap", amount=2, times=None),
        Fault(LISTS, kind="next_wiki_wiki", times=None),
    ],
}


@pytest.mark.parametrize("faults", SURVIVED.values(), ids=SURVIVED.keys())
def test_nothing_is_lost(site: Emulator, tmp_path: Path, faults: list[Fault]) -> None:
    for fault in faults:
        site.faults.add(fault)

    # With as many workers as usual: most of the time they wait.
    run = forked_for(site, tmp_path).read(catalog_of(BEST), num_workers=10)

    assert run.returncode == 0
    assert all(fault.fired for fault in faults)
    for stream in STREAMS:
        assert_exact(site, run, stream)


@pytest.mark.parametrize("stream", STREAMS)
def test_a_stream_alone_is_the_same(unchanged: Emulator, tmp_path: Path, stream: str) -> None:
    run = forked_for(unchanged, tmp_path).read(catalog_of({stream: BEST[stream]}))

    assert list(run.records) == [stream]
    assert run.statuses == {stream: "COMPLETE"}
    assert_exact(unchanged, run, stream, named_by=[stream])


def test_the_children_of_trashed_content_are_read(site: Emulator, tmp_path: Path) -> None:
    statuses = ["current", "archived", "trashed"]

    run = forked_for(site, tmp_path).read(catalog_of(FULL), content_statuses=statuses)

    assert run.returncode == 0
    for stream in STREAMS:
        assert_exact(site, run, stream, statuses=statuses)


def test_a_space_filter_selects_everything_in_spaces(site: Emulator, tmp_path: Path) -> None:
    keys = [space["key"] for space in wanted(site, "space")][:2]

    run = forked_for(site, tmp_path).read(catalog_of(FULL), space_keys=keys)

    assert run.returncode == 0
    for stream in set(STREAMS) - {"users"}:
        assert_exact(site, run, stream, space_keys=keys)


@pytest.mark.parametrize("status", [404, 500])
def test_a_page_that_cannot_be_read_affects_no_other_record(
    site: Emulator, tmp_path: Path, status: int
) -> None:
    page = next(p["id"] for p in wanted(site, "pages") if p["version"]["number"] > 1)
    site.faults.add(Fault(f"/pages/{page}(/|[?])", status=status, times=None))
    names = ("pages", "page_versions", "page_likes", "page_content_properties", "space", "labels")
    modes = {name: FULL[name] for name in names}

    run = forked_for(site, tmp_path).read(catalog_of(modes))

    for stream in names:
        others = [r for r in wanted(site, stream) if r.get("pageId") != page]
        assert_same(run.records[stream], others, STREAMS[stream].key)
    of_pages = ("page_versions", "page_likes", "page_content_properties")
    for stream in names:
        is_affected = stream in of_pages and status == 500
        assert run.statuses[stream] == ("INCOMPLETE" if is_affected else "COMPLETE")
    search = run.warnings_about if status == 500 else run.logs_about
    assert len(search(page, "pages")) == 1


def test_a_later_sync_reads_what_changed(site: Emulator, tmp_path: Path) -> None:
    connector = forked_for(site, tmp_path)
    first = connector.read(catalog_of(BEST))
    edited = [page["id"] for page in wanted(site, "pages")[:5]]
    for page_id in edited:
        site.mutations.edit("page", page_id)
    site.requests.clear()

    second = connector.read(catalog_of(BEST), first.states.values())

    assert second.returncode == 0
    assert set(edited) <= {page["id"] for page in second.records["pages"]}
    assert set(edited) <= {version["pageId"] for version in second.records["page_versions"]}
    for stream, mode in BEST.items():
        if mode == "full_refresh":
            assert_exact(site, second, stream)
        else:
            latest = {_key(stream, r): r for run in (first, second) for r in run.records[stream]}
            assert_same(latest.values(), wanted(site, stream), STREAMS[stream].key)


def _key(stream: str, record: dict[str, Any]) -> tuple[object, ...]:
    return tuple(record[name] for name in STREAMS[stream].key)
