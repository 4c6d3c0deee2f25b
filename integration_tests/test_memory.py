"""Long bodies, and a reader of stdout that stalls."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from integration_tests.confluence_emulator import SiteSpec
from integration_tests.confluence_emulator.process import EmulatorProcess
from integration_tests.connector import Connector, catalog_of, peak_of

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
SECONDS_TO_END = 30
"""A few are enough where the machine is not busy."""
FAILS_WITHOUT_STDERR = """
import sys
import threading
from source_confluence.run import ending_after_errors

sys.stderr = None
threading.Thread(target=threading.Event().wait).start()
with ending_after_errors():
    raise ValueError
"""
"""As in a process that was started with stderr closed."""
DECODES_WITHOUT_MEMORY = """
import io
import resource
import sys
import requests
from source_confluence.confluence.body import Room, read_body
from source_confluence.confluence.responses import Response, is_object

row, available = sys.argv[1].encode(), int(sys.argv[2])
raw = requests.Response()
raw.status_code = 200
page = b'{"results": [' + b", ".join([row] * (8_000_000 // len(row))) + b"]}"
raw.raw = io.BytesIO(page)
read = read_body(raw, Room(32_000_000, 1_000_000_000))
with open("/proc/self/statm") as sizes:
    used = int(sizes.read().split()[0]) * resource.getpagesize()
_, hard = resource.getrlimit(resource.RLIMIT_AS)
resource.setrlimit(resource.RLIMIT_AS, (used + available * 1_000_000, hard))
try:
    print(Response.decoded(raw, read, is_object).is_json)
except requests.RequestException as error:
    print(type(error).__name__)
"""
LEAST_TO_DECODE = 12 * 8
"""MB that orjson takes for 8 MB of JSON, besides the values."""
ROWS = {"short": '{"id": 1}', "long": f'"{"x" * 100_000}"', "wide": f'"{EMOJI}{"x" * 100_000}"'}


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
    return records, peak


@pytest.mark.parametrize("megabytes", [4, 40, 104, 120, 160])
@pytest.mark.parametrize("row", ROWS)
def test_a_response_that_memory_is_too_short_to_decode_is_no_broken_one(
    row: str, megabytes: int
) -> None:
    command = [sys.executable, "-c", DECODES_WITHOUT_MEMORY, ROWS[row], str(megabytes)]
    done = subprocess.run(command, capture_output=True, check=False)

    decoded = done.stdout == b"True\n" and megabytes > LEAST_TO_DECODE
    assert decoded or done.stdout == b"NoMemory\n", (done.returncode, done.stderr)


def test_it_ends_without_stderr_as_well() -> None:
    command = [sys.executable, "-c", FAILS_WITHOUT_STDERR]

    assert subprocess.run(command, check=False, timeout=SECONDS_TO_END).returncode == 1
