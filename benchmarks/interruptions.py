"""What a first sync reads twice when SIGKILL interrupts it and another process continues."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from benchmarks.cloud import LATENCY_CONDITIONS, LATENT, WORKERS, WORKERS_USED
from benchmarks.contenders import CONNECTOR, DLT_PIPELINE, MANIFEST_250, Contender
from benchmarks.measure import TIMEOUT_SECONDS, Bench, BenchmarkError, Output
from benchmarks.report import Section, Target
from integration_tests.confluence_emulator import EmulatorProcess, SiteSpec
from integration_tests.interrupted import InterruptedSync, random_moments

PAGES, BODY_BYTES, PAGE_SIZE = 12_000, 4_000, 250
ONE, MANY = 1, 60
MOMENTS, SEED = 10, 12
MAX_PERCENT = 10
OURS = CONNECTOR.with_config(num_workers=WORKERS)
OTHERS = (MANIFEST_250, DLT_PIPELINE)
POLL_SECONDS, SETTLE_SECONDS = 0.02, 0.5


@dataclass(frozen=True)
class Interruption:
    """One interrupted sync."""

    rereads: int
    """Pages that both processes read."""
    requests: int
    """Requests of the second process."""


def interruptions(bench: Bench, divisor: int, others: Sequence[Contender] = OTHERS) -> Section:
    """Return the table of what is read twice after a SIGKILL, and how many requests follow."""
    pages = PAGES // divisor
    moments = random_moments(MOMENTS, pages, SEED)[: max(1, MOMENTS // divisor)]
    half = [pages // 2]
    with _emulator(ONE, pages) as emulator:
        giant = _interrupted(bench, OURS, emulator, pages, moments)
        found = [_interrupted(bench, other, emulator, pages, half) for other in others]
    with _emulator(MANY, pages) as emulator:
        even = _interrupted(bench, OURS, emulator, pages, moments)
    return Section(
        f"Killed in the middle: {pages:,} pages of 4 KB; {LATENCY_CONDITIONS}",
        f"SIGKILL ends a first sync, and a second process continues from what the first one left: "
        f"source-confluence at {len(moments)} random moments (the same ones for each site), the "
        "others once, when half of the pages are read. Read twice is what both processes read, in "
        "percent of all pages. source-confluence and the manifest continue from the last state "
        "that they printed, dlt from the folder of its pipeline. But before their end, the "
        "manifest prints no state and dlt stores none, not even with a date as their cursor. What "
        "dlt has requested and not yet loaded counts as read. The bandwidth is not limited. A row "
        f"without numbers is a program that failed. {WORKERS_USED}",
        ("", "spaces", "kills", "read twice, mean %", "read twice, worst %", "requests afterwards"),
        [
            _row(OURS, ONE, pages, giant),
            _row(OURS, MANY, pages, even),
            *(_row(other, ONE, pages, of_it) for other, of_it in zip(others, found, strict=True)),
        ],
        (_bound(f"{ONE} space", pages, giant), _bound(f"{MANY} spaces", pages, even)),
    )


def _emulator(spaces: int, pages: int) -> EmulatorProcess:
    site = SiteSpec(
        pages=pages,
        spaces=spaces,
        body_bytes=BODY_BYTES,
        archived_page_share=0,
        trashed_page_share=0,
    )
    return EmulatorProcess(site, *LATENT)


def _interrupted(
    bench: Bench,
    contender: Contender,
    emulator: EmulatorProcess,
    pages: int,
    moments: Sequence[int],
) -> list[Interruption]:
    """Interrupt a contender at each moment; return nothing if it fails, and print why to stderr."""
    interrupt = _files_interrupted if contender.writes_files else _output_interrupted
    found = []
    for moment in moments:
        print(f"{contender.name}, killed after {moment:,}", file=sys.stderr, flush=True)
        bench.clear(emulator)
        try:
            found.append(interrupt(bench, contender, emulator, pages, moment))
        except (BenchmarkError, OSError, subprocess.TimeoutExpired) as error:
            print(error, file=sys.stderr, flush=True)
            return []
    return found


def _output_interrupted(
    bench: Bench, contender: Contender, emulator: EmulatorProcess, pages: int, moment: int
) -> Interruption:
    """Interrupt a contender that prints its records when it has printed some number of them."""
    sync = InterruptedSync(
        emulator,
        lambda states: bench.command(contender, emulator, "incremental", states),
        {**os.environ, **contender.environment},
    )
    first, second = sync.run(kill_after=moment), sync.run(limit=TIMEOUT_SECONDS)
    if not first.was_killed:
        raise BenchmarkError(f"{contender.name} ended before it was killed.")
    _verify(contender, second.returncode, len(sync.records("pages")), pages)
    return Interruption(sync.rereads("pages"), second.requests)


def _files_interrupted(
    bench: Bench, contender: Contender, emulator: EmulatorProcess, pages: int, moment: int
) -> Interruption:
    """Interrupt a contender that writes files when it has requested some number of pages."""
    command = bench.command(contender, emulator)
    environment = {**os.environ, **contender.environment}
    with subprocess.Popen(command, env=environment) as first:
        while len(emulator.requests) < moment // PAGE_SIZE and first.poll() is None:
            time.sleep(POLL_SECONDS)
        first.kill()
    time.sleep(SETTLE_SECONDS)  # until the emulator has logged the request that was interrupted
    before = len(emulator.requests)
    second = subprocess.run(command, env=environment, timeout=TIMEOUT_SECONDS, check=False)
    after = len(emulator.requests) - before
    read = Output.written(bench.folder).ids
    _verify(contender, second.returncode, len(set(read)), pages)
    return Interruption(max(0, (before + after) * PAGE_SIZE - pages), after)


def _verify(contender: Contender, returncode: int, read: int, pages: int) -> None:
    if returncode != 0 or read != pages:
        raise BenchmarkError(
            f"{contender.name} exited with {returncode} after {read} pages of {pages} in both runs."
        )


def _row(
    contender: Contender, spaces: int, pages: int, found: Sequence[Interruption]
) -> tuple[str, ...]:
    if not found:
        return (contender.name, str(spaces), "", "", "", "")
    percents = [100 * one.rereads / pages for one in found]
    return (
        contender.name,
        str(spaces),
        str(len(found)),
        f"{mean(percents):.1f}",
        f"{max(percents):.1f}",
        f"{mean(one.requests for one in found):,.0f}",
    )


def _bound(place: str, pages: int, found: Sequence[Interruption]) -> Target:
    return Target(
        f"Read twice with {place}, worst moment",
        max((100 * one.rereads / pages for one in found), default=None),
        MAX_PERCENT,
        is_upper=True,
        unit=" %",
    )
