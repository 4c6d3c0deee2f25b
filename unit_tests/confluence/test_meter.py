"""What a sync has cost, stream by stream."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from source_confluence.confluence.meter import Cost, Meter


def test_nothing_yet() -> None:
    meter = Meter()

    assert meter.cost("pages") == Cost(requests=0, throttled_seconds=0.0)
    assert meter.total() == Cost(requests=0, throttled_seconds=0.0)


def test_each_stream_by_itself_and_all_together() -> None:
    meter = Meter()

    meter.requested("pages", 1.5)
    meter.requested("pages", 2.0)
    meter.requested("audit")
    meter.requested("space", 0.25)

    assert meter.cost("pages") == Cost(requests=2, throttled_seconds=3.5)
    assert meter.cost("audit") == Cost(requests=1, throttled_seconds=0.0)
    assert meter.cost("space") == Cost(requests=1, throttled_seconds=0.25)
    assert meter.total() == Cost(requests=4, throttled_seconds=3.75)


def test_counts_for_many_workers() -> None:
    meter = Meter()

    def work() -> None:
        for _ in range(500):
            meter.requested("pages", 0.5)

    with ThreadPoolExecutor(max_workers=4) as pool:
        for end in [pool.submit(work) for _ in range(4)]:
            end.result()

    assert meter.cost("pages") == Cost(requests=2000, throttled_seconds=1000.0)
