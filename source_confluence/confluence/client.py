"""The one way to Confluence: signs, waits for its turn, sends, and retries."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from source_confluence.confluence.account import Account
from source_confluence.confluence.auth import Auth
from source_confluence.confluence.body import SMALL, NoMemory, Room, read_body
from source_confluence.confluence.circuit_breaker import CircuitBreaker
from source_confluence.confluence.clock import Clock
from source_confluence.confluence.errors import (
    UNAVAILABLE,
    ConfigError,
    CredentialsRejected,
    NotConfluence,
    RequestRefused,
    Throttled,
)
from source_confluence.confluence.meter import Meter
from source_confluence.confluence.rate_limiter import RateLimiter
from source_confluence.confluence.responses import NoResponse, Response, Shape, is_object
from source_confluence.confluence.retry_policy import (
    Attempts,
    GiveUp,
    Pause,
    Reauthenticate,
    Retry,
    RetryPolicy,
    VerifyAccount,
)
from source_confluence.confluence.site import Site
from source_confluence.confluence.transport import new_session, problem_with_certificates
from source_confluence.confluence.verdicts import judge

ATTEMPTS = 6
"""How often a failing server gets the same request, unless the caller says otherwise."""
ATTEMPTS_AT_VERIFICATION = 2
KNOWN_USERS = ("known", "user")
"""The types of `user/current` that are neither anonymous nor unknown."""
MANY_REJECTIONS = 20
"""After this many rejections in a row the account counts as rejected. One alone may come from a
proxy, or from an endpoint with other rules."""


@dataclass
class Client:
    """Sends requests to one site; shared by all workers, thread-safe."""

    site: Site
    auth: Auth
    rate_limiter: RateLimiter
    retry_policy: RetryPolicy
    clock: Clock
    meter: Meter
    logger: logging.Logger

    def __post_init__(self) -> None:
        self.circuit_breaker = CircuitBreaker(self.clock, MANY_REJECTIONS)
        """That of the run: open when no request of any stream can succeed."""
        self.session = new_session(self.retry_policy.limits.response_timeout)
        self._account = Account(self.clock)
        self._first_date: datetime | None = None

    def get(  # noqa: PLR0913  # most of them are keywords that have a default
        self,
        url: str,
        params: Mapping[str, Any],
        *,
        stream: str,
        attempts: int = ATTEMPTS,
        shape: Shape = is_object,
        room: Room = SMALL,
    ) -> Response:
        """Return the good response to a GET of `url`.

        Args:
            url: The address, without parameters.
            params: The parameters of the query.
            stream: The name under which the meter counts the request, unless the worker that sends
                it works for another stream.
            attempts: How often to send it while the server fails; waiting out a rate limit does
                not count.
            shape: What the JSON of the body must look like.
            room: How large the response may be.

        Raises:
            ResponseTooLarge: It is larger.
            ServerError: Every attempt failed.
            Unreachable: No connection could be made.
            Throttled: Confluence wants a longer wait than the retry limits accept.
            ConfluenceError: A refusal, as in `verdicts.refusal`. A 404 of v2 that names no entity
                is NotFound if Confluence knows the account, else CredentialsRejected.

        Throttled and CredentialsRejected are also raised at once, without a request, while the
        circuit breaker is open.
        """
        return self._request(
            requests.Request("GET", url, params=params), stream, attempts, shape, room
        )

    def post(
        self,
        url: str,
        body: object,
        *,
        stream: str,
        attempts: int = ATTEMPTS,
        shape: Shape = is_object,
    ) -> Response:
        """Return the good response to a POST of JSON that only reads. Arguments as in `get`."""
        return self._request(requests.Request("POST", url, json=body), stream, attempts, shape)

    @property
    def server_time_at_start(self) -> datetime | None:
        """The server's own time (Date header) in its first response, or None before that."""
        return self._first_date

    def _request(
        self,
        request: requests.Request,
        stream: str,
        allowed: int,
        shape: Shape,
        room: Room = SMALL,
    ) -> Response:
        request.auth = self.auth.sign
        attempts = Attempts(allowed)
        while True:
            sent_at = self._wait_for_turn(stream)
            outcome = self._send(request, shape, room)
            if isinstance(outcome, Response) and outcome.is_good:
                self.rate_limiter.succeeded()
                self._account.has_succeeded = True
                if self.circuit_breaker.failures:
                    self.circuit_breaker.succeeded()
                return outcome
            verdict = judge(outcome, self.auth)
            decision = self.retry_policy.after(attempts, verdict, self.clock.utcnow())
            if isinstance(decision, VerifyAccount):
                is_known = self._account.is_known(lambda: self._verify_account(stream))
                decision = GiveUp(decision.if_known if is_known else decision.if_unknown)
            attempts = self._carry_out(decision, request, sent_at)

    def _verify_account(self, stream: str) -> bool:
        """Return whether Confluence knows the account; v1 never leaves that open, as v2 does."""
        request = requests.Request("GET", f"{self.site.v1}user/current")
        try:
            response = self._request(request, stream, ATTEMPTS_AT_VERIFICATION, is_object)
        except (CredentialsRejected, RequestRefused, *UNAVAILABLE):
            return False
        return response.body.get("type") in KNOWN_USERS

    def _wait_for_turn(self, stream: str) -> float:
        """Return when the request may go out, on the monotonic clock: now, after waiting."""
        if self.circuit_breaker.has_opened:
            self.circuit_breaker.raise_if_open()
        sent_at = self.rate_limiter.acquire()
        if self.circuit_breaker.has_opened:  # maybe meanwhile
            self.circuit_breaker.raise_if_open()
        self.meter.requested(stream)
        return sent_at

    def _send(self, unsigned: requests.Request, shape: Shape, room: Room) -> Response | NoResponse:
        """Every attempt is signed again: the credentials may have been renewed meanwhile."""
        try:
            request = self.session.prepare_request(unsigned)
        except requests.RequestException as error:
            raise NotConfluence(f"There is no address {unsigned.url}: {error}") from error
        settings = self.session.merge_environment_settings(request.url, {}, True, None, None)
        limits = self.retry_policy.limits
        try:
            raw = self.session.send(
                request,
                timeout=(limits.connect_timeout, limits.read_timeout),
                allow_redirects=False,
                **settings,
            )
            response = Response.decoded(raw, read_body(raw, room), shape)
        except MemoryError:
            return NoResponse.after(unsigned.url, NoMemory(room.decoded))
        except OSError as error:  # requests.RequestException is one
            if problem := problem_with_certificates():
                raise ConfigError(problem) from error
            if not isinstance(error, requests.RequestException):
                raise
            return NoResponse.after(unsigned.url, error)
        if self._first_date is None:
            self._first_date = response.date
        self.logger.debug(
            f"{request.method} {request.url} answered {response.status}, {response.size} bytes."
        )
        return response

    def _carry_out(
        self,
        decision: Retry | Pause | Reauthenticate | GiveUp,
        request: requests.Request,
        sent_at: float,
    ) -> Attempts:
        """Wait or sign in again as decided; return what happened so far. Raises if it gives up."""
        if isinstance(decision, Retry):
            path, seconds = urlsplit(request.url).path, decision.seconds
            self.logger.info(f"{decision.reason}: trying {path} again in {seconds:.1f} s.")
            self.clock.sleep(seconds)
            return decision.attempts
        if isinstance(decision, Pause):
            is_news = self.rate_limiter.throttled(sent_at, decision.seconds)
            level = logging.INFO if is_news and decision.seconds >= 1 else logging.DEBUG
            self.logger.log(level, f"{decision.reason}: all workers wait {decision.seconds:.1f} s.")
            return decision.attempts
        if isinstance(decision, Reauthenticate):
            if self.auth.recover(decision.response):
                return decision.attempts
            decision = GiveUp(decision.error)
        if isinstance(decision.error, Throttled):
            self.circuit_breaker.open(decision.error, decision.seconds)
        elif isinstance(decision.error, CredentialsRejected):
            self.circuit_breaker.failed(decision.error)
        raise decision.error
