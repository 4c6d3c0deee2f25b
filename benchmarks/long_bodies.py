"""Peak memory with long bodies, next to other extractors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.cloud import WORKERS, WORKERS_USED
from benchmarks.contenders import CONNECTOR, DLT_SOURCE, MANIFEST_25, MANIFEST_250, Contender
from benchmarks.measure import Bench
from benchmarks.report import MEGABYTE, Section, Target, megabytes
from integration_tests.confluence_emulator import EmulatorProcess, SiteSpec

OURS = CONNECTOR.with_config(num_workers=WORKERS)
OTHERS = (MANIFEST_250, DLT_SOURCE, MANIFEST_25)
SPACES = 40
STALL_SECONDS = 10.0
MAX_MEGABYTES = 300


@dataclass(frozen=True)
class Load:
    """A number of pages, and the size of each body."""

    pages: int
    size: str
    body_bytes: int


LOADS = (
    Load(3_000, "200 KB", 200_000),
    Load(600, "1 MB", 1_000_000),
    Load(12, "20 MB", 20_000_000),
)


def long_bodies(
    bench: Bench,
    divisor: int,
    others: Sequence[Contender] = OTHERS,
    stall: float = STALL_SECONDS,
) -> Section:
    """Return the table of peak memory with long bodies, one run each.

    Args:
        bench: Measures.
        divisor: Divides the number of pages.
        others: The other contenders.
        stall: Seconds that the reader pauses.
    """
    contenders = (OURS, *others)
    peaks = {load: _peaks(bench, load, divisor, contenders, stall) for load in LOADS}
    return Section(
        f"Long bodies: peak MB of the process, the reader stalls for {stall:.0f} s",
        f"The reader pauses after the first records. The emulator sends as fast as it can, because "
        "600 MB on one connection of 400 KB/s take 25 minutes. "
        f"{WORKERS_USED} dlt reads 250 per page. One run each. An empty cell is a program that "
        "failed.",
        ("bodies", *(contender.name for contender in contenders)),
        [
            (
                f"{max(1, load.pages // divisor):,} x {load.size}",
                *("" if peak is None else megabytes(peak) for peak in of_load),
            )
            for load, of_load in peaks.items()
        ],
        tuple(
            Target(
                f"Peak memory with {load.pages:,} x {load.size}",
                None if of_load[0] is None else of_load[0] / MEGABYTE,
                MAX_MEGABYTES,
                is_upper=True,
                unit=" MB",
            )
            for load, of_load in peaks.items()
        ),
    )


def _peaks(
    bench: Bench, load: Load, divisor: int, contenders: Sequence[Contender], stall: float
) -> list[int | None]:
    """Return the peak of each contender in bytes, or None if it failed."""
    site = SiteSpec(
        pages=max(1, load.pages // divisor),
        spaces=SPACES,
        body_bytes=load.body_bytes,
        archived_page_share=0,
        trashed_page_share=0,
    )
    # Without --fast: the emulator would keep all bodies, once for each way to request them.
    with EmulatorProcess(site) as emulator:
        runs = [bench.attempt(contender, emulator, site.pages, stall) for contender in contenders]
    return [run.peak_bytes if run else None for run in runs]
