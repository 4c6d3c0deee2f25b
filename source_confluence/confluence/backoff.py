"""How long to wait: what Confluence's headers say, and the delay where they say nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from random import Random

from source_confluence.confluence import timestamps

FIRST_DELAY = 0.5
LONGEST_DELAY = 60.0
JITTER = (0.7, 1.3)
LONGEST_STATED_WAIT = 366 * 86_400.0
"""Seconds. What is longer, or infinite, counts as a year: nobody waits for that either."""


def stated_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds until the server accepts requests again, or None if it does not say.

    Understands `Retry-After` as seconds or as an HTTP date, and `X-RateLimit-Reset` as ISO 8601,
    with or without seconds. Atlassian: cloud/confluence/rate-limiting. A header that makes no sense
    counts as missing.
    """
    for name, parse in (
        ("Retry-After", _retry_after),
        ("X-RateLimit-Reset", _reset),
    ):
        text = headers.get(name, "").strip()
        if text and (wait := parse(text, now)) is not None:
            return min(max(0.0, wait), LONGEST_STATED_WAIT)
    return None


def _retry_after(text: str, now: datetime) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        pass
    else:
        return None if math.isnan(seconds) else seconds
    try:
        return (timestamps.parse_http_date(text) - now).total_seconds()
    except ValueError:
        return None


def _reset(text: str, now: datetime) -> float | None:
    if "T" not in text:
        return None
    try:
        return (timestamps.parse(text) - now).total_seconds()
    except (ValueError, OverflowError):
        return None


class Backoff:
    """Exponential delays with jitter, so that workers do not retry in step."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def delay(self, failures: int) -> float:
        """Return the seconds to wait after the `failures`-th failure in a row (1 or more)."""
        exponential = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** (failures - 1))
        return exponential * self._random.uniform(*JITTER)
