"""Many syncs on a busy machine: `python -m integration_tests.under_load --runs 300 --seed 1`."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

from integration_tests.under_load.conditions import KINDS
from integration_tests.under_load.repetition import repeat

BURN = """
import os
os.nice(5)
parent = os.getppid()
while os.getppid() == parent:
    sum(range(9**6))
"""


def main() -> int:
    """Run the syncs, print the outcome of each, and return 1 if one was wrong."""
    parser = argparse.ArgumentParser(description="Many syncs of an emulated Confluence under load")
    parser.add_argument("--kind", choices=KINDS, default="bodies", help="what is read")
    parser.add_argument("--runs", type=int, default=300, help="how many syncs")
    parser.add_argument("--seed", type=int, default=1, help="the seed of the first one")
    parser.add_argument("--parallel", type=int, default=4, help="how many at a time")
    parser.add_argument("--burners", type=int, default=2, help="processes that only use the CPU")
    parser.add_argument("--logs", default="/tmp/under_load", help="where logs of wrong syncs go")
    options = parser.parse_args()
    Path(options.logs).mkdir(parents=True, exist_ok=True)
    began, wrong, total, slowest, load = time.monotonic(), [], 0, 0.0, 0.0
    context = multiprocessing.get_context("spawn")
    with _burning(options.burners), ProcessPoolExecutor(options.parallel, context) as pool:
        seeds = range(options.seed, options.seed + options.runs)
        runs = [pool.submit(repeat, options.kind, seed, options.logs) for seed in seeds]
        for run in as_completed(runs):
            outcome = run.result()
            print(*outcome.lines(), sep="\n", flush=True)
            total, slowest = total + 1, max(slowest, outcome.seconds)
            load = max(load, os.getloadavg()[0])
            if outcome.wrong:
                wrong.append(outcome.conditions.seed)
    print(
        f"{total} syncs in {time.monotonic() - began:.0f} s, the slowest {slowest:.0f} s, load up "
        f"to {load:.0f}; wrong: {sorted(wrong) or 'none'}"
    )
    return 1 if wrong else 0


@contextmanager
def _burning(number: int) -> Iterator[None]:
    """Keep the processor busy meanwhile."""
    burners = [subprocess.Popen([sys.executable, "-c", BURN]) for _ in range(number)]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


if __name__ == "__main__":
    sys.exit(main())
