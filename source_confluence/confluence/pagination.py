"""How Confluence splits a list into pages of results: three ways, one contract.

A pagination turns a response into the parameters of the next request, or None at the end. We build
our own URL every time and take only the cursor from the server's `next`, because `next` may be
absolute, carry `/wiki` twice, or lack our parameters. Only a missing `next` ends a list: a short or
empty page of results does not.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from typing_extensions import override

from source_confluence.confluence.errors import PagingLoop, UnknownPaging
from source_confluence.confluence.responses import Response

Token = Mapping[str, Any]
"""The parameters that request one page of results; empty for the first."""


class Pagination(ABC):
    """One of Confluence's ways of paging; without state, so that all lists can share it."""

    takes_limit: bool = True
    """Whether `limit` sets how many records a page of results holds at most."""

    @abstractmethod
    def next_token(self, response: Response) -> Token | None:
        """Return the parameters that request what follows `response`, or None at the end."""

    def skip_one(self, token: Token) -> Token | None:
        """Return the parameters that skip the record at `token`, or None if there are none."""
        del token  # only an offset can be counted up
        return None


class CursorPagination(Pagination):
    """REST v2: a cursor in `_links.next`, or else in the Link header."""

    @override
    def next_token(self, response: Response) -> Token | None:
        """Return the decoded cursor of what follows `response`."""
        url = response.next_url
        if url is None:
            return None
        values = parse_qs(_query_of(url)).get("cursor")
        if not values:
            raise UnknownPaging(
                f"Confluence announced another page of {response.path} without a cursor: "
                "the list cannot be read to its end."
            )
        return {"cursor": _decoded(values[0])}


class UnlimitedPagination(CursorPagination):
    """A list that takes no limit: according to the documentation it comes whole."""

    takes_limit = False


class SearchPagination(CursorPagination):
    """REST v1 CQL search, one pass over it: a cursor, too, but `next` need not lead anywhere.

    A search may send empty pages of results with a `next` indefinitely. So enough of them end it:
    few if as many rows came as it counts, more if rows are missing. Unlike the others it has state:
    what the search said of its length. It is made for each pass and never shared.
    """

    EMPTY_PAGES = 3
    EMPTY_PAGES_IF_SHORT = 20

    def __init__(self) -> None:
        self.total = 0
        """How many rows the search counts, as it said last; 0 if it never did. An estimate."""
        self.ended_on_empty_pages = False
        """Whether empty pages of results ended the pass, although the search announced more."""
        self._rows = 0
        self._empty_in_a_row = 0

    @override
    def next_token(self, response: Response) -> Token | None:
        """Return the decoded cursor of what follows `response`, or None at the end of the pass."""
        body = response.body if isinstance(response.body, dict) else {}
        self.total = _total(body) or self.total
        self._rows += len(response.results)
        self._empty_in_a_row = 0 if response.results else self._empty_in_a_row + 1
        token = super().next_token(response)
        is_short = self._rows < self.total
        most = self.EMPTY_PAGES_IF_SHORT if is_short else self.EMPTY_PAGES
        self.ended_on_empty_pages = token is not None and self._empty_in_a_row >= most
        return None if self.ended_on_empty_pages else token


class OffsetPagination(Pagination):
    """REST v1: `start` and `limit`. The server may lower `limit`, so we count what came.

    Some endpoints never send a `next`. Then a full page of results, one without any links, or one
    before the stated total is followed up until an empty one confirms the end. The total may be an
    estimate, so it never ends a list.
    """

    @override
    def next_token(self, response: Response) -> Token | None:
        """Return the offset of what follows `response`."""
        body = response.body if isinstance(response.body, dict) else {}
        requested = parse_qs(urlsplit(response.url).query)
        start = int(requested.get("start", ["0"])[0])
        limit = _whole_number(body.get("limit"), 0) or int(requested.get("limit", ["1"])[0])
        count = len(response.results)
        if response.next_url:
            return {"start": start + (count or limit)}
        if count and (count >= limit or "_links" not in body or start + count < _total(body)):
            return {"start": start + count}
        return None

    @override
    def skip_one(self, token: Token) -> Token:
        """Return the offset after the record at `token`."""
        return {"start": token.get("start", 0) + 1}


class LoopGuard:
    """Follows one list from token to token, and notices when it repeats itself."""

    MAX_EMPTY_PAGES = 100

    def __init__(self, pagination: Pagination) -> None:
        self._pagination = pagination
        self._seen: set[int] = set()
        self._empty_in_a_row = 0

    def follow(self, response: Response) -> Token | None:
        """Return the token of what follows `response`, or None at the end of the list.

        Raises:
            PagingLoop: The server repeats a token, or sends empty pages of results without end.
            UnknownPaging: The server's `next` holds no cursor.
        """
        token = self._pagination.next_token(response)
        if token is None:
            return None
        self._empty_in_a_row = 0 if response.results else self._empty_in_a_row + 1
        fingerprint = hash(tuple(sorted(token.items())))
        if fingerprint in self._seen or self._empty_in_a_row > self.MAX_EMPTY_PAGES:
            raise PagingLoop(
                f"Confluence's paging of {response.path} leads in a circle: "
                "the list cannot be read to its end."
            )
        self._seen.add(fingerprint)
        return token


def _total(body: Mapping[str, Any]) -> int:
    return max(_whole_number(body.get(name), 0) for name in ("totalSize", "total"))


def _query_of(url: str) -> str:
    """Return what follows the question mark, even if the rest is not a URL."""
    return url.partition("?")[2].partition("#")[0]


def _whole_number(value: object, otherwise: int) -> int:
    try:
        return int(str(value))
    except ValueError:
        return otherwise


def _decoded(cursor: str) -> str:
    """Some responses encode the cursor twice; base64 itself has no percent sign and no space."""
    while "%" in cursor and unquote(cursor) != cursor:
        cursor = unquote(cursor)
    return cursor.replace(" ", "+")
