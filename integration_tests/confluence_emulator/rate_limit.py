"""Rate limiting: a token bucket, and the headers that tell a client how long to wait."""

import math
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from threading import Lock

RETRY_AFTER_STYLES = ("seconds", "date", "zero", "none", "reset")


def retry_after_headers(style: str, seconds: float, now: datetime) -> dict[str, str]:
    """Return the headers that tell a client to wait for `seconds`.

    Styles: seconds, date, zero, none (the gateway sometimes sends no header) and reset
    (X-RateLimit-Reset, ISO 8601). Raises ValueError for another style.
    """
    moment = now + timedelta(seconds=seconds)
    if style == "none":
        return {}
    if style == "seconds":
        return {"Retry-After": str(math.ceil(seconds))}
    if style == "zero":
        return {"Retry-After": "0"}
    if style == "date":
        rounded = (moment + timedelta(microseconds=999_999)).replace(microsecond=0)
        return {"Retry-After": format_datetime(rounded, usegmt=True)}
    if style == "reset":
        return {"X-RateLimit-Reset": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}
    raise ValueError(f"Unknown style of waiting: {style}")


class TokenBucket:
    """A rate limit for the whole site: `rate` requests per second, `burst` at once."""

    def __init__(
        self,
        rate: float,
        burst: float | None = None,
        style: str = "seconds",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start full; the default `burst` is one second's worth of requests."""
        self.style = style
        self._rate = rate
        self._burst = max(1.0, rate if burst is None else burst)
        self._clock = clock
        self._tokens = self._burst
        self._moment = clock()
        self._lock = Lock()

    def take(self) -> float | None:
        """Take a token and return None, or return the seconds until one is available."""
        with self._lock:
            now = self._clock()
            self._tokens = min(self._burst, self._tokens + (now - self._moment) * self._rate)
            self._moment = now
            if self._tokens >= 1:
                self._tokens -= 1
                return None
            return (1 - self._tokens) / self._rate
