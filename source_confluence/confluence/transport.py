"""The session that sends requests, with a deadline for each whole response.

A read timeout limits only the silence between two bytes: a server that sends one byte per second,
of a header or of a body, would hold a worker for days. So every read from the socket waits at most
until the deadline of its response. That needs no thread, unlike a watch from outside.
"""

from __future__ import annotations

import io
import os
import ssl
import time
from functools import partial
from http.client import HTTPResponse
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from socket import socket
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from typing_extensions import override

MAX_WORKERS = 40
"""Must match the maximum of num_workers in spec.yaml: each worker keeps a connection open."""
LONGEST_HEADER = 256 * 1024
"""Bytes of all headers of a response, and of all 100 Continue before it. Confluence sends 2 KB."""
CERTIFICATE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Where requests looks for certificates, in this order."""


class TooSlow(TimeoutError):
    """A response was not complete at its deadline."""

    def __init__(self, seconds: float) -> None:
        """`seconds` is the time that the response had."""
        super().__init__(f"not complete after {seconds:.0f} s")
        self.seconds = seconds


class TimedReader(io.RawIOBase):
    """Reads from a socket until a deadline; no read waits longer than the socket's timeout."""

    def __init__(self, source: io.RawIOBase, sock: socket, seconds: float) -> None:
        """Start the time of a response: `seconds` for all that is read from `source`."""
        super().__init__()
        self.bytes_left: float = LONGEST_HEADER
        """How much more may be read."""
        self._source = source
        self._sock = sock
        self._silence = sock.gettimeout()
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds

    @override
    def readable(self) -> bool:
        return True

    @override
    def fileno(self) -> int:
        return self._source.fileno()

    @override
    def close(self) -> None:
        self._source.close()
        super().close()

    @override
    def readinto(self, buffer: Any, /) -> int | None:
        """Read what is there. Raises TooSlow at the deadline, OSError if headers do not end."""
        if self.bytes_left <= 0:
            raise OSError(f"more than {LONGEST_HEADER} bytes of headers")
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TooSlow(self._seconds)
        self._sock.settimeout(left if self._silence is None else min(left, self._silence))
        try:
            count = self._source.readinto(buffer)
        except TimeoutError as error:
            if time.monotonic() < self._deadline:
                raise
            raise TooSlow(self._seconds) from error
        self.bytes_left -= count or 0
        return count


class TimedResponse(HTTPResponse):
    """A response that reads from its socket through a TimedReader."""

    def __init__(self, sock: socket, *args: Any, seconds: float, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._reader = TimedReader(self.fp.detach(), sock, seconds)
        self.fp = io.BufferedReader(self._reader)

    @override
    def begin(self) -> None:
        super().begin()
        self._reader.bytes_left = float("inf")


class TimedAdapter(HTTPAdapter):
    """Keeps connections open whose responses have a deadline."""

    def __init__(self, seconds: float) -> None:
        """`seconds` is the time for one response, from the end of its request."""
        super().__init__(pool_connections=1, pool_maxsize=MAX_WORKERS)
        self._response_class = partial(TimedResponse, seconds=seconds)

    @override
    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        if "ConnectionCls" not in vars(pool):
            pool.ConnectionCls = partial(self._connection, pool.ConnectionCls)
        return pool

    def _connection(self, kind: Any, **settings: Any) -> Any:
        connection = kind(**settings)
        connection.response_class = self._response_class
        return connection


class Session(requests.Session):
    """Never follows a redirect: looking for its target would read its body, without a limit."""

    @override
    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


def new_session(seconds: float) -> Session:
    """Return a session that keeps a connection to the site open for each worker.

    `seconds` is the time that each response has.
    """
    session = Session()
    for scheme in ("https", "http"):
        session.mount(f"{scheme}://", TimedAdapter(seconds))
    # Every request is signed. Cookies would only add up, in memory and in each request's headers.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    session.headers["Accept"] = "application/json"
    session.headers["Accept-Language"] = "en"  # the verdicts recognize some of Confluence's words
    session.headers["User-Agent"] = "source-confluence"
    return session


def problem_with_certificates() -> str | None:
    """Return a sentence if an environment variable names certificates that cannot be read."""
    name = next((name for name in CERTIFICATE_VARIABLES if os.environ.get(name)), None)
    if name is None or Path(os.environ[name]).is_dir():
        return None
    path = os.environ[name]
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except OSError as error:
        why = (
            "is not a file of PEM certificates"
            if isinstance(error, ssl.SSLError)
            else "is no file that can be read"
        )
        return f"The environment variable {name} names {path!r}, which {why}: correct or unset it."
    return None
