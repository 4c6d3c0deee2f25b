"""How Confluence splits a list into pages of results: three ways, one contract.

A pagination turns an answer into the parameters of the next request, or None at the end. Our own
URL is built every time; of the server's `next` only the cursor is taken, because it may be
absolute, carry `/wiki` twice, or lack what we asked for. Only a missing `next` ends a list: a short
or an empty page of results does not.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from requests import Response

from source_confluence.confluence.errors import ConfluenceError
from source_confluence.confluence.responses import payload

Token = Mapping[str, Any]
"""The parameters that make a request ask for one page of results; empty for the first."""


class PagingLoop(ConfluenceError):
    """The server leads us round in a circle."""


class UnknownPaging(ConfluenceError):
    """The server's `next` leads on in a way that we do not know."""


class Pagination(ABC):
    """One of Confluence's ways of paging; without state, so that all lists can share it."""

    empty_pages_before_end: int | None = None
    """How many empty pages of results in a row end a list that goes on naming a `next`."""

    def limit(self, count: int) -> Token:
        """Return the parameter that asks for so many records at most."""
        return {"limit": count}

    @abstractmethod
    def next_token(self, response: Response) -> Token | None:
        """Return the parameters that ask for what follows `response`, or None at the end."""

    def skip_one(self, token: Token) -> Token | None:  # noqa: ARG002  # only offsets can
        """Return the parameters that pass over the record at `token`, or None if that cannot be."""
        return None


class CursorPagination(Pagination):
    """REST v2: a cursor in `_links.next`, or else in the Link header."""

    def next_token(self, response: Response) -> Token | None:
        """Return the decoded cursor of what follows `response`."""
        url = _next_url(response)
        if url is None:
            return None
        values = parse_qs(_query_of(url)).get("cursor")
        if not values:
            raise UnknownPaging(
                f"Confluence says that {urlsplit(response.url).path} goes on, but not where: "
                "the list cannot be read to its end."
            )
        return {"cursor": _decoded(values[0])}


class UnlimitedPagination(CursorPagination):
    """A list that takes no limit: it comes whole, as far as is documented."""

    def limit(self, count: int) -> Token:  # noqa: ARG002  # there is none
        """Return nothing."""
        return {}


class SearchPagination(CursorPagination):
    """REST v1 CQL search: a cursor too, and sometimes a `next` with nothing behind it for ever."""

    empty_pages_before_end = 3


class OffsetPagination(Pagination):
    """REST v1: `start` and `limit`. The server may cut `limit`, so what came is counted.

    Some endpoints send no `next` at all; then a full page of results, one without any links, or one
    before the stated total is followed up until an empty one confirms the end. The total may be an
    estimate, so it never ends a list.
    """

    def next_token(self, response: Response) -> Token | None:
        """Return the offset of what follows `response`."""
        body = payload(response)
        asked = parse_qs(urlsplit(response.url).query)
        start = int(asked.get("start", ["0"])[0])
        stated = body.get("limit") if isinstance(body, dict) else None
        limit = _whole_number(stated, 0) or int(asked.get("limit", ["1"])[0])
        came = len(results_of(response))
        if _next_url(response):
            return {"start": start + (came or limit)}
        has_links = isinstance(body, dict) and "_links" in body
        if came and (came >= limit or not has_links or start + came < _total(body)):
            return {"start": start + came}
        return None

    def skip_one(self, token: Token) -> Token:
        """Return the offset behind the record at `token`."""
        return {"start": token.get("start", 0) + 1}


class LoopGuard:
    """Follows one list from token to token, and notices when that leads nowhere."""

    MAX_EMPTY_PAGES = 100

    def __init__(self, pagination: Pagination) -> None:
        self._pagination = pagination
        self._seen: set[int] = set()
        self._empty_in_a_row = 0

    def follow(self, response: Response) -> Token | None:
        """Return the token of what follows `response`, or None at the end of the list.

        Raises PagingLoop if the server repeats itself.
        """
        token = self._pagination.next_token(response)
        if token is None:
            return None
        self._empty_in_a_row = 0 if results_of(response) else self._empty_in_a_row + 1
        if self._empty_in_a_row == self._pagination.empty_pages_before_end:
            return None
        fingerprint = hash(tuple(sorted(token.items())))
        if fingerprint in self._seen or self._empty_in_a_row > self.MAX_EMPTY_PAGES:
            raise PagingLoop(
                f"Confluence's paging of {urlsplit(response.url).path} leads in a circle: "
                "the list cannot be read to its end."
            )
        self._seen.add(fingerprint)
        return token


def results_of(response: Response) -> list[Any]:
    """Return the elements of a page of results; a bare JSON array is one, too."""
    body = payload(response)
    found = body.get("results") if isinstance(body, dict) else body
    return found if isinstance(found, list) else []


def _next_url(response: Response) -> str | None:
    body = payload(response)
    links = body.get("_links") if isinstance(body, dict) else None
    url = links.get("next") if isinstance(links, dict) else None
    return str(url) if url else response.links.get("next", {}).get("url")


def _total(body: Mapping[str, Any]) -> int:
    return max(_whole_number(body.get(name), 0) for name in ("totalSize", "total"))


def _query_of(url: str) -> str:
    """What stands behind the question mark, even where the rest is no URL."""
    return url.partition("?")[2].partition("#")[0]


def _whole_number(value: object, otherwise: int) -> int:
    try:
        return int(str(value))
    except ValueError:
        return otherwise


def _decoded(cursor: str) -> str:
    """Some answers encode the cursor twice; base64 itself holds no percent sign and no space."""
    while "%" in cursor and unquote(cursor) != cursor:
        cursor = unquote(cursor)
    return cursor.replace(" ", "+")
