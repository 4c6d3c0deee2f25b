"""What all streams of one run share: where the site is, and the one way to it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from random import Random

from source_confluence.authentication import authenticator
from source_confluence.clock import Clock, SystemClock
from source_confluence.config import Config
from source_confluence.http.backoff import Backoff
from source_confluence.http.budget import RequestBudget
from source_confluence.http.client import SYNC_PATIENCE, Client, Patience
from source_confluence.http.memory import ByteBudget
from source_confluence.http.meter import Meter
from source_confluence.site import Site


@dataclass(frozen=True)
class Connection:
    """A config's site, with the client, the budgets and the meter that all streams share."""

    config: Config
    site: Site
    client: Client
    memory: ByteBudget
    meter: Meter
    clock: Clock

    @classmethod
    def open(
        cls,
        config: Config,
        logger: logging.Logger,
        clock: Clock | None = None,
        patience: Patience = SYNC_PATIENCE,
    ) -> Connection:
        """Return the connection to the config's site; makes no request yet.

        Raises ConfigError if `domain_name` names no site.
        """
        clock = clock or SystemClock()
        site = Site.named(config.domain_name)
        meter = Meter()
        client = Client(
            signer=authenticator(config, site),
            budget=RequestBudget(clock, config.requests_per_second),
            backoff=Backoff(Random()),  # noqa: S311  # jitter is no secret
            clock=clock,
            meter=meter,
            logger=logger,
            patience=patience,
        )
        return cls(config, site, client, ByteBudget(), meter, clock)
