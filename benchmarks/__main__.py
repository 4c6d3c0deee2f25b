"""Runs all benchmarks (`make bench`) or some: `python -m benchmarks --help`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from dataclasses import replace
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

from benchmarks.contenders import version_of_dlt
from benchmarks.giant_space import giant_space
from benchmarks.interruptions import interruptions
from benchmarks.long_bodies import long_bodies
from benchmarks.measure import Bench, BenchmarkError
from benchmarks.memory import memory
from benchmarks.report import data, page
from benchmarks.requests import requests
from benchmarks.speed import with_latency, without_latency
from tools import draw_comparison, draw_large_sites

SECTIONS = {
    "rate": without_latency,
    "latency": with_latency,
    "memory": memory,
    "requests": requests,
    "giant-space": giant_space,
    "long-bodies": long_bodies,
    "interruptions": interruptions,
}
REPOSITORY = Path(__file__).parents[1]
OUTPUT = REPOSITORY / "bench-output"
PAGE = REPOSITORY / "docs" / "performance.md"
DATA = REPOSITORY / "docs" / "benchmark.json"
QUICK_DIVISOR = 10


def main(arguments: list[str]) -> None:
    """Measure, print, and, if everything was measured in full, write the page and the data."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measures and prints. Writes docs/performance.md, docs/benchmark.json and the "
        "pictures of both if nothing is left out.",
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of the size, no targets")
    parser.add_argument(
        "--only", choices=SECTIONS, action="append", help="run this table; can be repeated"
    )
    options = parser.parse_args(arguments)
    measured = conditions()
    bench = Bench(OUTPUT)
    sections = {}
    for name in options.only or SECTIONS:
        section = SECTIONS[name](bench, QUICK_DIVISOR if options.quick else 1)
        if options.quick:
            section = replace(section, targets=())
        print(f"\n{section}", flush=True)
        sections[name] = section
    if not options.quick and not options.only:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(page(list(sections.values()), measured))
        DATA.write_text(json.dumps(data(sections, measured), indent=2) + "\n")
        draw_comparison.main()
        draw_large_sites.main()
        written = (PAGE, DATA, draw_comparison.PICTURE, draw_large_sites.PICTURE)
        print(f"Written: {', '.join(str(path.relative_to(REPOSITORY)) for path in written)}")


def conditions() -> str:
    """Return the date, the machine and the versions of this run as prose."""
    return (
        f"Measured on {datetime.now(timezone.utc).date().isoformat()} with {os.cpu_count()} cores "
        f"(load before: {os.getloadavg()[0]:.1f}), Python {platform.python_version()}, airbyte-cdk "
        f"{version('airbyte-cdk')} and dlt {version_of_dlt()}. The emulator and the process that "
        "reads the output share the cores with the measured program."
    )


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except BenchmarkError as error:
        sys.exit(str(error))
