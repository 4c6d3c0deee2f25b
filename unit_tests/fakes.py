"""Replaces time and randomness in the tests, and opens connections that use the replacements."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from random import Random
from threading import Lock
from typing import Any

import yaml

from source_confluence.config.config import Config
from source_confluence.config.problems import Schema
from source_confluence.confluence.auth import authenticator
from source_confluence.confluence.backoff import Backoff
from source_confluence.confluence.client import Client
from source_confluence.confluence.clock import Clock
from source_confluence.confluence.connection import Connection
from source_confluence.confluence.meter import Meter
from source_confluence.confluence.page_budget import PageBudget
from source_confluence.confluence.rate_limiter import RateLimiter
from source_confluence.confluence.retry_policy import SYNC_LIMITS, RetryLimits, RetryPolicy
from source_confluence.confluence.site import Site

SPEC = Path(__file__).parents[1] / "source_confluence" / "config" / "spec.yaml"
NOON = datetime(2025, 6, 1, 12, tzinfo=timezone.utc)

DOMAIN_NAME = "your-domain.atlassian.net"
EMAIL = "you@example.com"
API_TOKEN = "ATATT3xFfGF0-made-up"
RAW_CONFIG = {"domain_name": DOMAIN_NAME, "email": EMAIL, "api_token": API_TOKEN}


class FakeClock:
    """Time that passes only where somebody sleeps; remembers every sleep."""

    def __init__(self, start: datetime = NOON) -> None:
        self.sleeps: list[float] = []
        self._start = start
        self._elapsed = 0.0
        self._lock = Lock()

    def monotonic(self) -> float:
        with self._lock:
            return self._elapsed

    def utcnow(self) -> datetime:
        return self._start + timedelta(seconds=self.monotonic())

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0, "time.sleep refuses a negative number"
        with self._lock:
            self.sleeps.append(seconds)
            self._elapsed += seconds

    def advance(self, seconds: float) -> None:
        """Let time pass without anybody sleeping, such as while a request is under way."""
        with self._lock:
            self._elapsed += seconds


class NoJitter(Random):
    """Always takes the middle."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


@cache
def spec_schema() -> Schema:
    """The schema of the config in spec.yaml."""
    document: dict[str, Any] = yaml.safe_load(SPEC.read_text(encoding="utf-8"))
    schema: Schema = document["connectionSpecification"]
    return schema


def make_config(**overrides: Any) -> Config:
    """A valid config; a field that is overridden with None is left out."""
    return Config.parse({**RAW_CONFIG, **overrides}, spec_schema())


def make_connection(
    config: Config | None = None,
    clock: Clock | None = None,
    logger: logging.Logger | None = None,
    limits: RetryLimits = SYNC_LIMITS,
    page_budget: PageBudget | None = None,
) -> Connection:
    """The connection that `Connection.open` would make, but in fake time and without chance."""
    config = config or make_config()
    clock = clock or FakeClock()
    site = Site.named(config.domain_name)
    meter = Meter()
    client = Client(
        site=site,
        auth=authenticator(config.credentials, site),
        rate_limiter=RateLimiter(clock, config.requests_per_second),
        retry_policy=RetryPolicy(limits, Backoff(NoJitter())),
        clock=clock,
        meter=meter,
        logger=logger or logging.getLogger("airbyte"),
    )
    return Connection(site, client, page_budget or PageBudget(), meter, clock)


@dataclass(frozen=True)
class Setup:
    """A config, and the connection to its site."""

    config: Config
    connection: Connection


def make_setup(
    clock: Clock | None = None,
    limits: RetryLimits = SYNC_LIMITS,
    page_budget: PageBudget | None = None,
    **overrides: Any,
) -> Setup:
    """The setup of a valid config, in fake time and without chance."""
    config = make_config(**overrides)
    connection = make_connection(config, clock, limits=limits, page_budget=page_budget)
    return Setup(config, connection)
