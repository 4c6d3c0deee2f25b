"""A server that allows five requests per second, and says so in each of Confluence's ways."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

from integration_tests.confluence_emulator import Emulator, Fault, Settings, SiteSpec, TokenBucket
from integration_tests.conftest import forked_for
from integration_tests.connector import catalog_of
from integration_tests.truth import assert_same, expected

RATE = 5.0
SETTLED_AFTER = 10.0
"""Seconds after the first request."""
# One request for each page: what counts here is their number, not what they return.
SITE = SiteSpec(pages=150, trashed_page_share=0, body_bytes=20)
STREAM = "page_watchers"
KEY = ("pageId", "accountId")
WORKERS = 6
"""That read the stream together: there are as many slices."""


def test_the_sync_settles_at_the_rate_that_the_server_allows(tmp_path: Path) -> None:
    styles = ["seconds", "none", "date", "zero"]

    # Side by side, because each of them waits most of its time.
    with ThreadPoolExecutor(len(styles)) as pool:
        shares = dict(
            zip(styles, pool.map(lambda style: read_at_rate(tmp_path, style), styles), strict=True)
        )

    assert all(share < 0.05 for share in shares.values()), shares


def test_the_log_has_one_line_for_all_workers_that_are_refused_together(tmp_path: Path) -> None:
    with Emulator(SITE, Settings(latency=0.3)) as emulator:
        emulator.faults.add(Fault("notification/", status=429, times=WORKERS, wait=("seconds", 3)))
        run = forked_for(emulator, tmp_path).read(catalog_of({STREAM: "full_refresh"}))

        refused = [one.arrived_at for one in emulator.requests if one.status == 429]

    assert run.returncode == 0
    assert len(refused) == WORKERS
    assert len([line for line in run.logs if " 429 " in line]) == pauses(refused)
    (total,) = run.logs_about("total")
    took, waited = map(float, re.findall(r"([\d.]+) s\b", total))
    assert 3 <= waited < took


def pauses(refused: list[float]) -> int:
    """Return how many pauses of three seconds requests cause that are refused at some moments.

    One, unless the machine is so busy that workers begin seconds after one another.
    """
    ordered = sorted(refused)
    return 1 + sum(later - earlier > 3 for earlier, later in pairwise(ordered))


def read_at_rate(folder: Path, style: str) -> float:
    """Return which share of the requests is refused once the sync has settled."""
    own_folder = folder / style
    own_folder.mkdir()
    with Emulator(SITE, Settings(limit=TokenBucket(RATE, style=style))) as emulator:
        run = forked_for(emulator, own_folder).read(catalog_of({STREAM: "full_refresh"}))

        assert run.returncode == 0
        assert_same(run.records[STREAM], expected(emulator, STREAM), KEY)
        start = min(record.arrived_at for record in emulator.requests)
        settled = [one for one in emulator.requests if one.arrived_at - start > SETTLED_AFTER]
        assert len(settled) > 50
        return sum(one.status == 429 for one in settled) / len(settled)
