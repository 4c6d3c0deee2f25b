"""A bound on the bytes of pages of results that are held at once."""

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
def budget(condition: TellingCondition, monkeypatch: pytest.MonkeyPatch) -> PageBudget:
    """100 bytes in all, of which an unknown page is estimated to take 40."""
    with monkeypatch.context() as patch:
        patch.setattr(threading, "Condition", lambda: condition)
        return PageBudget(limit=100, first_estimate=40)


def holding(budget: PageBudget, stream: str) -> tuple[Thread, Event]:
    """A thread that holds a page of a stream, and the event that it does."""
    entered = Event()

    def hold() -> None:
        with budget.page(stream):
            entered.set()

    thread = Thread(target=hold, daemon=True)
    thread.start()
    return thread, entered


def test_pages_get_room_while_they_fit(budget: PageBudget, condition: TellingCondition) -> None:
    with budget.page("pages") as first, budget.page("pages") as second:
        assert (first.held, second.held) == (40, 40)
        thread, entered = holding(budget, "pages")
        assert condition.is_waited_for.wait(PATIENCE)
        assert not entered.is_set()

    thread.join(PATIENCE)
    assert entered.is_set()


def used(budget: PageBudget, stream: str, size: int) -> None:
    """Let one page of a stream have this size, so that it is the estimate for the next."""
    with budget.page(stream) as page:
        page.resize(size)


@pytest.mark.parametrize(
    ("estimate", "fits"), [(60, True), (61, False)], ids=["to the brim", "a byte too much"]
)
def test_fits_up_to_the_last_byte(
    budget: PageBudget, condition: TellingCondition, estimate: int, fits: bool
) -> None:
    used(budget, "audit", estimate)

    with budget.page("pages"):
        thread, entered = holding(budget, "audit")
        assert (entered if fits else condition.is_waited_for).wait(PATIENCE)
        assert entered.is_set() is fits

    thread.join(PATIENCE)
    assert entered.is_set()


def test_a_page_of_a_stream_is_the_estimate_for_the_next(budget: PageBudget) -> None:
    with budget.page("pages") as page:
        page.resize(50)
        assert page.held == 50

    with budget.page("pages") as following, budget.page("audit") as other:
        assert following.held == 50
        following.resize(5)
        assert other.held == 40


def test_the_estimate_decays_slowly(budget: PageBudget) -> None:
    estimates = []

    for weight in (50, 5, 5, 70, 5, 63, 64, 5):
        with budget.page("pages") as page:
            estimates.append(page.held)
            page.resize(weight)

    assert estimates == [40, 50, 45, 40, 70, 63, 63, 64]


def test_room_that_a_light_page_leaves_is_used_at_once(
    budget: PageBudget, condition: TellingCondition
) -> None:
    with budget.page("pages") as first, budget.page("pages"):
        thread, entered = holding(budget, "audit")
        assert condition.is_waited_for.wait(PATIENCE)

        first.resize(20)

        assert entered.wait(PATIENCE)
    thread.join(PATIENCE)


def test_a_page_larger_than_the_budget_is_held_alone(
    budget: PageBudget, condition: TellingCondition
) -> None:
    used(budget, "pages", 1000)

    with budget.page("pages") as page:
        assert page.held == 1000
        thread, entered = holding(budget, "audit")
        assert condition.is_waited_for.wait(PATIENCE)
        assert not entered.is_set()

    thread.join(PATIENCE)
    assert entered.is_set()


def test_a_page_that_fails_is_released(budget: PageBudget) -> None:
    def fail() -> None:
        with budget.page("pages") as page:
            page.resize(90)
            raise RuntimeError("the page cannot be read")

    for _ in range(5):
        with pytest.raises(RuntimeError):
            fail()

    used(budget, "pages", 100)
    with budget.page("pages") as page:
        assert page.held == 100


def test_a_page_is_held_until_its_records_are_written(budget: PageBudget) -> None:
    under_way: list[Callable[[], None]] = []
    budget.hold_until(under_way.append)

    with budget.page("pages") as page:
        page.resize(90)
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
