"""What the client's tests share: a request, and the responses and errors it may get."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import requests
from requests.structures import CaseInsensitiveDict

from source_confluence.confluence.connection import Connection
from source_confluence.confluence.records import encoded
from source_confluence.confluence.responses import NOT_JSON, Response
from unit_tests.fakes import API_TOKEN, EMAIL

HOST = "your-domain.atlassian.net"
PATH = "/wiki/api/v2/pages"
URL = f"https://{HOST}{PATH}"


def nested(levels: int) -> Any:
    """Return lists within lists."""
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


GOOD: dict[str, Any] = {"json": {"results": []}}
BAD_GATEWAY: dict[str, Any] = {"status_code": 502}
UNAUTHORIZED: dict[str, Any] = {"status_code": 401, "json": {"message": "Unauthorized"}}
AUTHORIZATION = f"Basic {b64encode(f'{EMAIL}:{API_TOKEN}'.encode()).decode()}"

TIMED_OUT = requests.ReadTimeout("Read timed out. (read timeout=90.0)")
RESET = requests.ConnectionError("Connection aborted.", ConnectionResetError(104))
CUT_OFF = requests.exceptions.ChunkedEncodingError("IncompleteRead(7 bytes read)")
GARBLED = requests.exceptions.ContentDecodingError("incorrect header check")
REFUSED = requests.ConnectionError("Failed to establish a new connection: [Errno 111]")
UNKNOWN_HOST = requests.ConnectionError("NameResolutionError('Failed to resolve')")
NO_ANSWER = requests.ConnectTimeout("Connection timed out. (connect timeout=10.0)")
BAD_CERTIFICATE = requests.exceptions.SSLError("CERTIFICATE_VERIFY_FAILED")

DEEP = nested(1000)
"""Printing it would take more nested calls than Python allows."""
HTML = b"<!doctype html><title>Page unavailable</title>"


def response(status: int = 200, body: object = None, path: str = PATH, **headers: str) -> Response:
    """A response with `body` as its JSON; bytes are a body that is not JSON."""
    raw = body if isinstance(body, bytes) else encoded(body)
    return Response(
        url=f"https://{HOST}{path}",
        status=status,
        headers=CaseInsensitiveDict({n.replace("_", "-"): value for n, value in headers.items()}),
        body=NOT_JSON if isinstance(body, bytes) else body,
        size=len(raw),
        text="" if status < 300 else raw.decode(),
    )


def throttled(headers: dict[str, str] | None = None, status: int = 429) -> dict[str, Any]:
    """A 429 or 503 at noon, the time at which the fake clock starts."""
    date = {"Date": "Sun, 01 Jun 2025 12:00:00 GMT"}
    return {"status_code": status, "headers": {**date, **(headers or {})}}


def wait(seconds: int, status: int = 429) -> dict[str, Any]:
    """A 429 or 503 that states a wait."""
    return throttled({"Retry-After": str(seconds)}, status)


def get(connection: Connection, attempts: int = 1, **params: str) -> Response:
    return connection.client.get(URL, params, stream="pages", attempts=attempts)
