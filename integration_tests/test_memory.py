"""Long bodies, and a reader of stdout that stalls."""

from __future__ import annotations

import time
from pathlib import Path

from integration_tests.confluence_emulator import SiteSpec
from integration_tests.confluence_emulator.process import EmulatorProcess
from integration_tests.connector import Connector, catalog_of

MEGABYTE = 1024 * 1024
PEAK = 400 * MEGABYTE
PAGES = 4500
"""More than fit into the memory: each has a body of 100 kB."""
STALL_SECONDS = 12


def test_a_stalled_reader_of_long_bodies_does_not_fill_the_memory(tmp_path: Path) -> None:
    spec = SiteSpec(pages=PAGES, spaces=40, trashed_page_share=0, body_bytes=100_000)
    with EmulatorProcess(spec, "--fast") as emulator:
        connector = Connector(
            tmp_path,
            {"domain_name": emulator.url, "email": emulator.email, "api_token": emulator.token},
        )
        arguments = connector.read_arguments(catalog_of({"pages": "full_refresh"}))
        process = connector.start(*arguments)
        assert process.stdout is not None
        records = process.stdout.readline().count(b'"RECORD"')
        time.sleep(STALL_SECONDS)
        peak = 0
        for number, line in enumerate(process.stdout):
            records += b'{"type":"RECORD"' in line[:20]
            if number % 500 == 0:
                peak = max(peak, peak_of(process.pid))

        process.communicate()
        assert process.returncode == 0
    assert records == PAGES
    assert peak < PEAK


def peak_of(pid: int) -> int:
    """Return the largest size that a process had in memory so far; 0 after its end."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0
    fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return int(fields.get("VmHWM", "0 kB").split()[0]) * 1024
