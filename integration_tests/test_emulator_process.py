"""The emulator as a process, its record of requests, and its speed."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

import pytest
import requests

from integration_tests.confluence_emulator import (
    Emulator,
    EmulatorProcess,
    Fault,
    Settings,
    SiteSpec,
)
from integration_tests.confluence_emulator.site import Site
from integration_tests.confluence_emulator.visitor import V1, V2, Visitor, next_link

SPEC = SiteSpec(seed=5, spaces=5, pages=80, blog_posts=10)
PAGES = V2 + "pages"


@pytest.fixture(scope="module")
def process() -> Iterator[EmulatorProcess]:
    with EmulatorProcess(SPEC, "--email", "e@example.com", "--token", "t", "--fast") as running:
        yield running


@pytest.fixture
def visitor(process: EmulatorProcess) -> Iterator[Visitor]:
    process.reset()
    with Visitor(process) as visiting:
        yield visiting


def test_a_process_serves_the_same_site(process: EmulatorProcess, visitor: Visitor) -> None:
    site = Site(SPEC)

    records = visitor.records(PAGES, {"status": "current,archived,trashed", "limit": 250})

    assert (process.email, process.token) == ("e@example.com", "t")
    assert [record["title"] for record in records] == [page.title for page in site.pages]
    keys = {"space_keys": ["SP0"], "statuses": ["current"], "body_format": "storage"}
    with Emulator(SPEC) as emulator:
        assert process.expected("pages", **keys) == emulator.expected("pages", **keys)  # type: ignore[arg-type]


def test_a_process_is_controlled_from_another(process: EmulatorProcess, visitor: Visitor) -> None:
    process.add_fault(Fault(match="/pages", status=429, wait=("seconds", 3)))
    process.set_admin(False)
    process.forbid({"/group": 401})

    assert visitor.get(PAGES).headers["Retry-After"] == "3"
    assert visitor.get(V1 + "audit").status_code == 403
    assert visitor.get(V1 + "group").status_code == 401
    process.set_admin(True)
    process.forbid({})
    process.limit_rate(0.001, burst=1, style="zero")
    assert [visitor.get(PAGES).status_code for _ in range(2)] == [200, 429]
    process.lift_rate()
    assert visitor.get(V1 + "audit").status_code == 200
    assert process.requests.counts() == {PAGES: 3, V1 + "audit": 2, V1 + "group": 1}
    assert process.requests.counts(status=429) == {PAGES: 2}


def test_a_mutation_shows_at_once_in_ready_answers(
    process: EmulatorProcess, visitor: Visitor
) -> None:
    query = {"sort": "-modified-date", "limit": 2}
    before = visitor.content(PAGES, query)["results"]

    edited = process.mutate("edit", kind="page", content_id=before[1]["id"], text="new")

    after = visitor.content(PAGES, query)["results"]
    assert [after[0], after[1]] == [edited, before[0]]
    age = datetime.now(timezone.utc) - datetime.fromisoformat(
        edited["version"]["createdAt"].replace("Z", "+00:00")
    )
    assert timedelta(0) <= age < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("operation", "arguments", "message"),
    [
        ("nothing", {}, "Unknown operation"),
        ("mutations", {"action": "_find"}, "Unknown mutation"),
        ("mutations", {"action": "edit", "kind": "page", "content_id": "1"}, "page 1"),
        ("settings", {"clock": 1}, "Not a setting"),
        ("faults", {"kind": "status", "colour": "red"}, "colour"),
        ("truth", {"stream": "nothing"}, "Unknown stream"),
    ],
)
def test_bad_control_is_refused(
    process: EmulatorProcess, operation: str, arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        process.perform(operation, arguments)


def test_control_by_hand(process: EmulatorProcess, visitor: Visitor) -> None:
    visitor.get(PAGES)

    record = requests.get(process.url + "/_emulator/requests", timeout=10).json()
    truth = requests.get(process.url + "/_emulator/truth/group", timeout=10).json()

    assert record["counts"] == {PAGES: 1}
    assert truth["records"] == process.expected("group")


def test_a_process_ends_with_its_context() -> None:
    with EmulatorProcess(SiteSpec(pages=1), "--skew", "-3600") as emulator:
        response = requests.get(emulator.url + PAGES, timeout=10)
        date = parsedate_to_datetime(response.headers["Date"])
        pid, url = emulator.pid, emulator.url

    assert timedelta(0) < datetime.now(timezone.utc) - timedelta(hours=1) - date < timedelta(0, 60)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=10)


def test_a_process_that_cannot_start_says_so() -> None:
    with pytest.raises(RuntimeError, match="ended with 2"):
        EmulatorProcess(SPEC, "--nothing").__enter__()


def test_every_request_is_on_record() -> None:
    with Emulator(SPEC) as emulator, Visitor(emulator) as visitor:
        visitor.get(PAGES, {"limit": "5", "space-id": "1,2"})
        number = next(iter(emulator.site.pages)).id
        response = visitor.get(f"{PAGES}/{number}")
        first, second = emulator.requests

    assert (first.method, first.path, first.status) == ("GET", PAGES, 200)
    assert first.query == {"limit": ["5"], "space-id": ["1,2"]}
    assert (second.path, second.template) == (f"{PAGES}/{number}", PAGES + "/{id}")
    assert second.bytes == len(response.content)
    assert first.moment <= second.moment
    assert first.authorized


def test_concurrency_is_on_record() -> None:
    settings = Settings(latency=0.5)
    with Emulator(SPEC, settings) as emulator, ThreadPoolExecutor(4) as pool:
        started = time.monotonic()
        list(pool.map(lambda _: requests.get(emulator.url + PAGES, timeout=10), range(4)))
        elapsed = time.monotonic() - started

    assert emulator.requests.peak_in_flight == 4
    assert elapsed >= 0.5


def test_an_ended_emulator_answers_nobody() -> None:
    with Emulator(SPEC) as emulator:
        visitor = Visitor(emulator)
        visitor.get(PAGES)

    with visitor, pytest.raises(requests.ConnectionError):
        visitor.get(PAGES)


def test_warm_answers_are_those_of_a_cold_emulator() -> None:
    query = {"limit": 30, "body-format": "storage"}
    with Emulator(SPEC, Settings(fast=True)) as emulator, Visitor(emulator) as visitor:
        taken = emulator.warm(f"{PAGES}?body-format=storage&limit=30")
        warm = visitor.pages(PAGES, query)
        assert (taken, len(emulator.requests)) == (3, 3)
        emulator.settings.fast = False
        cold = visitor.pages(PAGES, query)
        emulator.settings.fast = True
        emulator.add_fault(Fault(kind="short_page"))
        assert len(visitor.content(PAGES, query)["results"]) == 1

    assert [page["results"] for page in warm] == [page["results"] for page in cold]
    assert next_link(warm[-1]) is None


def test_a_large_site_is_made_quickly() -> None:
    started = time.monotonic()

    site = Site(SiteSpec(pages=10_000, spaces=40))

    assert len(site.pages) == 10_000
    assert time.monotonic() - started < 2
