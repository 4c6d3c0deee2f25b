"""A bound on the bytes of pages of results that are held at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from threading import Condition, Event, Thread

import pytest

from source_confluence.confluence.body import MEGABYTE
from source_confluence.confluence.page_budget import BYTES, PageBudget, share_of

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
    """100 bytes in all, of which an unknown page is expected to take 40."""
    with monkeypatch.context() as patch:
        patch.setattr(threading, "Condition", lambda: condition)
        return PageBudget(limit=100, share=40, tiny=0)


def holding(budget: PageBudget, stream: str) -> tuple[Thread, Event]:
    """A thread that holds a page of a stream, and the event that it does."""
    entered = Event()

    def hold() -> None:
        with budget.page(stream, wanted=1):
            entered.set()

    thread = Thread(target=hold, daemon=True)
    thread.start()
    return thread, entered


def test_pages_get_room_while_they_fit(budget: PageBudget, condition: TellingCondition) -> None:
    with budget.page("pages", wanted=1) as first, budget.page("pages", wanted=1) as second:
        assert (first.held, second.held) == (40, 40)
        thread, entered = holding(budget, "pages")
        assert condition.is_waited_for.wait(PATIENCE)
        assert not entered.is_set()

    thread.join(PATIENCE)
    assert entered.is_set()


def used(budget: PageBudget, stream: str, size: int) -> None:
    """Let one page of a stream have this size, so that it is the estimate for the next."""
    budget.weights.learn(stream, records=1, size=size)


@pytest.mark.parametrize(
    ("estimate", "fits"), [(60, True), (61, False)], ids=["to the brim", "a byte too much"]
)
def test_fits_up_to_the_last_byte(
    budget: PageBudget, condition: TellingCondition, estimate: int, fits: bool
) -> None:
    used(budget, "audit", estimate)

    with budget.page("pages", wanted=1):
        thread, entered = holding(budget, "audit")
        assert (entered if fits else condition.is_waited_for).wait(PATIENCE)
        assert entered.is_set() is fits

    thread.join(PATIENCE)
    assert entered.is_set()


def test_a_page_of_a_stream_is_the_estimate_for_the_next(budget: PageBudget) -> None:
    used(budget, "pages", 15)

    with budget.page("pages", wanted=1) as following, budget.page("audit", wanted=1) as other:
        assert following.held == 15
        assert other.held == 40


def test_requests_as_many_records_as_a_share_holds(budget: PageBudget) -> None:
    budget.weights.learn("pages", records=10, size=40)

    with budget.page("pages", wanted=250) as page, budget.page("pages", wanted=3) as last:
        assert (page.records, page.held) == (9, 40)
        assert last.records == 3


def test_learns_while_it_waits(budget: PageBudget, condition: TellingCondition) -> None:
    requested = []

    def request() -> None:
        with budget.page("pages", wanted=250) as page:
            requested.append(page.records)

    with budget.page("audit", wanted=1) as first, budget.page("audit", wanted=1):
        thread = Thread(target=request, daemon=True)
        thread.start()
        assert condition.is_waited_for.wait(PATIENCE)
        budget.weights.learn("pages", records=10, size=10)
        first.resize(1)
        thread.join(PATIENCE)

    assert requested == [36]


class TestAResponseLargerThanItsReservation:
    def test_takes_what_is_free(self, budget: PageBudget) -> None:
        with budget.page("pages", wanted=1) as page, budget.page("pages", wanted=1):
            assert page.reserve(30)
            assert page.held == 40
            assert page.reserve(60)
            assert (page.held, budget.held) == (60, 100)
            assert not page.reserve(61)
            assert page.held == 60

    def test_takes_no_more_than_a_share_while_records_may_be_of_any_size(
        self, budget: PageBudget
    ) -> None:
        with budget.page("pages", wanted=9, is_heavy=True) as page:
            assert page.reserve(40)
            assert not page.reserve(41)

    def test_waits_for_everything_else_to_be_released(
        self, budget: PageBudget, condition: TellingCondition
    ) -> None:
        """And those that come after it wait for it, or it would never get its turn."""
        entered = []

        def hold(name: str, *, whole: bool) -> None:
            with budget.page("pages", wanted=1, whole=whole) as page:
                assert page.is_whole is whole
                entered.append(name)

        large = Thread(target=hold, args=("large",), kwargs={"whole": True}, daemon=True)
        small = Thread(target=hold, args=("small",), kwargs={"whole": False}, daemon=True)
        with budget.page("audit", wanted=1):
            for thread in (large, small):
                condition.is_waited_for.clear()
                thread.start()
                assert condition.is_waited_for.wait(PATIENCE)
            assert entered == []

        for thread in (large, small):
            thread.join(PATIENCE)
        assert entered == ["large", "small"]


def test_a_tiny_page_waits_for_nobody_and_nobody_for_it() -> None:
    budget = PageBudget(limit=100, share=40, tiny=10)
    budget.weights.learn("labels", records=3, size=10)

    with budget.page("labels", wanted=250), budget.page("pages", wanted=1, whole=True) as large:
        with budget.page("labels", wanted=250) as tiny:
            assert budget.held == large.held
            tiny.resize(1)
        large.resize(20)
        assert budget.held == 20


def test_records_that_were_requested_before_take_part(
    budget: PageBudget, condition: TellingCondition
) -> None:
    with budget.records_of("comments", 70):
        thread, entered = holding(budget, "pages")
        assert condition.is_waited_for.wait(PATIENCE)
        assert not entered.is_set()

    thread.join(PATIENCE)
    assert entered.is_set()


@pytest.mark.parametrize("workers", [1, 10, 24, 40])
def test_all_workers_have_a_share_of_several_records(workers: int) -> None:
    assert MEGABYTE < share_of(workers) * min(workers, 24) <= BYTES


def test_room_that_a_light_page_leaves_is_used_at_once(
    budget: PageBudget, condition: TellingCondition
) -> None:
    with budget.page("pages", wanted=1) as first, budget.page("pages", wanted=1):
        thread, entered = holding(budget, "audit")
        assert condition.is_waited_for.wait(PATIENCE)

        first.resize(20)

        assert entered.wait(PATIENCE)
    thread.join(PATIENCE)


def test_a_page_larger_than_the_budget_is_held_alone(
    budget: PageBudget, condition: TellingCondition
) -> None:
    used(budget, "pages", 1000)

    with budget.page("pages", wanted=1) as page:
        assert page.held == 1000
        thread, entered = holding(budget, "audit")
        assert condition.is_waited_for.wait(PATIENCE)
        assert not entered.is_set()

    thread.join(PATIENCE)
    assert entered.is_set()


def test_a_page_that_fails_is_released(budget: PageBudget) -> None:
    def fail() -> None:
        with budget.page("pages", wanted=1) as page:
            page.resize(90)
            raise RuntimeError("the page cannot be read")

    for _ in range(5):
        with pytest.raises(RuntimeError):
            fail()

    used(budget, "pages", 100)
    with budget.page("pages", wanted=1) as page:
        assert page.held == 100


def test_a_page_is_held_until_its_records_are_written(budget: PageBudget) -> None:
    under_way: list[Callable[[], None]] = []
    budget.hold_until(under_way.append)

    with budget.page("pages", wanted=1) as page:
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
            with budget.page("pages", wanted=1) as page:
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
