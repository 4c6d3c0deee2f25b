"""Servers that send too much, too slowly, or nonsense: no request hangs, no memory fills."""

from __future__ import annotations

import gzip
import logging
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import repeat
from pathlib import Path
from secrets import token_hex

import pytest

from integration_tests.connector import CONSOLE_SCRIPT, Connector, Run, catalog_of, peak_of
from integration_tests.hostile_server import OK, HostileServer
from source_confluence.confluence.body import SMALL, Room
from source_confluence.confluence.connection import Connection
from source_confluence.confluence.credentials import ApiToken
from source_confluence.confluence.errors import (
    ConfluenceError,
    NotConfluence,
    ResponseTooLarge,
    ServerError,
    Throttled,
)
from source_confluence.confluence.retry_policy import RetryLimits
from source_confluence.confluence.site import Site

MEGABYTE = 1 << 20
PEAK = 600 * MEGABYTE
SECONDS = 10
"""How long the memory is measured, after the first request."""
STREAMS = ("space_permissions", "space_labels", "blog_posts", "group")
"""Of these, the first two are read by many workers at once."""
LIMITS = RetryLimits(connect_timeout=1, read_timeout=0.5, response_timeout=1, longest_wait=1)
Pieces = Callable[[HostileServer], Iterable[bytes]]


def get(server: HostileServer, room: Room = SMALL, attempts: int = 1) -> object:
    connection = Connection.open(
        Site.named(server.url),
        ApiToken("you@example.com", "a-token"),
        logging.getLogger("hostile"),
        limits=LIMITS,
    )
    url = f"{connection.site.v2}pages"
    response = connection.client.get(url, {}, stream="pages", attempts=attempts, room=room)
    return response.body


def error_from(pieces: Pieces) -> ConfluenceError:
    """What a request raises, in far less time than the test has."""
    with HostileServer(lambda _path: pieces(server)) as server:
        started = time.monotonic()
        with pytest.raises(ConfluenceError) as raised:
            get(server)
        assert time.monotonic() - started < 5
    return raised.value


def chunked(server: HostileServer) -> Iterator[bytes]:
    yield OK + b"Transfer-Encoding: chunked\r\n\r\n"
    for byte in server.drip(b"[ "):
        yield b"1\r\n" + byte + b"\r\n"


DRIPPING: dict[str, Pieces] = {
    "status line": lambda server: server.drip(OK),
    "headers": lambda server: _then(OK, server.drip(b"X-A: b\r\nX")),
    "body": lambda server: _then(OK + b"Content-Length: 999\r\n\r\n", server.drip(b"[ ")),
    "body without a length": lambda server: _then(OK + b"\r\n", server.drip(b"[ ")),
    "body of an error": lambda server: _then(
        b"HTTP/1.1 404 No\r\nContent-Length: 999\r\n\r\n", server.drip(b"[ ")
    ),
    "chunks": chunked,
    "length of a chunk": lambda server: _then(
        OK + b"Transfer-Encoding: chunked\r\n\r\n", server.drip(b"0000")
    ),
    "trailer": lambda server: _then(
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n", server.drip(b"X: y\r\nX")
    ),
    "redirect": lambda server: _then(
        b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 99\r\n\r\n", server.drip(b"<")
    ),
}


def _then(head: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest


@pytest.mark.parametrize("part", DRIPPING)
def test_a_dripping_response_ends_at_its_deadline(part: str) -> None:
    error = error_from(DRIPPING[part])

    assert type(error) is ServerError
    assert "within 1 s" in error.message


def test_a_dripping_response_gets_two_attempts() -> None:
    with HostileServer(lambda _path: server.drip(OK)) as server:
        with pytest.raises(ServerError, match="within 1 s"):
            get(server, attempts=9)

        assert len(server.paths) == 2


def test_a_silent_server_is_not_called_slow() -> None:
    error = error_from(lambda server: server.drip(b"H", seconds=9))

    assert type(error) is ServerError
    assert "did not answer in time" in error.message


HEADERS: dict[str, Iterable[bytes]] = {
    "a header without an end": (OK + b"X: ", *repeat(b"x" * MEGABYTE, 50)),
    "headers without an end": (OK, *repeat(b"X: y\r\n" * 10_000, 50)),
    "long headers": (OK, *repeat(b"X: " + b"y" * 60_000 + b"\r\n", 99), b"\r\n[]"),
    "100 Continue without an end": repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, 1000),
}


@pytest.mark.parametrize("name", HEADERS)
def test_headers_have_a_limit(name: str) -> None:
    assert type(error_from(lambda _server: HEADERS[name])) is ServerError


def test_a_redirect_is_not_followed_and_its_body_not_kept() -> None:
    head = b"HTTP/1.1 301 Moved\r\nLocation: http://[\r\nContent-Length: 999999999\r\n\r\n"

    error = error_from(lambda _server: _then(head, repeat(b"x" * MEGABYTE, 900)))

    assert type(error) is NotConfluence


@pytest.mark.parametrize("status", [401, 500])
def test_the_body_of_an_error_is_cut_off(status: int) -> None:
    head = b"HTTP/1.1 %d No\r\nContent-Length: 999999999\r\n\r\n" % status

    error = error_from(lambda _server: _then(head, repeat(b"x" * MEGABYTE, 900)))

    assert not isinstance(error, ResponseTooLarge)


BODIES: dict[str, bytes] = {
    "long": b'["' + b"x" * 200_000 + b'"]',
    "long and compressed": gzip.compress(b'["' + b"x" * 200_000 + b'"]'),
    "compressed twice": gzip.compress(gzip.compress(b"[" + b" " * 9_000_000 + b"]")),
    "many objects": b"[" + b"{}," * 100_000 + b"{}]",
    "emoji": '["{}\U0001f600"]'.format("x" * 290_000).encode(),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_response_that_does_not_fit_is_not_retried(name: str) -> None:
    body = BODIES[name]
    room = Room(100_000, MEGABYTE) if "long" in name else Room(MEGABYTE, MEGABYTE)
    encoding = {"long and compressed": b"gzip", "compressed twice": b"gzip, gzip"}.get(name)
    head = OK + (b"Content-Encoding: " + encoding + b"\r\n" if encoding else b"")
    head += b"Content-Length: %d\r\n\r\n" % len(body)
    with HostileServer(lambda _path: (head, body)) as server:
        with pytest.raises(ResponseTooLarge):
            get(server, room, attempts=5)

        assert len(server.paths) == 1


@pytest.mark.parametrize("date", ["nan", "Fri, 31 Dec 99999 23:59:59 GMT", "9" * 5000, "\xff"])
@pytest.mark.parametrize("wait", ["nan", "inf", "1e308", "-1e308", "9" * 5000, "31 Dec 99999"])
def test_absurd_dates_and_waits_raise_nothing_but_throttled(date: str, wait: str) -> None:
    head = f"HTTP/1.1 429 Slow\r\nDate: {date}\r\nRetry-After: {wait}\r\n".encode("latin-1")
    good = OK + f"Date: {date}\r\nContent-Length: 2\r\n\r\n".encode("latin-1") + b"{}"
    replies = iter([(head + b"Content-Length: 0\r\n\r\n",)])
    with HostileServer(lambda _path: next(replies, (good,))) as server:
        try:
            assert get(server) == {}
        except Throttled:
            assert len(server.paths) == 1
            assert wait in ("inf", "1e308", "9" * 5000)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_wrong_bundle_of_certificates_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_text(content, encoding="utf-8")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    with HostileServer(lambda _path: ()) as server:
        server_url = server.url.replace("http://", "https://")
        connector = Connector(
            tmp_path, {"domain_name": server_url, "email": "you@example.com", "api_token": "x"}
        )
        checked = connector.check()

    assert checked.connection_status["status"] == "FAILED"
    assert "REQUESTS_CA_BUNDLE" in checked.connection_status["message"]


def large(size: int, unit: bytes) -> Iterator[bytes]:
    """A page of results of about `size` bytes."""
    yield OK + b'\r\n{"_links":{},"results":[{"id":"1","title":"'
    piece = unit * (MEGABYTE // len(unit))
    yield from repeat(piece, size // len(piece))
    yield b'"}]}'


def dense_error(status: int) -> Iterator[bytes]:
    """An error of a megabyte, with as many objects as possible."""
    body = b"[" + b'{"a":0},' * (MEGABYTE // 8) + b"0]"
    yield b"HTTP/1.1 %d No\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body


def cookies() -> Iterator[bytes]:
    """An empty page of results, with 200 KB of new cookies."""
    names = [token_hex(8).encode() for _ in range(90)]
    yield OK + b"".join(b"Set-Cookie: %s=%s; Path=/\r\n" % (n, b"x" * 2300) for n in names)
    yield b'Content-Length: 13\r\n\r\n{"results":[]'
    yield b"}"


def dense(size: int) -> Iterator[bytes]:
    """A page of results of about `size` bytes, with as many objects as possible."""
    yield OK + b'\r\n{"_links":{},"results":[{}'
    piece = b',{"a":0}' * (MEGABYTE // 8)
    yield from repeat(piece, size // len(piece))
    yield b"]}"


def bomb() -> Iterator[bytes]:
    """A page of results of 300 MB, in 300 KB."""
    member = gzip.compress(b" " * MEGABYTE)
    body = gzip.compress(b'{"results":["') + member * 300
    yield OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    yield body


MEMORY: dict[str, Callable[[], Iterable[bytes]]] = {
    "500 MB": lambda: large(500 * MEGABYTE, b"x"),
    "gzip bomb": bomb,
    "just fits": lambda: large(5 * MEGABYTE, b"x"),
    "emoji": lambda: large(5 * MEGABYTE, "\U0001f600".encode()),
    "objects": lambda: dense(5 * MEGABYTE),
    "objects in an error": lambda: dense_error(404),
    "objects in an error of the server": lambda: dense_error(500),
    "cookies": cookies,
}


@pytest.mark.parametrize("name", MEMORY)
def test_no_response_fills_the_memory_of_40_workers(tmp_path: Path, name: str) -> None:
    spaces = [b'{"id":"%d","key":"S%d","status":"current"}' % (n, n) for n in range(400)]
    good = OK + b'\r\n{"_links":{},"results":[' + b",".join(spaces) + b"]}"

    def reply(path: str) -> Iterable[bytes]:
        return (good,) if "/v2/spaces?" in path else MEMORY[name]()

    with HostileServer(reply) as server:
        _, peak = read(server, tmp_path, STREAMS, SECONDS)

    assert len(server.paths) > len(STREAMS)
    print("PEAK", peak // MEGABYTE)
    assert peak < PEAK


def test_a_body_of_20_mb_and_a_page_of_large_bodies_get_through(tmp_path: Path) -> None:
    sizes = [20 * MEGABYTE, *repeat(160 * 1024, 249)]

    def reply(path: str) -> Iterator[bytes]:
        yield OK + b'\r\n{"results":['
        if "/pages" in path:
            first = int(path.partition("cursor=")[2].partition("&")[0] or 0)
            last = first + int(path.partition("limit=")[2].partition("&")[0])
            for number, size in enumerate(sizes[first:last], first):
                yield b"," if number > first else b""
                yield b'{"id":"%d","spaceId":"1"' % number
                if "body-format" in path:
                    yield b',"body":{"storage":{"value":"' + b"x" * size + b'"}}'
                yield b"}"
            if last < len(sizes):
                yield b'],"_links":{"next":"/wiki/api/v2/pages?cursor=%d"}}' % last
                return
        elif "/spaces" in path:
            yield b'{"id":"1","key":"A","status":"current"}'
        yield b'],"_links":{}}'

    with HostileServer(reply) as server:
        run, peak = read(server, tmp_path, ["pages"])

    assert run.returncode == 0
    assert [page["id"] for page in run.records["pages"]] == [str(n) for n in range(len(sizes))]
    assert [len(p["body"]["storage"]["value"]) for p in run.records["pages"]] == sizes
    print("PEAK", peak // MEGABYTE)
    assert peak < PEAK


def read(
    server: HostileServer, folder: Path, streams: Iterable[str], seconds: float = 60
) -> tuple[Run, int]:
    """Run `read` for some seconds, with 40 workers; return the run and the peak of its memory."""
    connector = Connector(
        folder, {"domain_name": server.url, "email": "you@example.com", "api_token": "a-token"}
    )
    arguments = connector.read_arguments(
        catalog_of(dict.fromkeys(streams, "full_refresh")), num_workers=40
    )
    stdout, peak = folder / "stdout", 0
    with stdout.open("wb") as file:
        process = subprocess.Popen(
            [CONSOLE_SCRIPT, *arguments], stdout=file, stderr=subprocess.DEVNULL
        )
    try:
        started = time.monotonic()
        while process.poll() is None and time.monotonic() - started < seconds:
            peak = max(peak, peak_of(process.pid))
            if not server.paths:  # the imports take a while
                started = time.monotonic()
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
    finally:
        process.kill()
    return Run(process.wait(), stdout.read_bytes(), b""), peak
