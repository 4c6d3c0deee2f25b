"""What a stream lacks: denied places and unlisted parents, in one warning each at its end."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from source_confluence.confluence.errors import NotPermitted
from source_confluence.streams.sync.gaps import NAMED_AT_MOST, Gaps
from unit_tests.run_sync import LOGGER

DENIAL = NotPermitted("The account may not read /views: analytics are restricted")
PART = {"parent": "pages", "page": 0, "pageId": ["1", "2"]}
NAMES = {"1": "ONE", "2": "TWO"}


@pytest.fixture
def gaps() -> Gaps:
    return Gaps("page_views", LOGGER, lambda: NAMES)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]


def requested(gaps: Gaps, place: str, count: int) -> list[int]:
    """Deny the elements of a place; return the numbers of those that were requested."""
    found = []
    for number in range(count):
        if not gaps.postpones(place, PART, str(number)):
            found.append(number)
            gaps.denied(place, DENIAL)
    return found


def test_all_of_a_small_place_is_requested(gaps: Gaps) -> None:
    assert requested(gaps, "1", 10) == list(range(10))


@pytest.mark.parametrize(("count", "expected"), [(100, 29), (1_000, 54), (50_000, 93)])
def test_of_a_place_that_denies_everything_little_is_requested(
    gaps: Gaps, count: int, expected: int
) -> None:
    found = requested(gaps, "1", count)

    assert len(found) == pytest.approx(expected, rel=0.1)
    assert not gaps.postpones("2", PART, "1")
    steps = pairwise([*found, count])
    assert all(later - earlier <= 1 + later // 10 for earlier, later in steps)


def test_what_was_postponed_is_reopened_once_something_was_read(gaps: Gaps) -> None:
    others = {"pageId": ["x"]}
    read = requested(gaps, "1", 40)
    requested(gaps, "2", 40)
    while not gaps.postpones("1", others, "x"):
        gaps.denied("1", DENIAL)
    assert gaps.next_reopened() is None

    gaps.readable("1")

    postponed = [str(number) for number in range(40) if number not in read]
    reopened = [gaps.next_reopened(), gaps.next_reopened()]
    assert reopened == [(others, ["x"]), (PART, postponed)]
    assert gaps.next_reopened() is None


def test_a_place_of_which_something_was_read_is_requested_whole(gaps: Gaps) -> None:
    gaps.readable("1")

    assert len(requested(gaps, "1", 100)) == 100


def test_the_warning_names_places_and_counts_what_was_not_requested(
    gaps: Gaps, caplog: pytest.LogCaptureFixture
) -> None:
    found = requested(gaps, "1", 50)
    requested(gaps, "2", 50)
    gaps.denied("3", DENIAL)
    gaps.readable("2")

    gaps.warn()
    gaps.warn()

    (warning,) = warnings(caplog)
    assert "page_views" in warning
    assert "ONE (50)" in warning
    assert f"TWO ({len(found)})" in warning
    assert "3 (1)" in warning
    assert str(50 - len(found)) in warning
    assert DENIAL.message in warning


def test_the_warning_names_at_most_ten_and_counts_the_rest(
    gaps: Gaps, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(100, 125):
        gaps.denied(str(number), DENIAL)
        gaps.unlisted(str(number))

    gaps.warn()

    for warning in warnings(caplog):
        assert len(re.findall(r"\b1[012]\d\b", warning)) == NAMED_AT_MOST
        assert "15 more" in warning
    assert len(warnings(caplog)) == 2


def test_without_gaps_nothing_is_logged(gaps: Gaps, caplog: pytest.LogCaptureFixture) -> None:
    assert not gaps.has_any

    gaps.warn()

    assert warnings(caplog) == []
