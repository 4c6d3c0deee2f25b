"""The decision after each attempt of a request, without any HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from source_confluence.confluence.backoff import Backoff
from source_confluence.confluence.errors import (
    CredentialsRejected,
    NotPermitted,
    ServerError,
    Throttled,
    Unreachable,
)
from source_confluence.confluence.retry_policy import (
    CHECK_LIMITS,
    SYNC_LIMITS,
    Attempts,
    Decision,
    GiveUp,
    Pause,
    Reauthenticate,
    Retry,
    RetryLimits,
    RetryPolicy,
)
from source_confluence.confluence.verdicts import Failed, RateLimited, Refused
from unit_tests.confluence.answers import response
from unit_tests.fakes import NOON, NoJitter

FIRST = Attempts(allowed=6)
FAILED = Failed("Confluence answered 502", ServerError("It failed."))
UNREACHABLE = Failed("No connection", Unreachable("It cannot be reached."))
AT_NOON = "Sun, 01 Jun 2025 12:00:00 GMT"
IN_30_SECONDS = "Sun, 01 Jun 2025 12:00:30 GMT"


def policy(limits: RetryLimits = SYNC_LIMITS) -> RetryPolicy:
    return RetryPolicy(limits, Backoff(NoJitter()))


def limited(status: int = 429, **headers: str) -> RateLimited:
    return RateLimited(response(status, b"", **headers))


def waits(decide: RetryPolicy, *verdicts: Failed | RateLimited, allowed: int = 6) -> list[object]:
    """The seconds of every wait, and in the end the error if the policy gives up."""
    attempts, found = Attempts(allowed), list[object]()
    for verdict in verdicts:
        decision = decide.after(attempts, verdict, NOON)
        if isinstance(decision, GiveUp):
            return [*found, type(decision.error)]
        assert isinstance(decision, Retry | Pause)
        attempts = decision.attempts
        found.append(decision.seconds)
    return found


class TestFailures:
    def test_are_retried_by_this_worker(self) -> None:
        decision = policy().after(FIRST, FAILED, NOON)

        assert decision == Retry(0.5, replace(FIRST, failures=1), FAILED.reason)

    def test_are_retried_with_growing_delays_as_often_as_allowed(self) -> None:
        assert waits(policy(), *[FAILED] * 9) == [0.5, 1.0, 2.0, 4.0, 8.0, ServerError]
        assert waits(policy(), FAILED, allowed=1) == [ServerError]

    def test_of_the_connection_have_a_limit_of_their_own(self) -> None:
        assert waits(policy(), *[UNREACHABLE] * 9, allowed=1) == [0.5, 1.0, 2.0, 4.0, Unreachable]
        assert waits(policy(CHECK_LIMITS), UNREACHABLE) == [Unreachable]

    def test_and_throttles_are_counted_apart(self) -> None:
        mixed = (FAILED, limited(Retry_After="7"), FAILED, limited(), FAILED)

        assert waits(policy(), *mixed, allowed=3) == [0.5, 7, 1.0, 1.0, ServerError]

    def test_the_error_is_that_of_the_last_attempt(self) -> None:
        decision = policy().after(replace(FIRST, failures=5), FAILED, NOON)

        assert decision == GiveUp(FAILED.error)


class TestRateLimits:
    @pytest.mark.parametrize("status", [429, 503])
    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [
            ({"Retry_After": "30"}, 30.0),
            ({"Retry_After": IN_30_SECONDS}, 30.0),
            ({"Retry_After": "0"}, 0.0),
            ({"X_RateLimit_Reset": "2025-06-01T12:01Z"}, 60.0),
            ({}, 0.5),
            ({"Retry_After": "soon"}, 0.5),
        ],
    )
    def test_pause_all_workers(self, status: int, headers: dict[str, str], seconds: float) -> None:
        decision = policy().after(FIRST, limited(status, Date=AT_NOON, **headers), NOON)

        assert isinstance(decision, Pause)
        assert decision.seconds == seconds
        assert decision.attempts == Attempts(
            allowed=6, throttles=1, unavailable=int(status == 503), waited=seconds
        )

    def test_a_date_is_relative_to_the_time_of_the_server(self) -> None:
        our_time = NOON - timedelta(hours=1)

        decision = policy().after(FIRST, limited(Date=AT_NOON, Retry_After=IN_30_SECONDS), our_time)

        assert isinstance(decision, Pause)
        assert decision.seconds == 30

    def test_a_date_is_relative_to_our_time_if_the_server_states_none(self) -> None:
        decision = policy().after(
            FIRST, limited(Retry_After=IN_30_SECONDS), NOON - timedelta(seconds=15)
        )

        assert isinstance(decision, Pause)
        assert decision.seconds == 45

    def test_a_stated_0_that_does_not_help_grows(self) -> None:
        found = waits(policy(), *[limited(Retry_After="0")] * 6)

        assert found == [0.0, 0.5, 1.0, 2.0, 4.0, 8.0]

    def test_a_stated_wait_is_never_shortened(self) -> None:
        assert waits(policy(), *[limited(Retry_After="5")] * 3) == [5, 5, 5]

    def test_are_no_failed_attempts(self) -> None:
        assert waits(policy(), *[limited(Retry_After="60")] * 20, allowed=1) == [60] * 20

    @pytest.mark.parametrize("limits", [SYNC_LIMITS, CHECK_LIMITS])
    def test_a_longer_wait_than_the_limit_is_not_waited(self, limits: RetryLimits) -> None:
        longest = int(limits.longest_wait)

        assert waits(policy(limits), limited(Retry_After=str(longest))) == [longest]
        decision = policy(limits).after(FIRST, limited(Retry_After=str(longest + 1)), NOON)

        assert isinstance(decision, GiveUp)
        assert type(decision.error) is Throttled
        assert decision.seconds == longest + 1

    def test_waits_add_up_to_the_limit(self) -> None:
        found = waits(policy(), *[limited(Retry_After="1000")] * 10)

        assert found == [1000, 1000, 1000, Throttled]

    @pytest.mark.parametrize("headers", [{"Retry_After": "0"}, {}], ids=["0", "none"])
    def test_a_server_that_always_throttles_is_given_up(self, headers: dict[str, str]) -> None:
        *found, error = waits(policy(), *[limited(429, **headers)] * 100)

        assert error is Throttled
        assert 3600 < sum(float(str(wait)) for wait in found) <= 3900

    def test_a_503_without_a_stated_wait_becomes_a_server_error(self) -> None:
        assert waits(policy(), *[limited(503)] * 3, allowed=1) == [0.5, 1.0, ServerError]
        assert waits(policy(CHECK_LIMITS), limited(503), allowed=1) == [ServerError]

    def test_a_503_with_a_stated_wait_does_not(self) -> None:
        assert waits(policy(), *[limited(503, Retry_After="60")] * 5, allowed=1) == [60] * 5


class TestRefusals:
    REJECTED = CredentialsRejected("Check them.")

    def test_a_401_may_be_recovered_from_once(self) -> None:
        unauthorized = response(401, b"")
        refused = Refused(unauthorized, self.REJECTED)

        decision: Decision = policy().after(FIRST, refused, NOON)

        again = replace(FIRST, reauthenticated=True)
        assert decision == Reauthenticate(unauthorized, again, self.REJECTED)
        assert policy().after(again, refused, NOON) == GiveUp(self.REJECTED)

    @pytest.mark.parametrize(
        ("status", "error"),
        [
            (401, NotPermitted("No scope.")),
            (403, REJECTED),
            (404, REJECTED),
            (403, NotPermitted("")),
        ],
    )
    def test_others_are_final(self, status: int, error: NotPermitted | CredentialsRejected) -> None:
        decision = policy().after(FIRST, Refused(response(status, b""), error), NOON)

        assert decision == GiveUp(error)


def test_delays_are_not_in_step() -> None:
    one, other = (waits(RetryPolicy(SYNC_LIMITS, Backoff(Random(seed))), FAILED) for seed in (1, 2))

    assert one != other
