"""The emulator as a process, and its record of requests."""

import os
import socket
import time
from collections.abc import Iterator
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
from integration_tests.confluence_emulator.client import V1, V2, EmulatorClient, next_link

SPEC = SiteSpec(seed=5, spaces=5, pages=80, blog_posts=10)
PAGES = V2 + "pages"


@pytest.fixture(scope="module")
def process() -> Iterator[EmulatorProcess]:
    with EmulatorProcess(SPEC, "--email", "e@example.com", "--token", "t", "--fast") as running:
        yield running


@pytest.fixture
def client(process: EmulatorProcess) -> Iterator[EmulatorClient]:
    process.reset()
    with EmulatorClient(process) as visiting:
        yield visiting


def test_a_process_is_controlled_from_another(
    process: EmulatorProcess, client: EmulatorClient
) -> None:
    process.add_fault(Fault(match="/pages", status=429, wait=("seconds", 3)))
    process.set_admin(False)
    process.forbid({"/group": 401})

    assert client.get(PAGES).headers["Retry-After"] == "3"
    assert client.get(V1 + "audit").status_code == 403
    assert client.get(V1 + "group").status_code == 401
    process.set_admin(True)
    process.forbid({})
    process.limit_rate(0.001, burst=1, style="zero")
    assert [client.get(PAGES).status_code for _ in range(2)] == [200, 429]
    process.remove_rate_limit()
    assert client.get(V1 + "audit").status_code == 200
    assert process.requests.counts() == {PAGES: 3, V1 + "audit": 2, V1 + "group": 1}
    assert process.requests.counts(status=429) == {PAGES: 2}


def test_a_bandwidth_limits_each_connection() -> None:
    spec = SiteSpec(pages=25, body_bytes=4_000, trashed_page_share=0, archived_page_share=0)
    limited = Settings(bandwidth=200_000)
    with Emulator(spec, limited) as emulator, EmulatorClient(emulator) as client:
        started = time.monotonic()
        answer = client.get(PAGES, {"limit": 25, "body-format": "storage"})
        seconds = time.monotonic() - started

    assert len(answer.json()["results"]) == 25
    assert seconds >= len(answer.content) / 200_000 > 0.4


@pytest.mark.parametrize(
    "settings", [Settings(requests_per_connection=1), Settings(idle_seconds=0.05)]
)
def test_the_server_closes_a_connection_without_a_word(settings: Settings) -> None:
    with Emulator(SPEC, settings) as emulator:
        port = int(emulator.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(b"GET /wiki/api/v2/pages HTTP/1.1\r\n\r\n")
            received = connection.makefile("rb").read()  # to the end of the connection

    assert received.startswith(b"HTTP/1.1 ")
    assert b"connection: close" not in received.lower()


def test_a_mutation_shows_at_once_in_ready_answers(
    process: EmulatorProcess, client: EmulatorClient
) -> None:
    query = {"sort": "-modified-date", "limit": 2}
    before = client.content(PAGES, query)["results"]

    edited = process.mutate("edit", kind="page", content_id=before[1]["id"], text="new")

    after = client.content(PAGES, query)["results"]
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
def test_an_invalid_operation_is_an_error(
    process: EmulatorProcess, operation: str, arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        process.perform(operation, arguments)


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


def test_a_process_that_cannot_start_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="ended with 2"):
        EmulatorProcess(SPEC, "--nothing").__enter__()


def test_every_request_is_on_record() -> None:
    with Emulator(SPEC) as emulator, EmulatorClient(emulator) as client:
        client.get(PAGES, {"limit": "5", "space-id": "1,2"})
        number = next(iter(emulator.site.pages)).id
        response = client.get(f"{PAGES}/{number}")
        first, second = emulator.requests

    assert (first.method, first.path, first.status) == ("GET", PAGES, 200)
    assert first.query == {"limit": ["5"], "space-id": ["1,2"]}
    assert (second.path, second.template) == (f"{PAGES}/{number}", PAGES + "/{id}")
    assert second.bytes == len(response.content)
    assert first.arrived_at <= second.arrived_at
    assert first.authorized


def test_warm_answers_are_those_of_a_cold_emulator() -> None:
    query = {"limit": 30, "body-format": "storage"}
    with Emulator(SPEC, Settings(fast=True)) as emulator, EmulatorClient(emulator) as client:
        taken = emulator.warm(f"{PAGES}?body-format=storage&limit=30")
        warm = client.pages(PAGES, query)
        assert (taken, len(emulator.requests)) == (3, 3)
        emulator.settings.fast = False
        cold = client.pages(PAGES, query)
        emulator.settings.fast = True
        emulator.add_fault(Fault(kind="short_page"))
        assert len(client.content(PAGES, query)["results"]) == 1

    assert [page["results"] for page in warm] == [page["results"] for page in cold]
    assert next_link(warm[-1]) is None
