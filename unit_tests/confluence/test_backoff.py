"""How long to wait: what the headers say, and the delays when they say nothing."""

from __future__ import annotations

from datetime import datetime, timezone
from random import Random

import pytest
from requests.structures import CaseInsensitiveDict

from source_confluence.confluence.backoff import LONGEST_STATED_WAIT, Backoff, stated_wait
from unit_tests.fakes import NOON, NoJitter


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": ""}, None),
        ({"Retry-After": "  "}, None),
        ({"Retry-After": "30"}, 30),
        ({"retry-after": " 30 "}, 30),
        ({"Retry-After": "0.5"}, 0.5),
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": "-5"}, 0),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "-inf"}, 0),
        ({"Retry-After": "inf"}, LONGEST_STATED_WAIT),
        ({"Retry-After": "1e308"}, LONGEST_STATED_WAIT),
        ({"Retry-After": "9" * 5000}, LONGEST_STATED_WAIT),
        ({"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}, LONGEST_STATED_WAIT),
        ({"Retry-After": "Fri, 31 Dec 9999 23:59:59 -1200"}, None),
        ({"Retry-After": "Fri, 31 Dec 99999 23:59:59 GMT"}, None),
        ({"Retry-After": "Fri, 31 Dec 2025 23:59:59 +99999999"}, None),
        ({"X-RateLimit-Reset": "9999-12-31T23:59:59-12:00"}, LONGEST_STATED_WAIT),
        ({"X-RateLimit-Reset": "99999-12-31T23:59:59Z"}, None),
        ({"X-RateLimit-Reset": "T" * 5000}, None),
        ({"X-RateLimit-Reset": "P9999999999Y2025T"}, None),
        ({"X-RateLimit-Reset": "9" * 5000}, None),
        ({"Retry-After": "Sun, 01 Jun 2025 12:00:30 GMT"}, 30),
        ({"Retry-After": "Sun, 01 Jun 2025 14:00:30 +0200"}, 30),
        ({"Retry-After": "Sun, 01 Jun 2025 12:00:30"}, 30),
        ({"Retry-After": "Sunday, 01-Jun-25 12:00:30 GMT"}, 30),
        ({"Retry-After": "Sun, 01 Jun 2025 11:00:00 GMT"}, 0),
        ({"Retry-After": "Sun, 99 Jun 2025 12:00:30 GMT"}, None),
        ({"Retry-After": "soon"}, None),
        ({"X-RateLimit-Reset": "2025-06-01T12:00:30Z"}, 30),
        ({"X-RateLimit-Reset": "2025-06-01T12:00:30.500Z"}, 30.5),
        ({"X-RateLimit-Reset": "2025-06-01T12:01Z"}, 60),
        ({"X-RateLimit-Reset": "2025-06-01T14:01+02:00"}, 60),
        ({"x-ratelimit-reset": "2025-06-01T13:00:00Z"}, 3600),
        ({"X-RateLimit-Reset": "2025-06-01T11:59:00Z"}, 0),
        ({"X-RateLimit-Reset": "soon"}, None),
        ({"X-RateLimit-Reset": ""}, None),
        ({"Retry-After": "7", "X-RateLimit-Reset": "2025-06-01T12:00:30Z"}, 7),
        ({"Retry-After": "0", "X-RateLimit-Reset": "2025-06-01T12:00:30Z"}, 0),
        ({"Retry-After": "soon", "X-RateLimit-Reset": "2025-06-01T12:00:30Z"}, 30),
        ({"Retry-After": "soon", "X-RateLimit-Reset": "soon"}, None),
    ],
)
def test_stated_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert stated_wait(CaseInsensitiveDict(headers), NOON) == seconds


def test_delays_double_up_to_a_minute() -> None:
    backoff = Backoff(NoJitter())

    delays = [backoff.delay(failures) for failures in range(1, 11)]

    assert delays == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]


def test_delays_are_spread_by_30_percent_so_that_workers_do_not_come_back_in_step() -> None:
    backoff = Backoff(Random(7))

    delays = [backoff.delay(4) for _ in range(1000)]

    assert 2.8 <= min(delays) < 2.9
    assert 5.1 < max(delays) <= 5.2


@pytest.mark.parametrize("text", ["now", "12:00", "3600"])
def test_a_reset_that_is_no_moment_says_nothing(text: str) -> None:
    now = datetime(2025, 6, 2, 12, tzinfo=timezone.utc)

    assert stated_wait({"X-RateLimit-Reset": text}, now) is None
