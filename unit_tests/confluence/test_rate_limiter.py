"""When the next request may go out: unlimited at first, then as fast as the server lets us."""

from __future__ import annotations

import pytest

from source_confluence.confluence.rate_limiter import RateLimiter
from unit_tests.fakes import FakeClock
from unit_tests.virtual_time import VirtualTime


def interval(limiter: RateLimiter) -> float:
    """The seconds between one request and the next that the limiter allows just now."""
    first = limiter.acquire()
    return limiter.acquire() - first


def send(limiter: RateLimiter, clock: FakeClock, count: int, every: float) -> None:
    """Let `count` requests succeed, one every `every` seconds."""
    for _ in range(count):
        limiter.acquire()
        clock.advance(every)
        limiter.succeeded()


def test_is_unlimited_until_the_server_objects(clock: FakeClock) -> None:
    limiter = RateLimiter(clock)

    moments = {limiter.acquire() for _ in range(1000)}

    assert moments == {0.0}
    assert clock.sleeps == []


def test_the_ceiling_of_the_user_spaces_requests_evenly(clock: FakeClock) -> None:
    limiter = RateLimiter(clock, ceiling=4.0)

    assert [limiter.acquire() for _ in range(5)] == pytest.approx([0.0, 0.25, 0.5, 0.75, 1.0])


def test_time_that_was_not_used_does_not_save_up_to_a_burst(clock: FakeClock) -> None:
    limiter = RateLimiter(clock, ceiling=4.0)
    limiter.acquire()

    clock.advance(60)

    assert [limiter.acquire() for _ in range(3)] == pytest.approx([60.0, 60.25, 60.5])


def test_the_next_request_waits_for_as_long_as_the_server_says(clock: FakeClock) -> None:
    limiter = RateLimiter(clock)

    limiter.throttled(limiter.acquire(), wait=30.0)

    assert limiter.acquire() == 30.0
    assert clock.sleeps == [30.0]


@pytest.mark.parametrize("wait", [0.0, 0.1])
def test_there_is_always_a_pause(clock: FakeClock, wait: float) -> None:
    limiter = RateLimiter(clock)

    limiter.throttled(limiter.acquire(), wait)

    assert limiter.acquire() == pytest.approx(0.2)


def test_a_shorter_wait_does_not_cut_a_longer_one_short(clock: FakeClock) -> None:
    limiter = RateLimiter(clock)
    sent_at = limiter.acquire()

    limiter.throttled(sent_at, wait=30.0)
    limiter.throttled(sent_at, wait=5.0)

    assert limiter.acquire() == 30.0


def test_a_longer_wait_replaces_a_shorter_one(clock: FakeClock) -> None:
    limiter = RateLimiter(clock)
    sent_at = limiter.acquire()

    limiter.throttled(sent_at, wait=5.0)
    clock.advance(2)
    limiter.throttled(sent_at, wait=30.0)

    assert limiter.acquire() == 32.0


def test_all_workers_wait_together_and_do_not_come_back_at_once() -> None:
    time = VirtualTime()
    limiter = RateLimiter(time)
    refused_at: list[float] = []
    moments: list[float] = []

    def worker() -> None:
        sent_at = limiter.acquire()
        time.sleep(0.5)
        if not refused_at:
            refused_at.append(time.monotonic())
            limiter.throttled(sent_at, wait=30.0)
        moments.append(limiter.acquire())

    time.run([worker] * 6)

    assert refused_at == [0.5]
    assert moments == pytest.approx([30.5 + request / 15 for request in range(6)], abs=0.02)


def test_continues_at_three_quarters_of_what_got_through(clock: FakeClock) -> None:
    limiter = RateLimiter(clock)
    send(limiter, clock, count=80, every=0.125)

    limiter.throttled(limiter.acquire(), wait=1.0)

    assert 1 / interval(limiter) == pytest.approx(0.75 * 8, rel=0.05)


def test_only_the_last_ten_seconds_count_for_what_got_through(clock: FakeClock) -> None:
    limiter = RateLimiter(clock)
    send(limiter, clock, count=2000, every=0.01)
    send(limiter, clock, count=20, every=0.5)

    limiter.throttled(limiter.acquire(), wait=1.0)

    assert 1 / interval(limiter) == pytest.approx(0.75 * 2, rel=0.06)


def test_a_burst_that_lasted_less_than_a_second_counts_as_one(clock: FakeClock) -> None:
    limiter = RateLimiter(clock)
    send(limiter, clock, count=16, every=0.001)

    limiter.throttled(limiter.acquire(), wait=1.0)

    assert 1 / interval(limiter) == pytest.approx(0.75 * 16)


@pytest.mark.parametrize("successes", [0, 9])
def test_a_guess_has_to_do_where_too_little_got_through(clock: FakeClock, successes: int) -> None:
    limiter = RateLimiter(clock)
    send(limiter, clock, count=successes, every=0.5)

    limiter.throttled(limiter.acquire(), wait=1.0)

    assert 1 / interval(limiter) == pytest.approx(0.75 * 20)


def test_ten_successes_are_enough_to_tell(clock: FakeClock) -> None:
    limiter = RateLimiter(clock)
    send(limiter, clock, count=10, every=0.5)

    limiter.throttled(limiter.acquire(), wait=1.0)

    assert 1 / interval(limiter) == pytest.approx(0.75 * 10 / 4.5)


def test_successes_of_long_ago_say_nothing(clock: FakeClock) -> None:
    limiter = RateLimiter(clock)
    send(limiter, clock, count=50, every=0.1)
    clock.advance(60)

    limiter.throttled(limiter.acquire(), wait=1.0)

    assert 1 / interval(limiter) == pytest.approx(0.75 * 20)


def test_a_ceiling_that_was_made_use_of_is_what_was_refused(clock: FakeClock) -> None:
    limiter = RateLimiter(clock, ceiling=4.0)
    send(limiter, clock, count=40, every=0.0)

    limiter.throttled(limiter.acquire(), wait=1.0)

    assert 1 / interval(limiter) == pytest.approx(0.75 * 4)


def test_a_ceiling_out_of_reach_is_not_taken_for_what_was_refused(clock: FakeClock) -> None:
    limiter = RateLimiter(clock, ceiling=1000.0)
    send(limiter, clock, count=80, every=0.125)

    limiter.throttled(limiter.acquire(), wait=1.0)

    assert 1 / interval(limiter) == pytest.approx(0.75 * 1.5 * 8, rel=0.05)


def test_of_requests_under_way_together_only_the_first_slows_the_rate_down(
    clock: FakeClock,
) -> None:
    limiter = RateLimiter(clock)
    send(limiter, clock, count=80, every=0.125)
    sent_at = [limiter.acquire() for _ in range(10)]

    for sent in sent_at:
        clock.advance(0.01)
        limiter.throttled(sent, wait=1.0)

    assert 1 / interval(limiter) == pytest.approx(0.75 * 8, rel=0.05)


def test_a_refusal_after_the_pause_slows_the_rate_down_again(clock: FakeClock) -> None:
    limiter = RateLimiter(clock)
    send(limiter, clock, count=80, every=0.125)
    limiter.throttled(limiter.acquire(), wait=20.0)
    first = 1 / interval(limiter)

    limiter.throttled(limiter.acquire(), wait=20.0)

    assert 1 / interval(limiter) == pytest.approx(0.75 * first, rel=0.05)


def test_never_gets_slower_than_one_in_some_seconds(clock: FakeClock) -> None:
    limiter = RateLimiter(clock)

    for _ in range(50):
        clock.advance(0.2)
        limiter.throttled(clock.monotonic(), wait=0.0)

    assert 1 / interval(limiter) == pytest.approx(0.75 * 0.1)


@pytest.mark.parametrize(
    ("calm", "share"),
    [(0, 0.75), (6, 0.97), (12, 1.0), (18, 1.03), (24, 1.25), (36, 3.0)],
)
def test_comes_back_to_the_refused_rate_soon_stays_near_it_and_then_tries_more(
    clock: FakeClock, calm: float, share: float
) -> None:
    limiter = RateLimiter(clock)
    send(limiter, clock, count=80, every=0.125)

    limiter.throttled(limiter.acquire(), wait=600.0)
    clock.advance(600.0 + calm)

    assert 1 / interval(limiter) == pytest.approx(share * 8, rel=0.02)


def test_time_during_which_all_wait_is_no_recovery(clock: FakeClock) -> None:
    limiter = RateLimiter(clock)
    send(limiter, clock, count=80, every=0.125)
    sent_at = limiter.acquire()
    limiter.throttled(sent_at, wait=1.0)

    clock.advance(24)
    limiter.throttled(sent_at, wait=600.0)

    assert 1 / interval(limiter) == pytest.approx(0.75 * 8, rel=0.02)


def test_recovers_up_to_the_ceiling_only(clock: FakeClock) -> None:
    limiter = RateLimiter(clock, ceiling=4.0)
    send(limiter, clock, count=40, every=0.0)
    limiter.throttled(limiter.acquire(), wait=1.0)

    clock.advance(3600)

    assert 1 / interval(limiter) == pytest.approx(4.0)


def test_a_pause_is_news_once_and_once_more_if_it_gets_clearly_longer(clock: FakeClock) -> None:
    limiter = RateLimiter(clock)
    sent_at = limiter.acquire()

    news = []
    for wait in (5.0, 5.0, 1.0, 30.0, 30.0, 60.0):
        news.append(limiter.throttled(sent_at, wait))
        clock.advance(0.1)

    assert news == [True, False, False, True, False, False]
    limiter.acquire()
    assert limiter.throttled(limiter.acquire(), wait=5.0)
    assert limiter.throttled(sent_at, wait=30.0)


def test_the_time_that_workers_wait_together_counts_once() -> None:
    time = VirtualTime()
    limiter = RateLimiter(time)
    limiter.throttled(limiter.acquire(), wait=30.0)

    def worker() -> None:
        limiter.acquire()
        time.sleep(5.0)

    time.run([worker] * 4)

    assert limiter.waited == pytest.approx(30.0 + 3 / 15, abs=0.02)


def test_a_wait_counts_while_it_lasts() -> None:
    time = VirtualTime()
    limiter = RateLimiter(time)
    limiter.throttled(limiter.acquire(), wait=30.0)
    seen: list[tuple[float, float]] = []

    def look() -> None:
        time.sleep(10.0)
        seen.append((limiter.waited, limiter.pause_left))

    def worker() -> None:
        limiter.acquire()

    time.run([worker, look])

    assert seen == [(10.0, 20.0)]
    assert limiter.pause_left == 0.0


def test_without_a_wait_there_is_nothing_to_count(clock: FakeClock) -> None:
    limiter = RateLimiter(clock)

    send(limiter, clock, count=20, every=0.5)

    assert limiter.waited == 0.0
    assert limiter.pause_left == 0.0
