"""What one sync is exposed to, drawn from a seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random

from integration_tests.confluence_emulator import Fault, SiteSpec
from integration_tests.confluence_emulator.rate_limit import TokenBucket
from integration_tests.confluence_emulator.settings import Settings
from integration_tests.truth import all_streams

KINDS = ("bodies", "streams")
"""Long bodies of pages and blog posts; or all streams of a small site."""
LONG_BODY = 210_000
LISTS = "^/wiki/(api|rest)"
READERS = ("steady", "steady", "stalls", "slow")
_SITE = SiteSpec(
    attachments=30, custom_content=16, footer_comments=50, inline_comments=20, users=120
)


@dataclass(frozen=True)
class Conditions:
    """The site, the server, the reader of stdout, and the connector's options of one sync."""

    seed: int
    spec: SiteSpec
    modes: Mapping[str, str]
    """The sync mode of each stream."""
    workers: int
    latency: float
    bandwidth: int
    idle_seconds: float
    requests_per_connection: int
    rate: float
    reader: str
    """How stdout is read: steady, stalls (up to three times, for seconds) or slow."""
    faults: tuple[Fault, ...]

    def settings(self) -> Settings:
        """Return the settings of the emulator."""
        return Settings(
            latency=self.latency,
            bandwidth=self.bandwidth,
            idle_seconds=self.idle_seconds,
            requests_per_connection=self.requests_per_connection,
            limit=TokenBucket(self.rate) if self.rate else None,
        )

    def __str__(self) -> str:
        faults = ", ".join(f"{fault.kind} every {fault.every}" for fault in self.faults)
        return (
            f"{len(self.modes)} streams, {self.spec.pages} pages in {self.spec.spaces} spaces, "
            f"{self.workers} workers, latency {self.latency:.3f}, bandwidth {self.bandwidth}, "
            f"idle {self.idle_seconds}, {self.requests_per_connection} requests per connection, "
            f"rate {self.rate}, reader {self.reader}, faults: {faults or 'none'}"
        )


def drawn(kind: str, seed: int) -> Conditions:
    """Return the conditions of a kind of KINDS for a seed."""
    random = Random(f"{kind} {seed}")
    is_long = kind == "bodies"
    names = ("pages", "blog_posts") if is_long else tuple(all_streams())
    return Conditions(
        seed=seed,
        spec=_long_bodies(seed, random) if is_long else _small_site(seed, random),
        modes={name: _mode(name, random) for name in names},
        workers=random.choice((1, 2, 3, 40, random.randint(4, 39), random.randint(4, 39))),
        latency=random.choice((0.0, random.uniform(0, 0.05))),
        bandwidth=random.choice((0, 0, random.randint(2, 20) * 1_000_000)) if is_long else 0,
        idle_seconds=random.choice((0.0, 0.0, 0.01, 0.2)),
        requests_per_connection=random.choice((0, 0, 1, 3)),
        rate=random.choice((0.0, 0.0, 0.0, random.uniform(4, 20) if is_long else 60.0)),
        reader=random.choice(READERS),
        faults=_faults(random, first=2 if is_long else 30),
    )


def _long_bodies(seed: int, random: Random) -> SiteSpec:
    return replace(
        _SITE,
        seed=seed,
        spaces=random.choice((1, 2, 5, 12, 40)),
        pages=random.randint(200, 400),
        blog_posts=random.randint(0, 30),
        body_bytes=LONG_BODY,
    )


def _small_site(seed: int, random: Random) -> SiteSpec:
    spaces, pages = random.choice((3, 6, 12)), random.randint(60, 140)
    return replace(_SITE, seed=seed, spaces=spaces, pages=pages)


def _mode(stream: str, random: Random) -> str:
    can_be_incremental = all_streams()[stream].supports_incremental
    return random.choice(("full_refresh", "incremental")) if can_be_incremental else "full_refresh"


def _faults(random: Random, first: int) -> tuple[Fault, ...]:
    """Return faults that a sync survives: none, or each of some kinds at most 20 times."""
    kinds: tuple[dict[str, object], ...] = (
        {"kind": "reset"},
        {"kind": "truncated"},
        {"kind": "truncated_json"},
        {"status": 500},
        {"status": 503},
        {"kind": "html"},
    )
    chosen = random.sample(kinds, random.choice((0, 0, 1, 3)))
    return tuple(
        Fault(LISTS, times=20, every=first + 3 * number + random.randint(0, first), **one)  # type: ignore[arg-type]
        for number, one in enumerate(chosen)
    )
