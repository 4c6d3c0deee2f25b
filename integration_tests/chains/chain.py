"""One chain of syncs, from a seed: what happened, and how the destination differs from the site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from integration_tests.chains.comparison import (
    Mismatch,
    compare,
    lines_about,
    truth_of,
)
from integration_tests.chains.destination import CURSORS, KEYS, Destination
from integration_tests.chains.excuses import Excuses
from integration_tests.chains.mutator import Mutator
from integration_tests.chains.sync import Outcome, run_sync, write_state
from integration_tests.confluence_emulator import Emulator, Fault, SiteSpec
from integration_tests.connector import Connector, catalog_of
from integration_tests.truth import expected

WORKERS = (1, 2, 3, 5, 10, 20, 40)
FULL_REFRESH = tuple(name for name in KEYS if name not in CURSORS)
_SPEEDS = (1, 60, 1200)
"""How fast the site's clock runs: a sync can take longer than what the connector reads again."""
_HARD = ("import space", "hide space", "grant space", "resolve", "reopen", "displace")
"""What no date shows, or what puts rows out of place."""
_HARD_SHARE = 0.25
"""How often each of these happens between two syncs, besides what is chosen at random."""
_SOME = 5
"""How many full-refresh streams a chain reads."""
_LIKELY_REQUESTS = 120
"""In how many requests of a first sync something can happen."""


@dataclass(frozen=True)
class Plan:
    """How long a chain is, and what can happen in it."""

    syncs: tuple[int, int] = (5, 8)
    """The least and the greatest number of syncs before the last, quiet one."""
    pages: tuple[int, int] = (40, 140)
    changes_between: int = 12
    """The greatest number of changes between two syncs."""
    changes_during: int = 8
    """The greatest number of changes during a sync."""
    kill_share: float = 0.4
    workers: Sequence[int] = WORKERS
    changes: Collection[str] | None = None
    """The kinds of changes; None for all."""


@dataclass
class Summary:
    """What a chain did and found."""

    seed: int
    workers: int
    syncs: int = 0
    kills: int = 0
    requests: int = 0
    rows: int = 0
    changes: Counter[str] = field(default_factory=Counter)
    excused: Counter[str] = field(default_factory=Counter)
    mismatches: list[Mismatch] = field(default_factory=list)
    """In the tables, after the last incremental sync."""
    full_mismatches: list[Mismatch] = field(default_factory=list)
    """In a full refresh of all streams."""
    failures: list[str] = field(default_factory=list)
    """The syncs that ended with an error although nobody killed them."""

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.mismatches or self.full_mismatches or self.failures)

    def lines(self) -> list[str]:
        """Return the summary as text."""
        changes = ", ".join(f"{number} {name}" for name, number in self.changes.most_common())
        excused = ", ".join(f"{number} {name}" for name, number in self.excused.most_common())
        wrong = len(self.mismatches) + len(self.full_mismatches) + len(self.failures)
        return [
            (
                f"seed {self.seed}: {'good' if self.is_good else f'{wrong} WRONG'}; "
                f"{self.syncs} syncs, {self.kills} killed, {self.workers} workers, "
                f"{self.requests} requests, {self.rows} rows, {self.changes.total()} changes"
            ),
            f"  changes: {changes}",
            f"  excused: {self.excused.total()} rows{': ' if excused else ''}{excused}",
            *(f"  FAILED {failure}" for failure in self.failures),
            *(f"  WRONG {line}" for line in lines_about(self.mismatches)),
            *(f"  WRONG in a full refresh {line}" for line in lines_about(self.full_mismatches)),
        ]


class Chain:
    """One chain of syncs."""

    def __init__(self, seed: int, plan: Plan, destination: Destination | None = None) -> None:
        """`destination` replaces the one that keeps everything."""
        self._random = random = Random(seed)
        self._plan = plan
        self._destination = destination or Destination(CURSORS)
        self.summary = Summary(seed, plan.workers[seed % len(plan.workers)])
        self._full_refresh = random.sample(FULL_REFRESH, _SOME)
        self._spec = _site(seed, random, plan)

    def run(self) -> Summary:
        """Run the chain to its end and return its summary."""
        with Emulator(self._spec) as emulator, TemporaryDirectory() as folder:
            self._emulator = emulator
            config = {
                "domain_name": emulator.url,
                "email": emulator.email,
                "api_token": emulator.token,
                "num_workers": self.summary.workers,
            }
            self._connector = Connector(Path(folder), config)
            self._prepare(emulator)
            excuses = Excuses()
            mutator = Mutator(emulator, self._random, excuses, self._plan.changes)
            self._run_syncs(mutator)
            self.summary.changes = mutator.counts
            self._compare(excuses)
            self._refresh()
        return self.summary

    def _prepare(self, emulator: Emulator) -> None:
        random = self._random
        emulator.set_latency(random.choice((0.0, 0.002, 0.01)))
        # The audit log is read up to the time of this machine, so the site's clock stays behind it.
        emulator.set_clock(-24 * 365, random.choice(_SPEEDS))
        rows = random.choice((None, 5, 5, 20))
        if rows is not None:
            emulator.add_fault(Fault(r"limit=\d\d", "short_page", amount=rows, times=None))

    def _run_syncs(self, mutator: Mutator) -> None:
        random, plan = self._random, self._plan
        if random.random() < 0.5:
            mutator.perform("hide space")
        requests = _LIKELY_REQUESTS
        for index in range(random.randint(*plan.syncs)):
            for name in _HARD if index else ():
                if random.random() < _HARD_SHARE:
                    mutator.perform(name)
            for _ in range(random.randrange(plan.changes_between + 1)):
                mutator.mutate()
            # Content is read first, so half of the changes are made early.
            times = [
                random.randrange(1, random.choice((20, requests + 2)))
                for _ in range(random.randrange(plan.changes_during + 1))
            ]
            kill_at = None
            if random.random() < plan.kill_share:
                kill_at = random.randrange(1, requests + 2)
            outcome = self._sync(mutator, times, kill_at)
            if not outcome.was_killed:
                requests = outcome.requests
            self._emulator.set_clock(random.choice((0, 0, 1, 30)), random.choice(_SPEEDS))
        self._sync(mutator, [], None)

    def _sync(self, mutator: Mutator, times: Sequence[int], kill_at: int | None) -> Outcome:
        streams = dict.fromkeys(CURSORS, "incremental")
        streams |= dict.fromkeys(self._full_refresh, "full_refresh")
        arguments = self._connector.read_arguments(catalog_of(streams))
        arguments += write_state(self._connector, self._destination)
        to_read = mutator.sync_begins()
        is_first = self.summary.kills == self.summary.syncs
        disturb = mutator.disturb_first_sync if is_first else mutator.mutate
        outcome = run_sync(
            self._emulator,
            self._connector,
            arguments,
            self._destination,
            disturbances=dict.fromkeys(times, disturb),
            kill_at=kill_at,
        )
        mutator.sync_ended(to_read, is_finished=outcome.returncode == 0)
        self._count(outcome)
        return outcome

    def _count(self, outcome: Outcome) -> None:
        summary = self.summary
        summary.syncs += 1
        summary.requests += outcome.requests
        if outcome.was_killed:
            summary.kills += 1
        elif outcome.returncode or outcome.incomplete:
            streams = ", ".join(outcome.incomplete)
            why = "; ".join(outcome.warnings[-2:])
            number = f"sync {summary.syncs} ended with {outcome.returncode}"
            summary.failures.append(f"{number}, incomplete: {streams}: {why}")

    def _compare(self, excuses: Excuses) -> None:
        streams = (*CURSORS, *self._full_refresh)
        truth = truth_of(self._emulator, streams)
        # Old versions and audit records are not read again, so a later sync misses whom they name.
        once = {name for name in CURSORS if name == "audit" or name.endswith("_versions")}
        always = expected(self._emulator, "users", named_by=set(streams) - once)
        seldom = {one["accountId"] for one in expected(self._emulator, "users")}
        seldom -= {one["accountId"] for one in always}
        excuses.allow_absence("users", ((one,) for one in seldom), "named by old records only")
        comparison = compare(self._destination.tables, truth, excuses)
        self.summary.rows = comparison.rows
        self.summary.excused = comparison.excused
        self.summary.mismatches = [*comparison.mismatches, *_repeated(self._destination)]

    def _refresh(self) -> None:
        """Read everything into an empty destination, and compare it without any excuse."""
        destination = Destination(())
        catalog = catalog_of(dict.fromkeys(KEYS, "full_refresh"))
        arguments = self._connector.read_arguments(catalog)
        self._count(run_sync(self._emulator, self._connector, arguments, destination))
        comparison = compare(destination.tables, truth_of(self._emulator, KEYS), Excuses())
        self.summary.full_mismatches = [*comparison.mismatches, *_repeated(destination)]


def _repeated(destination: Destination) -> list[Mismatch]:
    return [Mismatch(*one, "repeated") for one in sorted(destination.repeated, key=str)]


def _site(seed: int, random: Random, plan: Plan) -> SiteSpec:
    pages = random.randint(*plan.pages)
    return SiteSpec(
        seed=seed,
        spaces=random.randint(3, 14),
        pages=pages,
        blog_posts=random.randint(0, 20),
        attachments=random.randint(10, 60),
        custom_content=random.randint(6, 30),
        footer_comments=random.randint(10, 80),
        inline_comments=random.randint(5, 50),
        tasks=random.randint(5, 40),
        users=30,
        groups=4,
        labels=12,
        audit_records=30,
        page_first_version_share=0.8,
        attachment_first_version_share=0.9,
    )


def run_chain(seed: int) -> Summary:
    """Run one chain of the usual length."""
    return Chain(seed, Plan()).run()
