"""The clock of the machine."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

from source_confluence.confluence.clock import SystemClock


def test_tells_the_time_of_the_machine() -> None:
    clock = SystemClock()

    before = time.monotonic()
    assert before <= clock.monotonic() <= time.monotonic()
    assert clock.utcnow().utcoffset() == timedelta(0)
    assert abs(clock.utcnow() - datetime.now(timezone.utc)) < timedelta(minutes=1)


def test_sleeps_for_as_long_as_it_is_told() -> None:
    clock = SystemClock()
    before = clock.monotonic()

    clock.sleep(0.001)

    assert clock.monotonic() - before >= 0.001
