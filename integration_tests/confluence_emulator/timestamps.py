"""Timestamps: stored as epoch milliseconds (UTC), served in Confluence's format."""

from datetime import datetime, timedelta, timezone

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def milliseconds(moment: datetime) -> int:
    """Return the epoch milliseconds of an aware datetime."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def iso(epoch_milliseconds: int) -> str:
    """Return ISO 8601 in UTC with milliseconds; a whole second has no fraction."""
    seconds, fraction = divmod(epoch_milliseconds, 1000)
    moment = datetime.fromtimestamp(seconds, timezone.utc).isoformat()[: -len("+00:00")]
    return f"{moment}.{fraction:03d}Z" if fraction else f"{moment}Z"
