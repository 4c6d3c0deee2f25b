"""Each fault does what its name says, to as many requests as it should."""

import socket
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timezone
from typing import Any

import pytest
import requests

from integration_tests.confluence_emulator import Emulator, Fault, Settings, SiteSpec, poisoned
from integration_tests.confluence_emulator.client import (
    V1,
    V2,
    EmulatorClient,
    cursor,
    ids,
    next_link,
)
from integration_tests.confluence_emulator.http import basic

NOW = datetime(2031, 5, 17, 12, 30, 15, 250_000, tzinfo=timezone.utc)
PAGES = V2 + "pages"
BY_FIVE = {"limit": 5, "body-format": "storage"}


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    spec = SiteSpec(spaces=3, pages=24, blog_posts=6, groups=9, archived_page_share=0.0)
    with Emulator(spec, Settings(clock=lambda: NOW)) as running:
        yield running


@pytest.fixture
def client(emulator: Emulator) -> Iterator[EmulatorClient]:
    with EmulatorClient(emulator) as visiting:
        yield visiting


def pages_in_order(emulator: Emulator) -> list[str]:
    return ids(sorted(emulator.expected("pages"), key=lambda page: int(page["id"])))


def test_a_status_comes_with_its_headers_and_body(
    emulator: Emulator, client: EmulatorClient
) -> None:
    fault = emulator.faults.add(
        Fault(status=503, wait=("date", 2), headers={"X-Failure": "yes"}, body="busy")
    )

    first, second = client.get(PAGES), client.get(PAGES)

    assert (first.status_code, first.text, second.status_code) == (503, "busy", 200)
    assert first.headers["Retry-After"] == "Sat, 17 May 2031 12:30:18 GMT"
    assert first.headers["X-Failure"] == "yes"
    assert (fault.met, fault.fired) == (1, 1)


@pytest.mark.parametrize(
    ("options", "statuses"),
    [
        ({"times": 2}, [500, 500, 200, 200, 200, 200]),
        ({"times": None}, [500, 500, 500, 500, 500, 500]),
        ({"skip": 2}, [200, 200, 500, 200, 200, 200]),
        ({"every": 2, "times": None}, [200, 500, 200, 500, 200, 500]),
        ({"skip": 1, "every": 3, "times": 1}, [200, 200, 200, 500, 200, 200]),
    ],
)
def test_how_often(
    emulator: Emulator, client: EmulatorClient, options: dict[str, Any], statuses: list[int]
) -> None:
    emulator.add_fault(Fault(**options))

    assert [client.get(PAGES).status_code for _ in statuses] == statuses


@pytest.mark.parametrize("fault", [{"kind": "nothing"}, {"match": "("}])
def test_an_invalid_fault_is_an_error(fault: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"nothing|regular expression"):
        Fault(**fault)


@pytest.mark.parametrize("status", [200, 502])
def test_html(emulator: Emulator, client: EmulatorClient, status: int) -> None:
    emulator.add_fault(Fault(kind="html", status=status))

    response = client.get(PAGES)

    assert response.status_code == status
    assert response.headers["Content-Type"].startswith("text/html")
    assert response.text.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("kind", ["reset", "truncated"])
def test_a_broken_connection(emulator: Emulator, client: EmulatorClient, kind: str) -> None:
    emulator.add_fault(Fault(kind=kind))

    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        client.get(PAGES)
    assert client.get(PAGES).status_code == 200
    assert [record.status for record in emulator.requests] == [0 if kind == "reset" else 200, 200]


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [("reset", pytest.raises(ConnectionResetError)), ("timeout", nullcontext())],
    ids=["RST", "FIN"],
)
def test_how_a_connection_ends(
    emulator: Emulator, kind: str, outcome: AbstractContextManager[object]
) -> None:
    emulator.add_fault(Fault(kind=kind, seconds=0))
    address = ("127.0.0.1", int(emulator.url.rpartition(":")[2]))
    authorization = basic(emulator.email, emulator.token)

    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(
            f"GET {PAGES} HTTP/1.1\r\nAuthorization: {authorization}\r\n\r\n".encode()
        )
        with outcome:
            assert connection.recv(1) == b""


def test_a_response_that_never_comes(emulator: Emulator, client: EmulatorClient) -> None:
    emulator.add_fault(Fault(kind="timeout", seconds=30))

    with pytest.raises(requests.Timeout):
        client.get(PAGES, timeout=0.2)
    assert client.get(PAGES).status_code == 200


def test_a_delayed_response_ends_with_the_connection(
    emulator: Emulator, client: EmulatorClient
) -> None:
    emulator.add_fault(Fault(kind="timeout", seconds=0.1))
    started = time.monotonic()

    with pytest.raises(requests.ConnectionError):
        client.get(PAGES)

    assert 0.1 <= time.monotonic() - started < 5


def test_big_pages_of_bodies_are_too_much(emulator: Emulator, client: EmulatorClient) -> None:
    emulator.add_fault(Fault(match="/pages", kind="oversize", amount=10, times=None))

    assert client.get(PAGES, {"limit": 11, "body-format": "storage"}).status_code == 504
    assert client.get(PAGES, {"body-format": "storage"}).status_code == 504
    assert client.get(PAGES, {"limit": 10, "body-format": "storage"}).status_code == 200
    assert client.get(PAGES, {"limit": 250}).status_code == 200


def test_a_poisoned_record_spoils_every_answer_with_its_body(
    emulator: Emulator, client: EmulatorClient
) -> None:
    poisoned = pages_in_order(emulator)[6]
    emulator.add_fault(Fault(kind="poison", record_id=poisoned, times=None))

    first = client.content(PAGES, BY_FIVE)
    second = client.get(PAGES, {**BY_FIVE, "cursor": cursor(next_link(first))})
    alone = client.get(f"{PAGES}/{poisoned}", {"body-format": "storage"})

    assert (second.status_code, alone.status_code) == (500, 500)
    assert client.get(f"{PAGES}/{poisoned}").status_code == 200
    assert ids(client.records(PAGES)) == pages_in_order(emulator)


@pytest.mark.parametrize("status", [404, 500])
def test_everything_below_one_page_can_be_poisoned(
    emulator: Emulator, client: EmulatorClient, status: int
) -> None:
    number, other = pages_in_order(emulator)[:2]
    fault = emulator.faults.add(poisoned(number, status))
    below = ("labels", "versions", "properties", "likes/users", "footer-comments", "attachments")

    for part in below:
        assert client.get(f"{PAGES}/{number}/{part}").status_code == status
        assert client.get(f"{PAGES}/{other}/{part}").status_code == 200
    assert client.get(f"{PAGES}/{number}", {"include-labels": "true"}).status_code == status
    v1 = (f"content/{number}/restriction/byOperation", f"analytics/content/{number}/views")
    assert {client.get(V1 + path).status_code for path in v1} == {status}
    assert client.get(f"{PAGES}/{number}").status_code == 200
    assert client.get(PAGES, {"id": f"{number},{other}"}).status_code == 200
    assert fault.fired == len(below) + 3


def test_one_bad_ancestor_spoils_a_batch(emulator: Emulator, client: EmulatorClient) -> None:
    bad, good = pages_in_order(emulator)[:2]
    match = "content/search.*expand=[^&]*ancestors"
    emulator.add_fault(Fault(match, "bad_record", status=404, record_id=bad, times=None))

    def status(numbers: str, expand: str) -> int:
        query = {"cql": f"id in ({numbers})", "expand": expand}
        return client.get(V1 + "content/search", query).status_code

    assert status(f"{bad},{good}", "space,ancestors") == 404
    assert status(good, "ancestors") == 200
    assert status(f"{bad},{good}", "metadata.labels") == 200


def test_a_big_search_with_expand_is_too_much(emulator: Emulator, client: EmulatorClient) -> None:
    emulator.add_fault(Fault(match="content/search", kind="oversize", amount=100, times=None))
    query = {"cql": "type=page", "limit": 101}

    assert client.get(V1 + "content/search", query).status_code == 200
    assert client.get(V1 + "content/search", {**query, "expand": "version"}).status_code == 504
