"""What a sync works out once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from source_confluence.streams.sync.memo import Memo

SECONDS_BEFORE_GIVING_UP = 10


def test_a_result_is_made_once_per_key() -> None:
    memo = Memo()
    made: list[str] = []

    def make(name: str) -> list[str]:
        made.append(name)
        return [name]

    first = memo.once("a", lambda: make("a"))

    assert memo.once("a", lambda: make("another")) is first
    assert memo.once(("a", 1), lambda: make("b")) == ["b"]
    assert made == ["a", "b"]


def test_none_is_a_result() -> None:
    memo = Memo()
    memo.once("a", lambda: None)

    assert memo.once("a", lambda: "another") is None


def test_many_workers_that_want_a_result_at_the_same_time_share_it() -> None:
    memo, together = Memo(), Barrier(8)
    made: list[int] = []

    def work(number: int) -> int:
        def make() -> int:
            made.append(number)
            for _ in range(1000):
                time.sleep(0)  # lets the other workers run
            return number

        together.wait(SECONDS_BEFORE_GIVING_UP)
        return memo.once("a", make)

    with ThreadPoolExecutor(8) as pool:
        results = set(pool.map(work, range(8)))

    assert results == set(made)
    assert len(made) == 1


def test_making_a_result_does_not_block_workers_that_want_another() -> None:
    memo, is_other_made = Memo(), Event()

    def make_slowly() -> bool:
        return is_other_made.wait(SECONDS_BEFORE_GIVING_UP)

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(memo.once, "slow", make_slowly)
        memo.once("other", is_other_made.set)

        assert slow.result()


def test_a_result_can_be_made_of_others() -> None:
    memo = Memo()

    assert memo.once("sum", lambda: memo.once("one", lambda: 1) + memo.once("two", lambda: 2)) == 3


def test_a_failure_is_raised_each_time() -> None:
    memo = Memo()
    made: list[None] = []

    def fail() -> None:
        made.append(None)
        raise ValueError("broken")

    for _ in range(2):
        with pytest.raises(ValueError, match="broken"):
            memo.once("a", fail)

    assert len(made) == 1
