"""What a stream lacks: denied places and unlisted parents, in one warning each at its end."""

from __future__ import annotations

import re

import pytest

from source_confluence.confluence.errors import NotPermitted
from source_confluence.streams.sync.gaps import (
    DENIALS_BEFORE_PLACE_IS_SKIPPED,
    NAMED_AT_MOST,
    Gaps,
)
from unit_tests.run_sync import LOGGER

DENIAL = NotPermitted("The account may not read /views: analytics are restricted")
NAMES = {"1": "ONE", "2": "TWO"}


@pytest.fixture
def gaps() -> Gaps:
    return Gaps("page_views", LOGGER, lambda: NAMES)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]


def test_a_place_is_skipped_after_a_few_denials(gaps: Gaps) -> None:
    for _ in range(DENIALS_BEFORE_PLACE_IS_SKIPPED):
        assert not gaps.skips("1")
        gaps.denied("1", DENIAL)

    assert gaps.skips("1")
    assert not gaps.skips("2")


def test_a_place_of_which_something_was_read_is_never_skipped(gaps: Gaps) -> None:
    gaps.readable.add("1")
    for _ in range(DENIALS_BEFORE_PLACE_IS_SKIPPED * 2):
        gaps.denied("1", DENIAL)

    assert not gaps.skips("1")


def test_the_warning_names_places_and_counts_what_was_skipped(
    gaps: Gaps, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(DENIALS_BEFORE_PLACE_IS_SKIPPED):
        gaps.denied("1", DENIAL)
    assert gaps.skips("1")
    assert gaps.skips("1")
    gaps.denied("3", DENIAL)

    gaps.warn()
    gaps.warn()

    (warning,) = warnings(caplog)
    assert "page_views" in warning
    assert f"ONE ({DENIALS_BEFORE_PLACE_IS_SKIPPED + 2})" in warning
    assert "3 (1)" in warning
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
