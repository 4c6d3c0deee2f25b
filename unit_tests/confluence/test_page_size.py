"""How many records to request at once."""

from __future__ import annotations

from random import Random

import pytest

from source_confluence.confluence.page_size import PageSize

RUN = 8


def sizes(size: PageSize, outcomes: str) -> list[int]:
    """The requested sizes while pages are served (+) or fail (-)."""
    requested = []
    for outcome in outcomes:
        requested.append(size.current)
        if outcome == "+":
            size.served(size.current)
        else:
            size.failed(size.current)
    return [*requested, size.current]


def test_stays_full_as_long_as_pages_are_served() -> None:
    assert sizes(PageSize(250), "+" * 20) == [250] * 21


def test_is_halved_at_every_failure_down_to_one() -> None:
    assert sizes(PageSize(250), "-" * 9) == [250, 125, 62, 31, 15, 7, 3, 1, 1, 1]


def test_grows_by_doubling_up_to_below_what_failed() -> None:
    assert sizes(PageSize(250), "----" + "+++") == [250, 125, 62, 31, 15, 30, 30, 30]


def test_goes_beyond_what_failed_after_a_run_of_successes() -> None:
    requested = sizes(PageSize(250), "-" + "+" * (RUN + 1))

    assert requested == [250, *[125] * RUN, 250, 250]


def test_a_failure_starts_the_run_anew() -> None:
    almost = "+" * (RUN - 1)

    requested = sizes(PageSize(8), "-" + almost + "-" + almost)

    assert requested == [8, *[4] * RUN, *[2] * RUN]


def test_grows_from_one() -> None:
    size = PageSize(4)
    sizes(size, "--")
    assert size.current == 1
    sizes(size, "-")

    assert sizes(size, "+" * (RUN + 2))[-3:] == [2, 4, 4]


@pytest.mark.parametrize("full", [1, 2, 3, 7, 100, 250, 1000])
def test_never_leaves_its_bounds(full: int) -> None:
    random = Random(full)
    outcomes = "".join(random.choices("+-", weights=(3, 1), k=300))

    requested = sizes(PageSize(full), outcomes)

    assert min(requested) >= 1
    assert max(requested) == full


def test_recovers_the_full_size_in_the_end() -> None:
    size = PageSize(250)

    sizes(size, "-" * 8 + "+" * 30)

    assert size.current == 250
