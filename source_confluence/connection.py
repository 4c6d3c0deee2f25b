"""What all streams of one run share: where the site is, and the one way to it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from random import Random

from source_confluence.config.config import Config
from source_confluence.confluence.auth import authenticator
from source_confluence.confluence.backoff import Backoff
from source_confluence.confluence.client import SYNC_LIMITS, Client, RetryLimits
from source_confluence.confluence.clock import Clock, SystemClock
from source_confluence.confluence.meter import Meter
from source_confluence.confluence.page_budget import PageBudget
from source_confluence.confluence.rate_limiter import RateLimiter
from source_confluence.confluence.site import Site


@dataclass(frozen=True)
class Connection:
    """A config's site, with the client, the budgets and the meter that all streams share."""

    config: Config
    site: Site
    client: Client
    memory: PageBudget
    meter: Meter
    clock: Clock

    @classmethod
    def open(
        cls,
        config: Config,
        logger: logging.Logger,
        clock: Clock | None = None,
        patience: RetryLimits = SYNC_LIMITS,
    ) -> Connection:
        """Return the connection to the config's site; makes no request yet.

        Raises ConfigError if `domain_name` names no site.
        """
        clock = clock or SystemClock()
        site = Site.named(config.domain_name)
        meter = Meter()
        client = Client(
            signer=authenticator(config, site),
            budget=RateLimiter(clock, config.requests_per_second),
            backoff=Backoff(Random()),  # noqa: S311  # jitter is no secret
            clock=clock,
            meter=meter,
            logger=logger,
            patience=patience,
        )
        return cls(config, site, client, PageBudget(), meter, clock)
