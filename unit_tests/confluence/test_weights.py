"""What records weigh, as learned from pages of results."""

from __future__ import annotations

import pytest

from source_confluence.confluence.weights import Weights

SHARE = 1000


def learned(*pages: tuple[int, int]) -> Weights:
    """Weights that know pages of results of one stream: records and bytes."""
    weights = Weights()
    for records, size in pages:
        weights.learn("pages", records, size)
    return weights


def test_nothing_is_known_of_other_streams() -> None:
    weights = learned((10, 1000))

    assert weights.records_in(SHARE, "audit") is None
    assert weights.of_page("audit", 250, SHARE, is_heavy=True) == SHARE
    assert not weights.is_known("audit")


def test_an_empty_page_says_nothing_of_records() -> None:
    weights = learned((0, 50))

    assert not weights.is_known("pages")
    assert weights.records_in(SHARE, "pages") is None


@pytest.mark.parametrize(("size", "fitting"), [(10_000, 9), (1_000, 90), (200, 450), (10**9, 1)])
def test_fills_most_of_a_share(size: int, fitting: int) -> None:
    assert learned((100, size)).records_in(SHARE, "pages") == fitting


def test_a_heavy_record_counts_for_some_pages_only() -> None:
    weights = learned(*[(100, 1000)] * 5, (1, 20_000))
    assert (weights.records_in(SHARE, "pages") or 0) < 30

    fitting = []
    for _ in range(10):
        weights.learn("pages", 20, 200)
        fitting.append(weights.records_in(SHARE, "pages") or 0)

    assert fitting == sorted(fitting)
    assert fitting[-1] > 50


def test_the_estimate_of_a_page_decays_slowly() -> None:
    weights = Weights()
    estimates = []

    for size in (50, 5, 5, 70, 5, 63, 64, 5):
        weights.learn("pages", 1, size)
        estimates.append(weights.of_page("pages", 1, SHARE, is_heavy=False))

    assert estimates == [50, 45, 40, 70, 63, 63, 64, 57]


def test_heavy_records_are_expected_to_come_in_the_number_requested() -> None:
    weights = learned((4, 80))

    assert weights.of_page("pages", 40, SHARE, is_heavy=True) == 800
    assert weights.of_page("pages", 40, SHARE, is_heavy=False) == 80


def test_one_large_page_does_not_make_the_next_one_take_more_than_its_share() -> None:
    weights = learned(*[(100, 500)] * 9, (100, 30_000))

    assert weights.of_page("pages", 5, SHARE, is_heavy=True) == SHARE


def test_a_single_record_may_take_more() -> None:
    weights = learned((1, 40_000))

    assert weights.records_in(SHARE, "pages") == 1
    assert weights.of_page("pages", 1, SHARE, is_heavy=True) == 40_000
