"""Time, as something that tests can replace."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from functools import partial
from typing import Protocol


class Clock(Protocol):
    """What the connector needs of time."""

    def monotonic(self) -> float:
        """Return seconds since some fixed moment; never goes back."""
        ...

    def utcnow(self) -> datetime:
        """Return the current time, aware, in UTC."""
        ...

    def sleep(self, seconds: float, /) -> None:
        """Block the calling thread for `seconds`."""
        ...


class SystemClock:
    """The clock of the machine."""

    monotonic = staticmethod(time.monotonic)
    utcnow = staticmethod(partial(datetime.now, timezone.utc))
    sleep = staticmethod(time.sleep)
