"""The one way to Confluence: signs, waits, sends, judges and tries again."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
from requests import Response
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from source_confluence.confluence.backoff import Backoff, aware_date, stated_wait
from source_confluence.confluence.circuit_breaker import CircuitBreaker
from source_confluence.confluence.clock import Clock
from source_confluence.confluence.meter import Meter
from source_confluence.confluence.rate_limiter import RateLimiter
from source_confluence.confluence.responses import (
    CredentialsRejected,
    NotConfluence,
    ServerTrouble,
    Throttled,
    Unreachable,
    Verdict,
    explanation,
    is_json,
    judge,
)
from source_confluence.confluence.shapes import Shape, is_object

Params = Mapping[str, Any]
MAX_WORKERS = 40
"""As spec.yaml has it; so many connections are kept open."""
LARGEST_PIECE = 1 << 20
Answer = Response | requests.RequestException


@dataclass(frozen=True)
class RetryLimits:
    """How long the client bears with the server; all in seconds, but for the counts."""

    connect_timeout: float = 10.0
    read_timeout: float = 90.0
    longest_wait: float = 3900.0
    """An hourly quota is renewed at the top of the hour; 65 minutes outlast it."""
    connection_attempts: int = 5
    throttled_without_word: int = 3
    """A 503 that names no time is taken for a failing server after so many in a row."""


SYNC_LIMITS = RetryLimits()
CHECK_LIMITS = RetryLimits(
    connect_timeout=3.0,
    read_timeout=6.0,
    longest_wait=4.0,
    connection_attempts=1,
    throttled_without_word=1,
)


@dataclass
class Client:
    """Sends GET requests to one site; shared by all workers, thread-safe."""

    signer: AuthBase
    budget: RateLimiter
    backoff: Backoff
    clock: Clock
    meter: Meter
    logger: logging.Logger
    patience: RetryLimits = SYNC_LIMITS

    def __post_init__(self) -> None:
        self._session = _session()
        self._futility = CircuitBreaker(self.clock)
        self._first_server_time: datetime | None = None

    def get(
        self,
        url: str,
        params: Params,
        *,
        stream: str,
        attempts: int = 1,
        shape: Shape = is_object,
    ) -> Response:
        """Return the good answer to a GET of `url`. Raises as `ask`."""
        return self.ask(requests.Request("GET", url, params=params), stream, attempts, shape)

    def post(
        self, url: str, body: object, *, stream: str, attempts: int = 1, shape: Shape = is_object
    ) -> Response:
        """Return the good answer to a POST of JSON that only asks. Raises as `ask`."""
        return self.ask(requests.Request("POST", url, json=body), stream, attempts, shape)

    def ask(self, request: requests.Request, stream: str, attempts: int, shape: Shape) -> Response:
        """Return the good answer to a request; its body is JSON of the given shape.

        `attempts` is how often a failing server is asked; waiting out a throttle does not count.
        Raises ServerTrouble, Unreachable or Throttled (all transient) when patience is at its end,
        and what `errors.judge` raises for answers that no retry would mend. Raises at once, without
        a request, what was raised before and would be again: Throttled, CredentialsRejected.
        """
        request.auth = self.signer
        waited = 0.0
        troubles = 0
        throttles = downs = 0
        while True:
            sent_at = self._acquire(stream)
            answer = self._send(request, stream)
            if isinstance(answer, Response):
                verdict = self._judge(answer, shape)
                if verdict is Verdict.GOOD:
                    self.budget.succeeded()
                    self._futility.answered()
                    return answer
                throttles += verdict is Verdict.THROTTLED
                downs += answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
                if verdict is Verdict.THROTTLED and not self._is_down(answer, downs):
                    waited += self._pause(answer, sent_at, throttles, waited)
                    continue
            troubles += 1
            if troubles >= self._allowed_attempts(answer, attempts):
                raise _giving_up(request, answer)
            delay = self.backoff.delay(troubles)
            self.logger.info(f"{_said(answer)}: trying {_path(request)} again in {delay:.1f} s.")
            self.clock.sleep(delay)

    @property
    def server_time_at_start(self) -> datetime | None:
        """The server's own time (Date header) at its first answer, or None before that."""
        return self._first_server_time

    def _acquire(self, stream: str) -> float:
        self._futility.require_hope()
        asked_at = self.clock.monotonic()
        sent_at = self.budget.acquire()
        self.meter.waited(stream, sent_at - asked_at)
        self._futility.require_hope()
        return sent_at

    def _judge(self, answer: Response, shape: Shape) -> Verdict:
        try:
            return judge(answer, shape)
        except CredentialsRejected as rejection:
            self._futility.rejected(rejection)
            raise

    def _send(self, unsigned: requests.Request, stream: str) -> Answer:
        """Sign anew for every attempt: a token may have been renewed meanwhile."""
        self.meter.requested(stream)
        try:
            request = self._session.prepare_request(unsigned)
        except requests.RequestException as error:
            raise NotConfluence(f"There is no address {unsigned.url}: {error}") from error
        settings = self._session.merge_environment_settings(request.url, {}, True, None, None)
        try:
            response = self._session.send(
                request,
                timeout=(self.patience.connect_timeout, self.patience.read_timeout),
                allow_redirects=False,
                **settings,
            )
            _read_at_once(response)
        except requests.RequestException as error:
            return error
        if self._first_server_time is None:
            self._first_server_time = _date(response)
        self.logger.debug(
            f"GET {request.url} answered {response.status_code}, {len(response.content)} bytes."
        )
        return response

    def _is_down(self, response: Response, downs: int) -> bool:
        if (
            response.status_code != HTTPStatus.SERVICE_UNAVAILABLE
            or self._stated_wait(response) is not None
        ):
            return False
        return downs >= self.patience.throttled_without_word

    def _stated_wait(self, response: Response) -> float | None:
        return stated_wait(response.headers, _date(response) or self.clock.utcnow())

    def _pause(self, response: Response, sent_at: float, throttles: int, waited: float) -> float:
        """Make all workers wait; return for how long. A stated 0 that does not help grows, too."""
        stated = self._stated_wait(response)
        wait = self.backoff.delay(throttles) if stated is None else stated
        if stated is not None and throttles > 1:
            wait = max(wait, self.backoff.delay(throttles - 1))
        if waited + wait > self.patience.longest_wait:
            throttled = Throttled(
                f"Confluence limits the rate of requests and asks to wait for {wait:.0f} s more, "
                f"after {waited:.0f} s: run the sync again later."
            )
            self._futility.throttled(throttled, wait)
            raise throttled
        self.logger.log(
            logging.INFO if wait >= 1 else logging.DEBUG,
            f"Confluence answered {response.status_code} "
            f"({response.headers.get('RateLimit-Reason') or 'rate limited'}): "
            f"all workers wait {wait:.1f} s.",
        )
        self.budget.throttled(sent_at, wait)
        return wait

    def _allowed_attempts(self, answer: Answer, attempts: int) -> int:
        if isinstance(answer, requests.ConnectionError) and _is_no_connection(answer):
            return self.patience.connection_attempts
        return attempts


def _session() -> requests.Session:
    session = requests.Session()
    for scheme in ("https", "http"):
        session.mount(f"{scheme}://", HTTPAdapter(pool_connections=1, pool_maxsize=MAX_WORKERS))
    session.headers["Accept"] = "application/json"
    session.headers["User-Agent"] = "source-confluence"
    return session


def _read_at_once(response: Response) -> None:
    """Read the body as `stream=False` would, but in one piece.

    requests reads pieces of 10 KB: the worker would lose its turn to other threads at each of them.
    """
    body = b"".join(response.iter_content(LARGEST_PIECE))
    response._content = body  # noqa: SLF001  # where Response.content itself keeps it


def _date(response: Response) -> datetime | None:
    try:
        return aware_date(response.headers.get("Date", ""))
    except ValueError:
        return None


def _is_no_connection(error: requests.ConnectionError) -> bool:
    """Tell a connection that was never made from one that broke."""
    if isinstance(error, requests.exceptions.SSLError | requests.exceptions.ConnectTimeout):
        return True
    return "Failed to establish" in str(error) or "NameResolution" in repr(error)


def _giving_up(request: requests.Request, answer: Answer) -> Unreachable | ServerTrouble:
    host = urlsplit(request.url).netloc
    if isinstance(answer, requests.exceptions.SSLError):
        return Unreachable(f"The TLS certificate of {host} could not be verified.")
    if isinstance(answer, requests.ConnectionError) and _is_no_connection(answer):
        return Unreachable(f"{host} cannot be reached: check domain_name and the network.")
    return ServerTrouble(f"{_said(answer)} for {_path(request)}, in spite of retries.")


def _said(answer: Answer) -> str:
    if isinstance(answer, requests.Timeout):
        return "Confluence did not answer in time"
    if isinstance(answer, requests.RequestException):
        return "The connection to Confluence broke"
    if answer.ok and is_json(answer):
        return "Confluence answered with JSON of an unknown form"
    if answer.ok:
        return "Confluence answered with something that is not JSON"
    return f"Confluence answered {answer.status_code} {explanation(answer)}".rstrip()


def _path(request: requests.Request) -> str:
    return urlsplit(request.url).path
