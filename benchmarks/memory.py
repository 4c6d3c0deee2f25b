"""Peak memory, which must grow neither with the number of pages nor with a stalled reader."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.contenders import CONNECTOR
from benchmarks.measure import Bench, Measurement
from benchmarks.report import MEGABYTE, Section, Target, megabytes
from integration_tests.confluence_emulator import EmulatorProcess, SiteSpec

STALL_SECONDS = 12.0
MAX_MEGABYTES = 400
MAX_GROWTH = 1.1


@dataclass(frozen=True)
class Load:
    """A site, and how to read it."""

    kind: str
    pages: int
    body_format: str
    body_bytes: int = 400
    stall: float = 0.0


FEW = Load("small", 20_000, "none")
MANY = Load("small", 200_000, "none")
HEAVY = Load("100 KB each, reader stalled", 6_000, "storage", 100_000, STALL_SECONDS)


def memory(bench: Bench, divisor: int) -> Section:
    """Return the table of peak memory, one run each."""
    taken = {load: _measured(bench, load, divisor) for load in (FEW, MANY, HEAVY)}
    return Section(
        "Memory",
        "Peak resident set of the connector's process, one run each. Small pages are read without "
        f"bodies. The stalled reader pauses for {STALL_SECONDS:.0f} s after the first records.",
        ("pages", "records", "seconds", "peak MB"),
        [
            (load.kind, f"{one.records:,}", f"{one.seconds:.2f}", megabytes(one.peak_bytes))
            for load, one in taken.items()
        ],
        (
            Target(
                "Peak memory with ten times the pages, ratio",
                taken[MANY].peak_bytes / taken[FEW].peak_bytes,
                MAX_GROWTH,
                is_upper=True,
            ),
            Target(
                "Peak memory with long bodies and a stalled reader",
                taken[HEAVY].peak_bytes / MEGABYTE,
                MAX_MEGABYTES,
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
