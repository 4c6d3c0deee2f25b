"""Timestamps in one fixed-width form, so that comparing the strings compares the times.

Confluence mostly sends `2024-01-31T09:15:00.123Z`, but not always with a fraction, and a state or
a `start_date` may carry an offset. pendulum parses everything that is not yet in that form.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

import pendulum

_FIRST_MOMENT = datetime.min.replace(tzinfo=timezone.utc)
_CANONICAL = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")


def canonical(text: str) -> str:
    """Return `text` as `YYYY-MM-DDTHH:MM:SS.mmmZ` (UTC, milliseconds).

    Raises ValueError if `text` is not an ISO 8601 date or date-time.
    """
    if _CANONICAL.fullmatch(text):
        datetime.fromisoformat(text[:-1])  # raises for a date that does not exist
        return text
    try:
        return from_datetime(parse(text))
    except OverflowError as error:
        raise ValueError(f"{text!r} is out of range") from error


def parse(text: str) -> datetime:
    """Return the time that an ISO 8601 text names, aware; without an offset it is UTC.

    Raises ValueError if `text` is not an ISO 8601 date or date-time.
    """
    try:
        moment: object = pendulum.parse(text)
    except OverflowError as error:
        raise ValueError(f"{text[:50]!r} is out of range") from error
    if not isinstance(moment, datetime):
        raise ValueError(f"{text!r} is not a date and time")
    return moment


def parse_http_date(text: str) -> datetime:
    """Return the time that an HTTP date names, in UTC.

    Raises ValueError if `text` is not an HTTP date, or one that no datetime can hold.
    """
    try:
        date = parsedate_to_datetime(text)
        return (date if date.tzinfo else date.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)
    except (OverflowError, TypeError, IndexError) as error:
        raise ValueError(f"{text[:50]!r} is not an HTTP date") from error


def from_datetime(moment: datetime) -> str:
    """Return an aware datetime in the fixed-width form."""
    utc = moment.astimezone(timezone.utc)
    return f"{utc.year:04d}-{utc:%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def earlier(text: str, by: timedelta) -> str:
    """Return the time `by` before a timestamp, in the fixed-width form."""
    return from_datetime(max(parse(text), _FIRST_MOMENT + by) - by)


def to_epoch_milliseconds(text: str) -> int:
    """Return a timestamp as milliseconds since 1970-01-01 UTC."""
    return round(parse(text).timestamp() * 1000)
