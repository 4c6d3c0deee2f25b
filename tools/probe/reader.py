"""Sends the requests of a probe through the connector's own client, and counts them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import requests

from source_confluence.confluence.connection import Connection
from source_confluence.confluence.errors import ConfluenceError, Throttled

MAX_REQUESTS = 30
"""At most this many requests are sent for one check; retries do not count."""
MAX_PAGES = 6
"""At most this many pages of results are read of one list."""
_STREAM = "probe"
_ERROR = 400
_NOT_FOUND = 404


class NoMoreRequestsError(Exception):
    """A check has sent as many requests as it may."""


@dataclass(frozen=True)
class Answer:
    """What the site answered to one request."""

    status: int
    """0 if no response came."""
    body: Any = None
    """The decoded JSON; None if there is none."""

    @property
    def rows(self) -> list[Any]:
        """The elements of a page of results, or of a bare array."""
        found = at(self.body, "results") if isinstance(self.body, dict) else self.body
        return found if isinstance(found, list) else []

    @property
    def has_next(self) -> bool:
        """Whether the page of results links to another one."""
        return bool(at(self.body, "_links", "next"))

    @property
    def cursor(self) -> str | None:
        """The cursor in the link to the next page of results."""
        link = str(at(self.body, "_links", "next") or "")
        return parse_qs(urlsplit(link).query).get("cursor", [None])[0]

    @property
    def text(self) -> str:
        """What it says about an error."""
        errors = at(self.body, "errors")
        first = errors[0] if isinstance(errors, list) and errors else self.body
        return " ".join(str(at(first, name) or "") for name in ("title", "message")).strip()

    @property
    def is_bare_404(self) -> bool:
        """Whether it is a 404 that does not name what is missing."""
        return self.status == _NOT_FOUND and self.text in ("", "Not Found")

    def number(self, name: str) -> int:
        """Return a field of the body that counts something, or -1."""
        return whole_number(self.body, name)


@dataclass(frozen=True)
class Rows:
    """What was read of one list."""

    rows: list[Any]
    is_whole: bool
    """Whether it was read to its end."""
    empty_pages: int
    """How many pages of results were empty and had a next."""

    @property
    def ids(self) -> set[str]:
        """The distinct ids; a row of a search has that of its content."""
        return {str(at(row, "content", "id") or at(row, "id")) for row in self.rows}


class Reader:
    """Reads one site: sends nothing but GET, and never more than `most` of them for a check."""

    def __init__(self, connection: Connection, most: int = MAX_REQUESTS) -> None:
        self._client = connection.client
        self._site = connection.site
        self._most = most
        self._sent_before = 0
        self._refused: dict[str, Answer] = {}
        self.sent = 0
        """How many requests were sent; retries do not count."""
        self._client.session.hooks["response"].append(self._note)

    def require_account(self) -> None:
        """Raise ConfluenceError if the site does not know the account."""
        self.sent += 1
        self._client.get(f"{self._site.v1}user/current", {}, stream=_STREAM, attempts=1)

    def begin_check(self) -> None:
        """Let the next check send as many requests as the one before it could."""
        self._sent_before = self.sent

    def v1(self, path: str, **query: object) -> Answer:
        """Return the answer to a GET of v1, also if it is an error. Raises as `v2`."""
        return self._get(self._site.v1 + path, query)

    def v2(self, path: str, **query: object) -> Answer:
        """Return the answer to a GET of v2, also if it is an error.

        Underscores in the names of parameters stand for hyphens.

        Raises:
            NoMoreRequestsError: The check has sent too many already.
            Throttled: The site wants a longer pause than the probe takes.
        """
        return self._get(
            self._site.v2 + path, {name.replace("_", "-"): one for name, one in query.items()}
        )

    def list_v1(self, path: str, **query: object) -> Rows:
        """Return a list of v1 that has cursors, at most MAX_PAGES pages of results of it."""
        return self._list(self._site.v1 + path, query)

    def list_v2(self, path: str, **query: object) -> Rows:
        """Return a list of v2, at most MAX_PAGES pages of results of it."""
        return self._list(self._site.v2 + path, query)

    def _list(self, url: str, query: dict[str, object]) -> Rows:
        rows: list[Any] = []
        empty = 0
        cursor: str | None = None
        for _ in range(MAX_PAGES):
            answer = self._get(url, query if cursor is None else {**query, "cursor": cursor})
            rows += answer.rows
            empty += answer.has_next and not answer.rows
            cursor = answer.cursor
            if cursor is None:
                break
        return Rows(rows, cursor is None, empty)

    def _get(self, url: str, query: dict[str, object]) -> Answer:
        if self.sent - self._sent_before >= self._most:
            raise NoMoreRequestsError
        self.sent += 1
        path = urlsplit(url).path
        self._refused.pop(path, None)
        try:
            response = self._client.get(
                url, query, stream=_STREAM, attempts=2, shape=lambda body: body is not None
            )
        except Throttled:
            raise
        except ConfluenceError:
            return self._refused.get(path, Answer(0))
        return Answer(response.status, response.body)

    def _note(self, response: requests.Response, *_: object, **__: object) -> None:
        """Keep a refusal: the client turns it into an error that has no status."""
        if response.status_code >= _ERROR:
            try:
                body = orjson.loads(response.content)
            except (orjson.JSONDecodeError, requests.RequestException):
                body = None
            self._refused[urlsplit(response.url).path] = Answer(response.status_code, body)


def at(value: Any, *names: str) -> Any:
    """Return what is in nested objects under these names, or None if one is missing."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def whole_number(value: Any, *names: str) -> int:
    """Return the number in nested objects under these names, or -1."""
    found = at(value, *names)
    return found if isinstance(found, int) else -1
