"""The parts of the client, put together for one run."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from random import Random

from source_confluence.confluence.auth import authenticator
from source_confluence.confluence.backoff import Backoff
from source_confluence.confluence.client import Client
from source_confluence.confluence.clock import Clock, SystemClock
from source_confluence.confluence.credentials import ApiToken
from source_confluence.confluence.meter import Meter
from source_confluence.confluence.page_budget import PageBudget, share_of
from source_confluence.confluence.rate_limiter import RateLimiter
from source_confluence.confluence.retry_policy import SYNC_LIMITS, RetryLimits, RetryPolicy
from source_confluence.confluence.site import Site


@dataclass(frozen=True)
class Connection:
    """A site and the one way to it, which all streams of a run share."""

    site: Site
    client: Client
    page_budget: PageBudget
    meter: Meter
    clock: Clock

    @classmethod
    def open(  # noqa: PLR0913  # half of them are keywords that have a default
        cls,
        site: Site,
        credentials: ApiToken,
        logger: logging.Logger,
        *,
        requests_per_second: float | None = None,
        num_workers: int = 1,
        clock: Clock | None = None,
        limits: RetryLimits = SYNC_LIMITS,
    ) -> Connection:
        """Return a connection to `site`; sends no request yet.

        Args:
            site: Where Confluence is.
            credentials: How to sign in there.
            logger: Where waits and retries are logged.
            requests_per_second: The user's own ceiling; None leaves the rate to Confluence.
            num_workers: How many workers share the memory.
            clock: The system's clock unless given.
            limits: How long to wait for a server that fails or limits the rate.
        """
        clock = clock or SystemClock()
        meter = Meter()
        client = Client(
            site=site,
            auth=authenticator(credentials, site),
            rate_limiter=RateLimiter(clock, requests_per_second),
            retry_policy=RetryPolicy(limits, Backoff(Random())),  # noqa: S311  # jitter, no secret
            clock=clock,
            meter=meter,
            logger=logger,
        )
        return cls(site, client, PageBudget(share=share_of(num_workers)), meter, clock)
