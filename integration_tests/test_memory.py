"""Long bodies, and a reader of stdout that stalls."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from integration_tests.confluence_emulator import SiteSpec
from integration_tests.confluence_emulator.process import EmulatorProcess
from integration_tests.connector import Connector, catalog_of

MEGABYTE = 1024 * 1024
PEAK = 200 * MEGABYTE
PEAK_OF_THE_LARGEST = 300 * MEGABYTE
STALL_SECONDS = 4
"""Long enough for all workers to read as much as they may keep."""
LARGEST = 20_000_000
EMOJI = "\U0001f600"
SHAPES = {
    "many bodies of 100 KB": (1500, 100_000, "", 10),
    "bodies of 1 MB": (120, 1_000_000, "", 10),
    "bodies of 1 MB with an emoji": (60, 1_000_000, EMOJI, 40),
    "bodies of 20 MB": (5, LARGEST, "", 10),
    "bodies of 20 MB with an emoji": (3, LARGEST, EMOJI, 10),
}
"""Pages, the bytes of their bodies, what these end with, and workers. Without a limit the bodies
would take more than PEAK; one with an emoji alone takes 80 MB, and 40 MB when it is written."""
COMMENTS = 500


@pytest.mark.parametrize("shape", SHAPES)
def test_a_stalled_reader_of_long_bodies_does_not_fill_the_memory(
    tmp_path: Path, shape: str
) -> None:
    pages, size, ending, workers = SHAPES[shape]
    spec = SiteSpec(
        pages=pages, spaces=20, trashed_page_share=0, body_bytes=size, body_ending=ending
    )

    records, peak = read_slowly(tmp_path, spec, "pages", workers)

    assert records == pages
    assert peak < (PEAK_OF_THE_LARGEST if size == LARGEST and ending else PEAK)


def test_nor_do_long_comments_which_several_streams_share(tmp_path: Path) -> None:
    spec = SiteSpec(
        pages=20,
        footer_comments=COMMENTS,
        body_bytes=100_000,
        body_ending=EMOJI,
        long_bodies_everywhere=True,
    )

    records, peak = read_slowly(tmp_path, spec, "page_footer_comments", workers=10)

    assert records > COMMENTS / 2
    assert peak < PEAK


def read_slowly(folder: Path, spec: SiteSpec, stream: str, workers: int) -> tuple[int, int]:
    """Read a stream, but not its output for a while; return its records and the peak of memory."""
    with EmulatorProcess(spec, "--fast") as emulator:
        connector = Connector(
            folder,
            {"domain_name": emulator.url, "email": emulator.email, "api_token": emulator.token},
        )
        arguments = connector.read_arguments(
            catalog_of({stream: "full_refresh"}), num_workers=workers
        )
        process = connector.start(*arguments)
        assert process.stdout is not None
        records = process.stdout.readline().count(b'"RECORD"')
        time.sleep(STALL_SECONDS)
        peak = 0
        for line in process.stdout:
            is_record = line.startswith(b'{"type":"RECORD"')
            records += is_record
            if len(line) > MEGABYTE // 2 or not records % 100 or not is_record:
                peak = max(peak, peak_of(process.pid))

        process.communicate()
        assert process.returncode == 0
    print("PEAK", peak // MEGABYTE)
    return records, peak


def peak_of(pid: int) -> int:
    """Return the largest size that a process had in memory so far; 0 after its end."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0
    fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return int(fields.get("VmHWM", "0 kB").split()[0]) * 1024
