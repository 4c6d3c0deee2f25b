"""Runs many chains of syncs: `python -m integration_tests.chains --chains 40 --seed 1`."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed

from integration_tests.chains.chain import run_chain


def main() -> int:
    """Run the chains, print a summary of each, and return 1 if one found something wrong."""
    parser = argparse.ArgumentParser(description="Chains of syncs of an emulated Confluence")
    parser.add_argument("--chains", type=int, default=40, help="how many chains")
    parser.add_argument("--seed", type=int, default=1, help="the seed of the first one")
    parser.add_argument("--parallel", type=int, default=2, help="how many at a time")
    options = parser.parse_args()
    began, wrong, total, kills, syncs, changes = time.monotonic(), [], 0, 0, 0, 0
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.parallel, context) as pool:
        seeds = range(options.seed, options.seed + options.chains)
        for chain in as_completed([pool.submit(run_chain, seed) for seed in seeds]):
            summary = chain.result()
            print(*summary.lines(), sep="\n", flush=True)
            total, kills, syncs = total + 1, kills + summary.kills, syncs + summary.syncs
            changes += summary.changes.total()
            if not summary.is_good:
                wrong.append(summary.seed)
    print(
        f"{total} chains, {syncs} syncs, {kills} killed, {changes} changes in "
        f"{time.monotonic() - began:.0f} s; wrong: {sorted(wrong) or 'none'}"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
