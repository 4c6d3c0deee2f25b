"""How Confluence splits a list into pages of results: three ways, one contract.

A pagination turns a response into the parameters of the next request, or None at the end. We build
our own URL every time and take only the cursor from the server's `next`, because `next` may be
absolute, carry `/wiki` twice, or lack our parameters. Only a missing `next` ends a list of v2: a
short or empty page of results does not. A list of v1 that never sends one ends at an empty page.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from typing_extensions import override

from source_confluence.confluence.errors import PagingLoop, UnknownPaging
from source_confluence.confluence.records import encoded
from source_confluence.confluence.responses import Response

Token = Mapping[str, Any]
"""The parameters that request one page of results; empty for the first."""
USUAL_CAPS = frozenset((25, 50, 100, 200, 250, 500, 1000))
"""What servers lower `limit` to."""
MOST_ENCODINGS = 3
"""How often a cursor may be percent-encoded besides what a URL needs. Two were seen."""


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

    def total(self, response: Response) -> int:
        """Return how long the whole list is according to `response`, or 0 if it does not say."""
        del response
        return 0


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
    """One pass of a REST v1 CQL search: a cursor, too, but `next` need not lead anywhere.

    A search may send empty pages of results with a `next` indefinitely. So enough of them end it:
    few if as many rows came as it counts, more if rows are missing. Unlike the others it has state:
    what the search said of its length. It is made for each pass and never shared.
    """

    EMPTY_PAGES = 3
    EMPTY_PAGES_IF_SHORT = 20

    def __init__(self) -> None:
        self.counted = 0
        """How many rows the search counts, as it said last; 0 if it never did. An estimate."""
        self.ended_on_empty_pages = False
        """Whether empty pages of results ended the pass, although the search announced more."""
        self._rows = 0
        self._empty_in_a_row = 0

    @override
    def next_token(self, response: Response) -> Token | None:
        """Return the decoded cursor of what follows `response`, or None at the end of the pass."""
        self.counted = _stated_total(response) or self.counted
        self._rows += len(response.results)
        self._empty_in_a_row = 0 if response.results else self._empty_in_a_row + 1
        token = super().next_token(response)
        is_short = self._rows < self.counted
        most = self.EMPTY_PAGES_IF_SHORT if is_short else self.EMPTY_PAGES
        self.ended_on_empty_pages = token is not None and self._empty_in_a_row >= most
        return None if self.ended_on_empty_pages else token


@dataclass(frozen=True)
class OffsetPagination(Pagination):
    """REST v1: `start` and `limit`. The server may lower `limit`, so we count what came.

    Some endpoints never send a `next`, and what they state proves nothing: the user search lowers
    `limit` to 100 and reports the one requested, with the rows of the page as `totalSize` (measured
    by mozilla/markfluence; the list of spaces does the same at 200). Only an empty page of results
    proves the end there. One more request for every parent would double the cost of their lists, so
    these are followed up only after as many rows as servers usually lower `limit` to.
    """

    fewest: int | None = None
    """From how many rows on a page without `next` is followed up; None if only at USUAL_CAPS."""

    @override
    def next_token(self, response: Response) -> Token | None:
        """Return the offset of what follows `response`."""
        body = response.body if isinstance(response.body, dict) else {}
        requested = parse_qs(urlsplit(response.url).query)
        start = int(requested.get("start", ["0"])[0])
        wanted = int(requested.get("limit", ["1"])[0])
        limit = min(_whole_number(body.get("limit"), 0) or wanted, wanted)
        count = len(response.results)
        if response.next_url:
            return {"start": start + (count or limit)}
        states_more = "_links" not in body or start + count < self.total(response)
        if count and (count >= limit or states_more or self._may_be_capped(count)):
            return {"start": start + count}
        return None

    @override
    def total(self, response: Response) -> int:
        """Return the total that the response states; it may be an estimate."""
        return _stated_total(response)

    def _may_be_capped(self, count: int) -> bool:
        return count in USUAL_CAPS if self.fewest is None else count >= self.fewest

    @override
    def skip_one(self, token: Token) -> Token:
        """Return the offset after the record at `token`."""
        return {"start": token.get("start", 0) + 1}


class LoopGuard:
    """Follows one list from token to token, and notices when it repeats itself."""

    MAX_EMPTY_PAGES = 100
    MAX_REPEATS = 1
    """More than this many pages of results in a row that came before are a circle. One may repeat:
    if it is short, a record that is inserted in front makes the next request return it again."""

    def __init__(self, pagination: Pagination) -> None:
        self.rows = 0
        """How many rows came so far."""
        self.stated_total = 0
        """The longest that the list is according to its server."""
        self._pagination = pagination
        self._seen: set[int] = set()
        self._seen_pages: set[int] = set()
        self._empty_in_a_row = 0
        self._repeats_in_a_row = 0

    def follow(self, response: Response) -> Token | None:
        """Return the token of what follows `response`, or None at the end of the list.

        Raises:
            PagingLoop: The server repeats a token or its rows, or sends empty pages of results
                without end.
            UnknownPaging: The server's `next` holds no cursor.
        """
        self.rows += len(response.results)
        self.stated_total = max(self.stated_total, self._pagination.total(response))
        token = self._pagination.next_token(response)
        if token is None:
            return None
        self._empty_in_a_row = 0 if response.results else self._empty_in_a_row + 1
        fingerprint = hash(tuple(sorted(token.items())))
        if (
            fingerprint in self._seen
            or self._empty_in_a_row > self.MAX_EMPTY_PAGES
            or self._repeats(response.results)
        ):
            raise PagingLoop(
                f"Confluence's paging of {response.path} leads in a circle: "
                "the list cannot be read to its end."
            )
        self._seen.add(fingerprint)
        return token

    def _repeats(self, rows: list[Any]) -> bool:
        """Return whether the same rows came before too often: the server ignores the token."""
        if not rows:
            return False
        page = _fingerprint(rows)
        self._repeats_in_a_row = self._repeats_in_a_row + 1 if page in self._seen_pages else 0
        self._seen_pages.add(page)
        return self._repeats_in_a_row > self.MAX_REPEATS


def _fingerprint(rows: list[Any]) -> int:
    """Return what equal rows have in common; by their ids, if they have some, as that is faster."""
    ids = tuple([row.get("id") if isinstance(row, dict) else None for row in rows])
    return hash(ids if set(map(type, ids)) <= {str, int} else encoded(rows))


def _stated_total(response: Response) -> int:
    body = response.body if isinstance(response.body, dict) else {}
    return max(_whole_number(body.get(name), 0) for name in ("totalSize", "total"))


def _query_of(url: str) -> str:
    """Return what follows the question mark, even if the rest is not a URL."""
    return url.partition("?")[2].partition("#")[0]


def _whole_number(value: object, otherwise: int) -> int:
    try:
        return int(value) if isinstance(value, str | int) else otherwise
    except ValueError:
        return otherwise


def _decoded(cursor: str) -> str:
    """Some responses encode the cursor twice; base64 itself has no percent sign and no space."""
    for _ in range(MOST_ENCODINGS):
        cursor = unquote(cursor)
    return cursor.replace(" ", "+")
