"""How much memory: it must not grow with the number of pages or with a reader that stalls."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.contenders import CONNECTOR
from benchmarks.measure import Bench, Measurement
from benchmarks.report import MEGABYTE, Demand, Section, megabytes
from integration_tests.confluence_emulator import EmulatorProcess, SiteSpec

STALL = 12.0
MOST_MEGABYTES = 400
MOST_GROWTH = 1.1


@dataclass(frozen=True)
class Load:
    """A site to read, and how."""

    kind: str
    pages: int
    body_format: str
    body_bytes: int = 400
    stall: float = 0.0


FEW = Load("small", 20_000, "none")
MANY = Load("small", 200_000, "none")
HEAVY = Load("100 KB each, reader stalls", 6_000, "storage", 100_000, STALL)


def memory(bench: Bench, divisor: int) -> Section:
    """Return the table of peaks, one run each."""
    taken = {load: _measured(bench, load, divisor) for load in (FEW, MANY, HEAVY)}
    return Section(
        "Memory",
        "Peak memory of the connector's process (resident set), one run each. Small pages are "
        f"read without bodies. The stalling reader stops reading for {STALL:.0f} s after the first "
        "records.",
        ("pages", "records", "seconds", "peak MB"),
        [
            (load.kind, f"{one.records:,}", f"{one.seconds:.2f}", megabytes(one.peak_bytes))
            for load, one in taken.items()
        ],
        (
            Demand(
                "Peak at ten times as many pages, times",
                taken[MANY].peak_bytes / taken[FEW].peak_bytes,
                MOST_GROWTH,
                is_upper=True,
            ),
            Demand(
                "Peak with long bodies and a stalling reader",
                taken[HEAVY].peak_bytes / MEGABYTE,
                MOST_MEGABYTES,
                is_upper=True,
                unit=" MB",
            ),
        ),
    )


def _measured(bench: Bench, load: Load, divisor: int) -> Measurement:
    site = SiteSpec(
        pages=load.pages // divisor,
        spaces=40,
        body_bytes=load.body_bytes,
        archived_page_share=0,
        trashed_page_share=0,
    )
    contender = CONNECTOR.with_config(body_format=load.body_format)
    with EmulatorProcess(site, "--fast") as emulator:
        return bench.measure(contender, emulator, site.pages, load.stall)
