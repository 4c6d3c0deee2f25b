"""A bound on the bytes of answers that are held at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from threading import Condition, Event, Thread

import pytest

from source_confluence.confluence.page_budget import PageBudget

PATIENCE = 5.0


class TellingCondition(Condition):
    """Says when a thread has begun to wait, so that a test needs no sleeping."""

    def __init__(self) -> None:
        super().__init__()
        self.is_waited_for = Event()

    def wait(self, timeout: float | None = None) -> bool:
        del timeout
        self.is_waited_for.set()
        assert super().wait(PATIENCE), "nobody made room"
        return True


@pytest.fixture
def condition() -> TellingCondition:
    return TellingCondition()


@pytest.fixture
def budget(condition: TellingCondition) -> PageBudget:
    """100 bytes in all, of which an unknown page is guessed to take 40."""
    budget = PageBudget(limit=100, first_guess=40)
    budget._changed = condition
    return budget


def holding(budget: PageBudget, stream: str) -> tuple[Thread, Event]:
    """A thread that takes in a page of a stream, and the event that it has."""
    entered = Event()

    def hold() -> None:
        with budget.page(stream):
            entered.set()

    thread = Thread(target=hold, daemon=True)
    thread.start()
    return thread, entered


def test_pages_come_in_as_long_as_they_fit(budget: PageBudget, condition: TellingCondition) -> None:
    with budget.page("pages") as first, budget.page("pages") as second:
        assert (first.held, second.held) == (40, 40)
        thread, entered = holding(budget, "pages")
        assert condition.is_waited_for.wait(PATIENCE)
        assert not entered.is_set()

    thread.join(PATIENCE)
    assert entered.is_set()


@pytest.mark.parametrize(
    ("guess", "fits"), [(60, True), (61, False)], ids=["to the brim", "a byte too much"]
)
def test_fits_up_to_the_last_byte(
    budget: PageBudget, condition: TellingCondition, guess: int, fits: bool
) -> None:
    budget.remember("audit", guess)

    with budget.page("pages"):
        thread, entered = holding(budget, "audit")
        assert (entered if fits else condition.is_waited_for).wait(PATIENCE)
        assert entered.is_set() is fits

    thread.join(PATIENCE)
    assert entered.is_set()


def test_a_page_of_a_stream_is_the_guess_for_its_next(budget: PageBudget) -> None:
    with budget.page("pages") as page:
        page.weighs(50)
        assert page.held == 50

    with budget.page("pages") as following, budget.page("audit") as other:
        assert following.held == 50
        following.weighs(5)
        assert other.held == 40


def test_heavy_pages_are_forgotten_only_by_and_by(budget: PageBudget) -> None:
    guesses = []

    for weight in (50, 5, 5, 70, 5, 63, 64, 5):
        with budget.page("pages") as page:
            guesses.append(page.held)
            page.weighs(weight)

    assert guesses == [40, 50, 45, 40, 70, 63, 63, 64]


def test_room_that_a_light_page_leaves_is_used_at_once(
    budget: PageBudget, condition: TellingCondition
) -> None:
    with budget.page("pages") as first, budget.page("pages"):
        thread, entered = holding(budget, "audit")
        assert condition.is_waited_for.wait(PATIENCE)

        first.weighs(20)

        assert entered.wait(PATIENCE)
    thread.join(PATIENCE)


def test_a_page_heavier_than_all_comes_in_alone(
    budget: PageBudget, condition: TellingCondition
) -> None:
    budget.remember("pages", 1000)

    with budget.page("pages") as page:
        assert page.held == 1000
        thread, entered = holding(budget, "audit")
        assert condition.is_waited_for.wait(PATIENCE)
        assert not entered.is_set()

    thread.join(PATIENCE)
    assert entered.is_set()


def test_a_page_that_fails_is_not_held_any_longer(budget: PageBudget) -> None:
    def fail() -> None:
        with budget.page("pages") as page:
            page.weighs(90)
            raise RuntimeError("the page cannot be read")

    for _ in range(5):
        with pytest.raises(RuntimeError):
            fail()

    budget.remember("pages", 100)
    with budget.page("pages") as page:
        assert page.held == 100


def test_a_page_is_held_for_as_long_as_its_records_are_under_way(budget: PageBudget) -> None:
    under_way: list[Callable[[], None]] = []
    budget.hold_until(under_way.append)

    with budget.page("pages") as page:
        page.weighs(90)
    assert page.held == 90

    under_way.pop()()
    assert page.held == 0


def test_never_holds_more_than_its_limit_however_many_workers(budget: PageBudget) -> None:
    lock = threading.Lock()
    held: list[int] = []
    most = 0

    def work() -> None:
        nonlocal most
        for _ in range(100):
            with budget.page("pages") as page:
                with lock:
                    held.append(page.held)
                    most = max(most, sum(held))
                with lock:
                    held.remove(page.held)

    threads = [Thread(target=work, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)

    assert not any(thread.is_alive() for thread in threads)
    assert 40 <= most <= 100
