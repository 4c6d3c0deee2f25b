"""One worker, and more partitions than may wait: read by the real engine."""

from __future__ import annotations

import threading

import pytest

from source_confluence.airbyte import engine
from source_confluence.airbyte.engine import Engine
from unit_tests.fake_site import FakeSite, Json, Params, page
from unit_tests.fakes import make_setup
from unit_tests.run_sync import LOGGER, entry, run_sync, streams_of

PAGES = 500
LIMIT = 3
CHILDREN = ("page_labels", "page_likes", "page_views")


@pytest.fixture
def site(site: FakeSite, monkeypatch: pytest.MonkeyPatch) -> FakeSite:
    """A site whose pages make many more partitions than may wait."""
    monkeypatch.setattr(engine, "PENDING_PARTITIONS", LIMIT)
    site.pages = [page(number) for number in range(1, PAGES + 1)]
    return site


@pytest.mark.timeout(60)
@pytest.mark.parametrize("num_workers", [1, 2, 3])
@pytest.mark.usefixtures("site")
def test_more_partitions_than_may_wait_do_not_deadlock(num_workers: int) -> None:
    outcome = run_sync(make_setup(num_workers=num_workers), [entry(name) for name in CHILDREN])

    assert outcome.error is None
    assert {outcome.statuses(name)[-1] for name in CHILDREN} == {"COMPLETE"}
    assert len(outcome.records("page_views")) == PAGES


@pytest.mark.timeout(60)
def test_only_a_few_parents_are_listed_before_their_children_are_read(site: FakeSite) -> None:
    """So the memory stays the same, however many parents there are."""
    site.pages = [page(number) for number in range(1, 8 * PAGES + 1)]

    run_sync(make_setup(num_workers=1), [entry("page_views")])

    endpoints = [endpoint for endpoint, _ in site.requests]
    last_list = len(endpoints) - 1 - endpoints[::-1].index("pages")
    assert sum(endpoint.startswith("analytics") for endpoint in endpoints[:last_list]) > PAGES


@pytest.mark.timeout(60)
def test_requests_are_sent_one_at_a_time(site: FakeSite) -> None:
    under_way = threading.Lock()
    overlapping: list[Params] = []

    def watched(params: Params) -> tuple[int, Json] | None:
        if not under_way.acquire(blocking=False):
            overlapping.append(params)
            return None
        threading.Event().wait(0.001)
        under_way.release()
        return None

    site.faults = {"pages": watched}
    site.faults |= {f"analytics/content/{number}/views": watched for number in range(PAGES + 1)}
    site.faults |= {f"pages/{number}/labels": watched for number in range(PAGES + 1)}

    run_sync(make_setup(num_workers=1), [entry("page_views"), entry("page_labels")])

    assert overlapping == []


@pytest.mark.timeout(60)
@pytest.mark.usefixtures("site")
def test_a_thread_that_waits_for_others_ends_when_the_reader_stops_reading() -> None:
    setup = make_setup(num_workers=1)
    before = set(threading.enumerate())

    streams = streams_of(setup, "page_views")
    reader = Engine(1, setup.connection.page_budget, LOGGER)
    with reader.reading([(entry("page_views"), streams["page_views"])]) as messages:
        while next(messages).record is None:
            pass
        threads = set(threading.enumerate()) - before

    for thread in threads:
        thread.join(10)
    assert threads
    assert not any(thread.is_alive() for thread in threads)
