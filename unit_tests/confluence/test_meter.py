"""How many requests a sync has sent, stream by stream."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import pytest

from source_confluence.confluence.meter import Meter


def in_thread(work: object) -> None:
    assert callable(work)
    thread = Thread(target=work)
    thread.start()
    thread.join()


def test_nothing_yet() -> None:
    meter = Meter()

    assert meter.requests("pages") == 0
    assert meter.total() == 0


def test_each_stream_by_itself_and_all_together() -> None:
    meter = Meter()

    for stream in ("pages", "pages", "audit", "space"):
        meter.requested(stream)

    assert [meter.requests(stream) for stream in ("pages", "audit", "space")] == [2, 1, 1]
    assert meter.total() == 4


def test_counts_for_many_workers() -> None:
    meter = Meter()

    def work() -> None:
        for _ in range(500):
            meter.requested("pages")

    with ThreadPoolExecutor(max_workers=4) as pool:
        for end in [pool.submit(work) for _ in range(4)]:
            end.result()

    assert meter.requests("pages") == 2000


def test_a_request_is_charged_to_the_stream_that_its_worker_works_for() -> None:
    meter = Meter()
    meter.charge_to("page_labels")

    meter.requested("pages")
    in_thread(lambda: meter.requested("pages"))

    assert meter.requests("page_labels") == 1
    assert meter.requests("pages") == 1


def test_a_worker_charges_another_stream_for_a_while() -> None:
    meter = Meter()
    meter.charge_to("page_likes")

    def work() -> None:
        with meter.charging("page_labels"):
            meter.requested("pages")
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        work()

    assert meter.payer == "page_likes"
    assert meter.requests("page_labels") == 1


def test_a_shared_list_is_charged_to_the_stream_that_needs_it_first() -> None:
    meter = Meter()

    def pages(count: int) -> Iterator[int]:
        for number in range(count):
            meter.requested("pages")
            yield number

    shared = meter.to_first(pages, 3)

    def read(stream: str) -> None:
        meter.charge_to(stream)
        next(shared, None)
        assert meter.payer == stream

    for stream in ("page_labels", "users", "users", "users"):
        in_thread(lambda stream=stream: read(stream))

    assert meter.requests("page_labels") == meter.total() == 3
