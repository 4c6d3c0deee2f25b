"""What to do after a request that did not succeed: wait and retry, sign in again, or give up.

The policy only decides. It sends nothing, waits for nothing and keeps nothing between two calls:
what happened to a request so far is in its `Attempts`. The client carries the decisions out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus

from source_confluence.confluence.backoff import Backoff, stated_wait
from source_confluence.confluence.errors import (
    ConfluenceError,
    CredentialsRejected,
    NotConfluence,
    NotFound,
    Unreachable,
)
from source_confluence.confluence.responses import Response
from source_confluence.confluence.verdicts import (
    Ambiguous,
    Failed,
    RateLimited,
    Refused,
    Verdict,
    failed,
    throttled,
)


@dataclass(frozen=True)
class RetryLimits:
    """How long to wait for the server: seconds, and numbers of attempts."""

    connect_timeout: float = 10.0
    read_timeout: float = 90.0
    response_timeout: float = 180.0
    """For a whole response: 32 MB, the largest page of results, need 1.5 Mbit/s."""
    longest_wait: float = 3900.0
    """For one request, all rate limits together. An hourly quota resets within 65 minutes."""
    connection_attempts: int = 5
    unexplained_503s: int = 3
    """A 503 that states no wait counts as a server error from this one on."""


SYNC_LIMITS = RetryLimits()
CHECK_LIMITS = RetryLimits(
    connect_timeout=3.0,
    read_timeout=6.0,
    response_timeout=10.0,
    longest_wait=4.0,
    connection_attempts=1,
    unexplained_503s=1,
)


@dataclass(frozen=True)
class Attempts:
    """What happened so far to one request."""

    allowed: int
    """How often to send it to a failing server; waiting out a rate limit does not count."""
    failures: int = 0
    throttles: int = 0
    """Responses with 429 or 503."""
    unavailable: int = 0
    """Responses with 503."""
    waited: float = 0.0
    """Seconds that rate limits have cost."""
    reauthenticated: bool = False


@dataclass(frozen=True)
class Retry:
    """Send the request again after a delay, in this worker."""

    seconds: float
    attempts: Attempts
    reason: str


@dataclass(frozen=True)
class Pause:
    """Send the request again after a delay, during which no worker sends any."""

    seconds: float
    attempts: Attempts
    reason: str


@dataclass(frozen=True)
class Reauthenticate:
    """Send the request again if the authentication recovers from `response`; else raise."""

    response: Response
    attempts: Attempts
    error: CredentialsRejected


@dataclass(frozen=True)
class GiveUp:
    """Raise the error."""

    error: ConfluenceError
    seconds: float = 0.0
    """How long Confluence wants no requests at all: the circuit breaker's time."""


@dataclass(frozen=True)
class VerifyAccount:
    """Raise one of two errors, depending on whether Confluence knows the account."""

    if_known: NotFound
    if_unknown: CredentialsRejected | NotConfluence


Decision = Retry | Pause | Reauthenticate | VerifyAccount | GiveUp


class RetryPolicy:
    """Decides after every failed attempt of a request; without state, so thread-safe."""

    def __init__(self, limits: RetryLimits, backoff: Backoff) -> None:
        self.limits = limits
        self._backoff = backoff

    def after(self, attempts: Attempts, verdict: Verdict, now: datetime) -> Decision:
        """Return what to do after an attempt.

        Args:
            attempts: What happened before it.
            verdict: What came of it.
            now: Our own time, for a stated HTTP date where the server does not state its time.
        """
        if isinstance(verdict, RateLimited):
            return self._after_rate_limit(attempts, verdict.response, now)
        if isinstance(verdict, Failed):
            return self._after_failure(attempts, verdict)
        if isinstance(verdict, Ambiguous):
            return VerifyAccount(verdict.if_known, verdict.if_unknown)
        return self._after_refusal(attempts, verdict)

    def _after_rate_limit(
        self, attempts: Attempts, response: Response, now: datetime
    ) -> Pause | Retry | GiveUp:
        is_unavailable = response.status == HTTPStatus.SERVICE_UNAVAILABLE
        attempts = replace(
            attempts,
            throttles=attempts.throttles + 1,
            unavailable=attempts.unavailable + is_unavailable,
        )
        stated = stated_wait(response.headers, response.date or now)
        if (
            is_unavailable
            and stated is None
            and attempts.unavailable >= self.limits.unexplained_503s
        ):
            return self._after_failure(attempts, failed(response))
        wait = self._wait(attempts.throttles, stated)
        if attempts.waited + wait > self.limits.longest_wait:
            return GiveUp(throttled(wait, attempts.waited), wait)
        limit = response.headers.get("RateLimit-Reason") or "rate limited"
        return Pause(
            wait,
            replace(attempts, waited=attempts.waited + wait),
            f"Confluence answered {response.status} ({limit})",
        )

    def _wait(self, throttles: int, stated: float | None) -> float:
        """A stated wait that did not help, such as 0, grows like an unstated one."""
        if stated is None:
            return self._backoff.delay(throttles)
        return max(stated, self._backoff.delay(throttles - 1)) if throttles > 1 else stated

    def _after_failure(self, attempts: Attempts, verdict: Failed) -> Retry | GiveUp:
        failures = attempts.failures + 1
        is_unreachable = isinstance(verdict.error, Unreachable)
        allowed = self.limits.connection_attempts if is_unreachable else attempts.allowed
        if failures >= min(allowed, verdict.worth_attempts):
            return GiveUp(verdict.error)
        return Retry(
            self._backoff.delay(failures), replace(attempts, failures=failures), verdict.reason
        )

    @staticmethod
    def _after_refusal(attempts: Attempts, verdict: Refused) -> Reauthenticate | GiveUp:
        is_new = verdict.response.status == HTTPStatus.UNAUTHORIZED and not attempts.reauthenticated
        if is_new and isinstance(verdict.error, CredentialsRejected):
            attempts = replace(attempts, reauthenticated=True)
            return Reauthenticate(verdict.response, attempts, verdict.error)
        return GiveUp(verdict.error)
