"""A first sync of pages that is killed, once or twice, while the site changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from integration_tests.confluence_emulator import EmulatorProcess, SiteSpec
from integration_tests.connector import Connector, catalog_of
from integration_tests.interrupted import InterruptedSync, command_of, random_moments
from integration_tests.truth import assert_same, expected

PAGES = 12_000
AT_MOST_AGAIN = PAGES // 10


def site_with(spaces: int) -> EmulatorProcess:
    spec = SiteSpec(pages=PAGES, spaces=spaces, trashed_page_share=0, body_bytes=100)
    return EmulatorProcess(spec, "--fast", "--latency", "0.05")


def first_sync_of(emulator: EmulatorProcess, folder: Path) -> InterruptedSync:
    config = {"domain_name": emulator.url, "email": emulator.email, "api_token": emulator.token}
    connector = Connector(folder, config)
    return InterruptedSync(emulator, command_of(connector, catalog_of({"pages": "incremental"})))


@pytest.mark.parametrize("spaces", [1, 60])
def test_a_killed_first_sync_reads_little_again(spaces: int, tmp_path: Path) -> None:
    with site_with(spaces) as emulator:
        wanted = expected(emulator, "pages")
        sync = first_sync_of(emulator, tmp_path)
        for records in random_moments(2, of=PAGES // 2, seed=12):
            assert sync.run(kill_after=records).was_killed

        last = sync.run()

    assert last.returncode == 0
    assert_same(sync.records("pages").values(), wanted)
    assert sync.rereads("pages") <= AT_MOST_AGAIN
    assert "firstSync" not in sync.states["pages"]["stream"]["stream_state"]


@pytest.fixture
def emulator() -> Iterator[EmulatorProcess]:
    with site_with(spaces=60) as emulator:
        yield emulator


def test_what_changes_between_a_kill_and_the_next_sync_arrives(
    emulator: EmulatorProcess, tmp_path: Path
) -> None:
    before = {page["id"]: page for page in expected(emulator, "pages")}
    sync = first_sync_of(emulator, tmp_path)
    sync.run(kill_after=PAGES // 2)
    parents = {page["parentId"] for page in before.values()}
    leaves = [page_id for page_id in before if page_id not in parents]
    read = [one for one in leaves if one in sync.parts[0].records["pages"]]
    unread = [one for one in leaves if one not in sync.parts[0].records["pages"]]
    (space_id, *_) = {page["spaceId"] for page in before.values()}

    for page_id in (read[0], read[-1], unread[0], unread[-1], unread[len(unread) // 2]):
        emulator.mutate("edit", kind="page", content_id=page_id)
    deleted = [read[1], unread[1]]
    for page_id in deleted:
        emulator.mutate("purge", kind="page", content_id=page_id)
    moved = [read[2], unread[2]]
    for page_id in moved:
        emulator.mutate("move", content_id=page_id, space_id=space_id)
    emulator.mutate("create", kind="page", space_id=space_id, title="A new page")
    last = sync.run()

    assert last.returncode == 0
    now = {page["id"]: page for page in expected(emulator, "pages")}
    assert len(now) == len(before) - 1
    found = sync.records("pages")
    # Nothing says that a page was deleted or moved after it had been read.
    assert found.keys() - now.keys() == {read[1]}
    unknown = {read[1], read[2]}
    assert_same(
        (page for page_id, page in found.items() if page_id not in unknown),
        (page for page_id, page in now.items() if page_id not in unknown),
    )
    assert sync.rereads("pages") <= AT_MOST_AGAIN


def test_a_state_with_5000_spaces_stays_below_20_kb(tmp_path: Path) -> None:
    spec = SiteSpec(pages=2000, spaces=5000, body_bytes=10)
    with EmulatorProcess(spec, "--fast") as emulator:
        sync = first_sync_of(emulator, tmp_path)
        sync.run(kill_after=1000)
        killed = sync.states["pages"]["stream"]
        last = sync.run()

        assert last.returncode == 0
        assert_same(sync.records("pages").values(), expected(emulator, "pages"))
        for stream in (killed, sync.states["pages"]["stream"]):
            assert len(orjson.dumps(stream)) < 20_000
            assert stream["stream_state"]["spaces"]
        assert killed["stream_state"]["firstSync"]
