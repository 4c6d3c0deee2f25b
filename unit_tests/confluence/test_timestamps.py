"""Timestamps in one form, so that comparing the strings compares the moments."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from source_confluence.confluence import timestamps


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("2024-01-31T09:15:00.123Z", "2024-01-31T09:15:00.123Z"),
        ("2024-01-31T09:15:00Z", "2024-01-31T09:15:00.000Z"),
        ("2024-01-31T09:15:00.1Z", "2024-01-31T09:15:00.100Z"),
        ("2024-01-31T09:15:00.123456Z", "2024-01-31T09:15:00.123Z"),
        ("2024-01-31T09:15:00.999999999Z", "2024-01-31T09:15:00.999Z"),
        ("2024-01-31T09:15Z", "2024-01-31T09:15:00.000Z"),
        ("2024-01-31T09:15:00", "2024-01-31T09:15:00.000Z"),
        ("2024-01-31T09:15:00+02:00", "2024-01-31T07:15:00.000Z"),
        ("2024-01-31T23:15:00.123-02:30", "2024-02-01T01:45:00.123Z"),
        ("2024-01-31T09:15:00.123+00:00", "2024-01-31T09:15:00.123Z"),
        ("2024-01-31 09:15:00", "2024-01-31T09:15:00.000Z"),
        ("2024-01-31", "2024-01-31T00:00:00.000Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
        ("0999-12-31T23:59:59Z", "0999-12-31T23:59:59.000Z"),
    ],
)
def test_canonical(text: str, canonical: str) -> None:
    assert timestamps.canonical(text) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2024-02-30T00:00:00Z",
        "2024-02-30T00:00:00.000Z",
        "2024-01-31T24:00:00.000Z",
        "2024-13-01T00:00:00Z",
        "2024-01-31T25:00:00Z",
        "1717243260",
        "P1D",
        "2024-01-01/2024-02-01",
        "2024-01-31T09:15:00.123Z and more",
    ],
)
def test_refuses_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        timestamps.canonical(text)
    with pytest.raises(ValueError, match=r".+"):
        timestamps.parse(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+02:00", "9999-12-31T23:59:59-02:00"])
def test_refuses_a_moment_that_has_no_date_in_utc(text: str) -> None:
    with pytest.raises(ValueError, match="is out of range"):
        timestamps.canonical(text)


def test_parsed_moments_are_aware() -> None:
    assert timestamps.parse("2024-01-31T09:15:00") == datetime(
        2024, 1, 31, 9, 15, tzinfo=timezone.utc
    )
    assert timestamps.parse("2024-01-31T09:15:00+02:00") == datetime(
        2024, 1, 31, 7, 15, tzinfo=timezone.utc
    )


def test_a_moment_elsewhere_is_told_in_utc() -> None:
    moment = datetime(2024, 1, 31, 1, 15, 0, 7999, tzinfo=timezone(timedelta(hours=2)))

    assert timestamps.from_datetime(moment) == "2024-01-30T23:15:00.007Z"


@pytest.mark.parametrize(
    ("text", "by", "earlier"),
    [
        ("2024-03-01T00:05:00.250Z", timedelta(minutes=10), "2024-02-29T23:55:00.250Z"),
        ("2024-03-01T00:05:00Z", timedelta(0), "2024-03-01T00:05:00.000Z"),
        ("0001-01-01T00:05:00Z", timedelta(minutes=10), "0001-01-01T00:00:00.000Z"),
        ("2024-03-01T00:05:00+01:00", timedelta(days=30), "2024-01-30T23:05:00.000Z"),
    ],
)
def test_earlier(text: str, by: timedelta, earlier: str) -> None:
    assert timestamps.earlier(text, by) == earlier


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2024-01-31T09:15:00.123Z", 1706692500123),
        ("2024-01-31T11:15:00.123+02:00", 1706692500123),
        ("2024-01-31T09:15:00.999Z", 1706692500999),
    ],
)
def test_to_epoch_milliseconds(text: str, milliseconds: int) -> None:
    assert timestamps.to_epoch_milliseconds(text) == milliseconds


def test_order_of_the_strings_is_the_order_of_the_moments() -> None:
    texts = [
        "0987-12-31T23:59:59Z",
        "2023-12-31T23:59:59.999Z",
        "2024-01-01T02:00:00+02:00",
        "2024-01-01T00:00:00.5Z",
        "2024-01-01T00:00:01",
        "2024-01-01T00:00:01.001Z",
        "2024-01-02",
    ]

    canonical = [timestamps.canonical(text) for text in texts]

    assert canonical == sorted(canonical)
    assert len(set(canonical)) == len(texts)


@pytest.mark.parametrize("text", ["Mon, 02 Jun 2025 12:00:00", "Mon, 02 Jun 2025 12:00:00 -0000"])
def test_an_http_date_without_a_zone_is_utc(text: str) -> None:
    assert timestamps.parse_http_date(text) == datetime(2025, 6, 2, 12, tzinfo=timezone.utc)
