"""Speed: records per second without latency, and total time with the latency of the cloud."""

from __future__ import annotations

import http.client
import re
import sys
import time
from base64 import b64encode
from collections import defaultdict
from contextlib import ExitStack
from urllib.parse import urlsplit

from benchmarks.contenders import (
    ALL,
    BASELINE,
    CONNECTOR,
    DLT_PIPELINE,
    DLT_SOURCE,
    MANIFEST_25,
    MANIFEST_250,
)
from benchmarks.contenders.baseline import FIRST
from benchmarks.measure import Bench, Measurement
from benchmarks.report import Section, Target, megabytes
from integration_tests.confluence_emulator import EmulatorProcess, SiteSpec

PAGES = 20_000
BODY_BYTES = 4_000
SPACES = 40
REPEATS = 3
LATENCY = 0.15
NEXT = re.compile(r'<([^>]*)>; rel="next"')
COLUMNS = ("", "records", "requests", "seconds", "CPU seconds", "records/s", "peak MB")


def without_latency(bench: Bench, divisor: int) -> Section:
    """Return the table of steady rates: medians of interleaved runs after a warm-up run."""
    site = _site(divisor)
    runs: dict[str, list[Measurement]] = defaultdict(list)
    with ExitStack() as stack:
        # One emulator each: the responses to all contenders don't fit in one emulator's cache.
        emulators = {
            contender.name: stack.enter_context(EmulatorProcess(site, "--fast"))
            for contender in ALL
        }
        for number in range(REPEATS + 1):
            for contender in ALL:
                _log(f"without latency, {contender.name}, run {number} of {REPEATS}")
                run = bench.measure(contender, emulators[contender.name], site.pages)
                if number:
                    runs[contender.name].append(run)
        own_rate = _rate_of(emulators[BASELINE.name])
    taken = {contender.name: Measurement.median_of(runs[contender.name]) for contender in ALL}
    return Section(
        f"Without latency: {site.pages:,} pages of 4 KB, with bodies",
        f"Medians of {REPEATS} interleaved runs. Seconds is the time of the whole process. "
        "Records/s is the steady rate from the first record to the last, by the records' own "
        "timestamps. The emulator serves cached bytes: a client that only counts them reads "
        f"{own_rate:,.0f} records/s.",
        COLUMNS,
        _rows(taken),
        (
            Target(
                "Steady rate relative to the baseline",
                _ratio(taken[CONNECTOR.name].rate, taken[BASELINE.name].rate),
                0.6,
            ),
            Target(
                "Steady rate relative to the manifest, 250 per page",
                _ratio(taken[CONNECTOR.name].rate, taken[MANIFEST_250.name].rate),
                1.7,
            ),
        ),
    )


def with_latency(bench: Bench, divisor: int) -> Section:
    """Return the table of total times with the latency of the cloud, one run each."""
    site = _site(divisor)
    taken: dict[str, Measurement] = {}
    with EmulatorProcess(site, "--fast", "--latency", str(LATENCY)) as emulator:
        for contender in ALL:
            _log(f"{LATENCY * 1000:.0f} ms of latency, {contender.name}")
            taken[contender.name] = bench.measure(contender, emulator, site.pages)
    ours = taken[CONNECTOR.name].seconds
    return Section(
        f"With {LATENCY * 1000:.0f} ms of latency: {site.pages:,} pages of 4 KB, with bodies",
        "One run each. Seconds is the time of the whole process.",
        COLUMNS,
        _rows(taken),
        tuple(
            Target(f"Speedup over {name}", taken[name].seconds / ours, bound)
            for name, bound in (
                (MANIFEST_25.name, 10),
                (DLT_SOURCE.name, 3),
                (DLT_PIPELINE.name, 3),
            )
        ),
    )


def _site(divisor: int) -> SiteSpec:
    """Return a site on which the contenders' requests return every page."""
    return SiteSpec(
        pages=PAGES // divisor,
        spaces=SPACES,
        body_bytes=BODY_BYTES,
        archived_page_share=0,
        trashed_page_share=0,
    )


def _rows(taken: dict[str, Measurement]) -> list[tuple[str, ...]]:
    return [
        (
            name,
            f"{one.records:,}",
            f"{one.requests:,}",
            f"{one.seconds:.2f}",
            f"{one.cpu_seconds:.2f}",
            "" if one.rate is None else f"{one.rate:,.0f}",
            megabytes(one.peak_bytes),
        )
        for name, one in taken.items()
    ]


def _ratio(rate: float | None, other: float | None) -> float:
    return (rate or 0) / other if other else 0


def _rate_of(emulator: EmulatorProcess) -> float:
    """Return the records per second of a client that only counts them."""
    connection = http.client.HTTPConnection(urlsplit(emulator.url).netloc, timeout=60)
    pair = b64encode(f"{emulator.email}:{emulator.token}".encode()).decode()
    link: str | None = FIRST
    records = 0
    started = time.monotonic()
    while link is not None:
        connection.request("GET", link, headers={"Authorization": f"Basic {pair}"})
        answer = connection.getresponse()
        records += answer.read().count(b'"spaceId"')
        match = NEXT.match(answer.headers["Link"])
        link = match and match[1]
    connection.close()
    return records / (time.monotonic() - started)


def _log(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
