"""A server that allows five requests per second, and says so in each of Confluence's ways."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from integration_tests.confluence_emulator import Emulator, Settings, SiteSpec, TokenBucket
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


def test_the_sync_settles_at_the_rate_that_the_server_allows(tmp_path: Path) -> None:
    styles = ["seconds", "none", "date", "zero"]

    # Side by side, because each of them waits most of its time.
    with ThreadPoolExecutor(len(styles)) as pool:
        shares = dict(
            zip(styles, pool.map(lambda style: read_at_rate(tmp_path, style), styles), strict=True)
        )

    assert all(share < 0.05 for share in shares.values()), shares


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
