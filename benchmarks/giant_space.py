"""Time and requests of a full sync: one space has all pages, or 40 spaces have as many each."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.cloud import CONDITIONS, SERVER_MODEL, WORKERS, WORKERS_USED
from benchmarks.contenders import CONNECTOR, DLT_SOURCE, MANIFEST_25, MANIFEST_250, Contender
from benchmarks.measure import Bench, Measurement
from benchmarks.report import Section, Target, megabytes
from integration_tests.confluence_emulator import EmulatorProcess, SiteSpec

PAGES, BODY_BYTES = 8_000, 4_000
ONE, MANY = 1, 40
OURS = CONNECTOR.with_config(num_workers=WORKERS)
OTHERS = (MANIFEST_250, DLT_SOURCE, MANIFEST_25)
MAX_SECONDS = 25
MAX_REQUESTS = 130
MAX_RATIO = 1.2

Run = Measurement | None
"""None if the program failed."""


def giant_space(bench: Bench, divisor: int, others: Sequence[Contender] = OTHERS) -> Section:
    """Return the table of one giant space and of many even ones, one run each."""
    pages = PAGES // divisor
    giant, *runs = _runs(bench, ONE, pages, (OURS, *others))
    (even,) = _runs(bench, MANY, pages, (OURS,))
    return Section(
        f"One giant space: {pages:,} pages of 4 KB; {CONDITIONS}",
        f"{WORKERS_USED} The others list the whole site, however its pages are spread over spaces, "
        "so they run once. One run each. Seconds is the time of the whole process. A row without "
        "numbers is a program that failed.",
        ("", "spaces", "seconds", "requests", "peak MB"),
        [
            _row(OURS, ONE, giant),
            _row(OURS, MANY, even),
            *(_row(other, ONE, run) for other, run in zip(others, runs, strict=True)),
        ],
        (
            *_bounds(f"{ONE} space", giant),
            *_bounds(f"{MANY} spaces", even),
            Target(
                f"Time with {ONE} space relative to {MANY} spaces",
                giant.seconds / even.seconds if giant and even else None,
                MAX_RATIO,
                is_upper=True,
            ),
        ),
    )


def _runs(bench: Bench, spaces: int, pages: int, contenders: Sequence[Contender]) -> list[Run]:
    site = SiteSpec(
        pages=pages,
        spaces=spaces,
        body_bytes=BODY_BYTES,
        archived_page_share=0,
        trashed_page_share=0,
    )
    with EmulatorProcess(site, *SERVER_MODEL) as emulator:
        return [bench.attempt(contender, emulator, pages) for contender in contenders]


def _row(contender: Contender, spaces: int, run: Run) -> tuple[str, ...]:
    if run is None:
        return (contender.name, str(spaces), "", "", "")
    return (
        contender.name,
        str(spaces),
        f"{run.seconds:.2f}",
        f"{run.requests:,}",
        megabytes(run.peak_bytes),
    )


def _bounds(place: str, run: Run) -> tuple[Target, Target]:
    return (
        Target(
            f"Time with {place}",
            run.seconds if run else None,
            MAX_SECONDS,
            is_upper=True,
            unit=" s",
        ),
        Target(
            f"Requests with {place}", run.requests if run else None, MAX_REQUESTS, is_upper=True
        ),
    )
