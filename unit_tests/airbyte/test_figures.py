"""How the log writes amounts, rates and times."""

from __future__ import annotations

import pytest

from source_confluence.airbyte.figures import amount, duration, rate


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 records"), (1, "1 record"), (12_345, "12,345 records")]
)
def test_amounts(count: int, text: str) -> None:
    assert amount(count, "record") == text


@pytest.mark.parametrize(
    ("count", "seconds", "text"),
    [
        (0, 0, "0.0/s"),
        (5, 0, "0.0/s"),
        (81, 10, "8.1/s"),
        (100, 10, "10/s"),
        (36_000, 2, "18,000/s"),
    ],
)
def test_rates(count: int, seconds: float, text: str) -> None:
    assert rate(count, seconds) == text


@pytest.mark.parametrize(
    ("seconds", "parts", "text"),
    [
        (0, 2, "0 s"),
        (0.4, 2, "0 s"),
        (59.4, 2, "59 s"),
        (60, 2, "1 min"),
        (90.2, 2, "1 min 30 s"),
        (3600 + 59, 2, "1 h 1 min"),
        (7 * 3600 + 29 * 60, 1, "7 h"),
        (100, 1, "2 min"),
        (3 * 86_400 + 3600, 2, "3 d 1 h"),
    ],
)
def test_times(seconds: float, parts: int, text: str) -> None:
    assert duration(seconds, parts) == text


@pytest.mark.parametrize(("seconds", "text"), [(59.7, "1 min"), (3599.9, "1 h"), (86_399, "1 d")])
def test_times_just_below_a_larger_unit(seconds: float, text: str) -> None:
    assert duration(seconds) == text
