"""What the client's tests share: a request, and what Confluence and the network make of it."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import requests

from source_confluence.connection import Connection
from unit_tests.fakes import API_TOKEN, EMAIL

PATH = "/wiki/api/v2/pages"
URL = f"https://your-domain.atlassian.net{PATH}"
GOOD: dict[str, Any] = {"json": {"results": []}}
BAD_GATEWAY: dict[str, Any] = {"status_code": 502}
AUTHORIZATION = f"Basic {b64encode(f'{EMAIL}:{API_TOKEN}'.encode()).decode()}"

TIMED_OUT = {"exc": requests.ReadTimeout("Read timed out. (read timeout=90.0)")}
RESET = {"exc": requests.ConnectionError("Connection aborted.", ConnectionResetError(104))}
CUT_OFF = {"exc": requests.exceptions.ChunkedEncodingError("IncompleteRead(7 bytes read)")}
GARBLED = {"exc": requests.exceptions.ContentDecodingError("incorrect header check")}
HTML = {"text": "<!doctype html><title>Maintenance</title>"}
HALF_JSON = {"text": '{"results": [{"id": "1"}, {"i'}
NOTHING = {"text": ""}
NULL = {"text": "null"}

REFUSED = {"exc": requests.ConnectionError("Failed to establish a new connection: [Errno 111]")}
UNKNOWN_HOST = {"exc": requests.ConnectionError("NameResolutionError('Failed to resolve')")}
NO_ANSWER = {"exc": requests.ConnectTimeout("Connection timed out. (connect timeout=10.0)")}
BAD_CERTIFICATE = {"exc": requests.exceptions.SSLError("CERTIFICATE_VERIFY_FAILED")}


def throttled(headers: dict[str, str] | None = None, status: int = 429) -> dict[str, Any]:
    """A refusal at noon, the time at which the fake clock starts."""
    date = {"Date": "Sun, 01 Jun 2025 12:00:00 GMT"}
    return {"status_code": status, "headers": {**date, **(headers or {})}}


def wait(seconds: int, status: int = 429) -> dict[str, Any]:
    """A refusal for so many seconds."""
    return throttled({"Retry-After": str(seconds)}, status)


def get(connection: Connection, attempts: int = 1, **params: str) -> requests.Response:
    return connection.client.get(URL, params, stream="pages", attempts=attempts)
