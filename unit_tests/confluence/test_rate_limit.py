"""A server that lets five requests a second through, and ten workers: in simulated time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from math import ceil

import pytest
from requests_mock import ANY, Adapter
from requests_mock.request import _RequestObjectProxy as Request
from requests_mock.response import _Context as Context

from unit_tests.fakes import make_config, make_connection
from unit_tests.virtual_time import VirtualTime

URL = "https://your-domain.atlassian.net/wiki/api/v2/pages"
LATENCY = 0.2
ALLOWED_PER_SECOND = 5.0
BURST = 5.0
WORKERS = 10
SECONDS = 90.0
SETTLED_AFTER = 30.0


class TokenBucketServer(Adapter):
    """Answers 429 to whatever comes faster than it allows; remembers when, and what it said."""

    def __init__(self, time: VirtualTime, headers: Callable[[float], dict[str, str]]) -> None:
        super().__init__()
        self._time = time
        self._headers = headers
        self._tokens = BURST
        self._filled_at = 0.0
        self.let_through: list[float] = []
        self.refused: list[float] = []
        self.register_uri("GET", ANY, json=self._answer)

    def _answer(self, _request: Request, context: Context) -> dict[str, list[str]]:
        self._time.sleep(LATENCY)
        now = self._time.monotonic()
        self._tokens = min(BURST, self._tokens + (now - self._filled_at) * ALLOWED_PER_SECOND)
        self._filled_at = now
        context.headers["Date"] = format_datetime(self._time.utcnow(), usegmt=True)
        if self._tokens >= 1:
            self._tokens -= 1
            self.let_through.append(now)
        else:
            self.refused.append(now)
            context.status_code = 429
            context.headers.update(self._headers(now))
        return {"results": []}


def read(
    headers: Callable[[float], dict[str, str]], seconds: float, **config: object
) -> TokenBucketServer:
    """The server, after ten workers have read from it for `seconds`."""
    time = VirtualTime()
    server = TokenBucketServer(time, headers)
    connection = make_connection(make_config(**config), time)
    session = connection.client.session
    session.mount("https://", server)
    session.trust_env = False  # looking up proxies takes longer than the rest

    def worker() -> None:
        while time.monotonic() < seconds:
            connection.client.get(URL, {}, stream="pages")

    time.run([worker] * WORKERS)
    return server


def in_a_second(now: float) -> str:
    moment = VirtualTime().utcnow() + timedelta(seconds=ceil(now + 1))
    return format_datetime(moment, usegmt=True)


@pytest.mark.parametrize(
    "headers",
    [
        lambda _now: {"Retry-After": "1"},
        lambda now: {"Retry-After": in_a_second(now)},
        lambda _now: {"Retry-After": "0"},
        lambda _now: {},
    ],
    ids=["seconds", "date", "0", "nothing"],
)
def test_settles_near_what_the_server_allows(headers: Callable[[float], dict[str, str]]) -> None:
    server = read(headers, SECONDS)

    refused = [moment for moment in server.refused if moment > SETTLED_AFTER]
    let_through = [moment for moment in server.let_through if moment > SETTLED_AFTER]
    assert server.refused, "the server never objected: nothing was put to the test"
    assert len(refused) / (len(refused) + len(let_through)) < 0.05
    assert len(let_through) > 0.8 * ALLOWED_PER_SECOND * (SECONDS - SETTLED_AFTER)


def test_a_ceiling_below_what_the_server_allows_is_never_refused() -> None:
    server = read(lambda _now: {}, 30.0, requests_per_second=4.0)

    assert server.refused == []
    assert sum(moment < 30.0 for moment in server.let_through) == pytest.approx(4.0 * 30.0, abs=2)
