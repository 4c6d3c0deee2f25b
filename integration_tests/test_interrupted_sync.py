"""The helper that kills syncs: what a killed process printed counts, and its state is used."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from integration_tests.confluence_emulator import Emulator, Settings, SiteSpec
from integration_tests.conftest import connector_for
from integration_tests.connector import Json, catalog_of
from integration_tests.interrupted import InterruptedSync, command_of, random_moments
from integration_tests.truth import assert_same, expected

PRINT_AND_WAIT = """\
import sys, time
for line in sys.argv[1:]:
    print(line, flush=True)
sys.stdout.write('{"type": "REC')
sys.stdout.flush()
time.sleep(60)
"""


def record(record_id: str, **fields: Any) -> str:
    data = {"id": record_id, **fields}
    return json.dumps({"type": "RECORD", "record": {"stream": "pages", "data": data}})


def state(value: int) -> str:
    stream = {"stream_descriptor": {"name": "pages"}, "stream_state": {"value": value}}
    return json.dumps({"type": "STATE", "state": {"type": "STREAM", "stream": stream}})


@pytest.fixture
def emulator() -> Any:
    with Emulator(SiteSpec(pages=10)) as emulator:
        yield emulator


def test_a_killed_process_leaves_whole_lines_and_its_last_state(emulator: Emulator) -> None:
    given: list[Sequence[Json]] = []
    lines = [record("1"), state(1), record("2", title="old"), record("2", title="new")]

    def command(states: Sequence[Json]) -> list[str]:
        given.append(list(states))
        ending = lines if not given[1:] else [record("2"), record("3")]
        return [sys.executable, "-c", PRINT_AND_WAIT, *ending]

    sync = InterruptedSync(emulator, command)
    first = sync.run(kill_after=3)
    second = sync.run(kill_after=2)

    assert first.was_killed
    assert first.emitted == {"pages": 3}
    assert first.records["pages"] == {"1": {"id": "1"}, "2": {"id": "2", "title": "new"}}
    assert given == [[], [json.loads(state(1))["state"]]]
    assert second.states == {}
    assert sync.states["pages"]["stream"]["stream_state"] == {"value": 1}
    assert set(sync.records("pages")) == {"1", "2", "3"}
    assert sync.rereads("pages") == 1


def test_a_process_that_hangs_is_killed_and_reported(emulator: Emulator) -> None:
    sync = InterruptedSync(emulator, lambda _: [sys.executable, "-c", PRINT_AND_WAIT])

    with pytest.raises(TimeoutError):
        sync.run(limit=0.2)


def test_an_interrupted_first_sync_is_complete(tmp_path: Path) -> None:
    with Emulator(SiteSpec(pages=2000, spaces=3), Settings(latency=0.05)) as emulator:
        connector = connector_for(emulator, tmp_path)
        wanted = expected(emulator, "pages")
        sync = InterruptedSync(
            emulator, command_of(connector, catalog_of({"pages": "incremental"}), num_workers=2)
        )

        first = sync.run(kill_after=len(wanted) // 2)
        last = sync.run()

    assert (first.was_killed, last.returncode) == (True, 0)
    assert first.requests > 0
    assert last.requests > 0
    assert_same(sync.records("pages").values(), wanted)
    again = first.records["pages"].keys() & last.records["pages"].keys()
    assert sync.rereads("pages") == len(again)


def test_random_moments_are_the_same_for_a_seed() -> None:
    moments = random_moments(10, of=12_000, seed=1)

    assert moments == random_moments(10, of=12_000, seed=1)
    assert len(set(moments)) == 10
    assert all(0 < moment < 12_000 for moment in moments)
