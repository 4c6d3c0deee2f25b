"""Reads one list of Confluence to its end, one page of results after the other."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from source_confluence.confluence.body import SMALL, Room
from source_confluence.confluence.circuit_breaker import CircuitBreaker
from source_confluence.confluence.client import ATTEMPTS, Client
from source_confluence.confluence.errors import (
    ResponseTooLarge,
    ServerError,
    UnreadableRecords,
)
from source_confluence.confluence.page_budget import PageBudget, Reservation
from source_confluence.confluence.page_size import PageSize
from source_confluence.confluence.pagination import LoopGuard, Pagination, Token
from source_confluence.confluence.records import Record, objects_in
from source_confluence.confluence.responses import Response, is_list

ATTEMPTS_AT_FULL_SIZE = 3
"""Fewer than usual: what fails this often may work with fewer records at once."""
MAX_UNREADABLE = 10
"""With one more unreadable record the server counts as down."""
FEWEST_MISSING = 3
SHARE_MISSING = 0.03
"""A list may be shorter by fewer records than these two before that is worth a warning: lists and
counts change while they are read."""


@dataclass(frozen=True)
class _Position:
    """Where a list continues, and how."""

    token: Token
    fitting: int
    """How many records to request at most."""
    attempts: int = ATTEMPTS_AT_FULL_SIZE
    whole: bool = False
    """Whether to wait for as much memory as the largest response takes."""


@dataclass
class Listing:
    """A list to read: its address, its parameters and its way of paging."""

    client: Client
    page_budget: PageBudget
    logger: logging.Logger
    stream: str
    url: str
    params: Mapping[str, Any]
    page_size: int
    pagination: Pagination
    heavy_params: tuple[str, ...] = ()
    """What makes records heavy, such as bodies: left out to get past a record that the server
    cannot serve."""
    is_light: bool = False
    """True if the pages of results need no room in the page budget: they are small, or never two
    are held at once. Light lists are read while a heavy page is held, and may be abandoned."""

    def __post_init__(self) -> None:
        self._unreadable: list[str] = []
        self._odd_rows = 0
        self.has_gaps = False
        """Whether records or rows were skipped so far."""
        self.has_more = True
        """Whether a page of results follows the last one."""
        self.stated_total = 0
        """How long the list is according to its server; 0 if it has not said."""
        self._breaker: CircuitBreaker | None = None

    def pages(self, start: Token | None = None) -> Iterator[list[Record]]:
        """Yield the pages of results, from the first or from the one that `start` leads to.

        A page that the server cannot serve is requested in halves, down to single records. Of
        one that is too large, as many records are requested as were complete. A record that cannot
        be read at all is logged by its id and skipped, and so is a row that is no record. A list
        that is shorter than its server states is logged.

        Raises:
            UnreadableRecords: At the end, if records were skipped.
            ConfluenceError: As `Client.get`.
        """
        guard = LoopGuard(self.pagination)
        size = PageSize(self.page_size)
        position: _Position | None = _Position(start or {}, self.page_size)
        while position is not None:
            wanted = min(size.current, position.fitting)
            with self._room(wanted, whole=position.whole) as reservation:
                try:
                    page, token = self._page(position, size, guard, reservation)
                except ServerError as error:
                    position = self._after(error, position, size, guard, reservation)
                    continue
                self.has_more = token is not None
                position = None if token is None else _Position(token, self.page_size)
                yield page
                del page  # else it would stay in memory while the next one is awaited
        if is_short(guard.rows, guard.stated_total):
            self.logger.warning(
                f"A list of {self.stream} is shorter than Confluence states: "
                f"{guard.rows} instead of {guard.stated_total} ({self._path})."
            )
        self.require_readable()

    def require_readable(self) -> None:
        """Raise UnreadableRecords if records or rows were skipped so far."""
        unreadable = list(self._unreadable)
        if self._odd_rows:
            unreadable.append(f"{self._odd_rows} rows that are no records")
        if unreadable:
            raise UnreadableRecords(
                f"These records of {self.stream} could not be read: {', '.join(unreadable)}."
            )

    def first_page(self, limit: int, attempts: int = ATTEMPTS) -> tuple[list[Record], bool]:
        """Return the first `limit` records, light, and whether there are more."""
        response = self._get({}, limit, attempts, light=True)
        return objects_in(response.results), self.pagination.next_token(response) is not None

    @property
    def _is_heavy(self) -> bool:
        return any(name in self.params for name in self.heavy_params)

    def _room(self, wanted: int, *, whole: bool) -> AbstractContextManager[Reservation]:
        if not self.is_light:
            return self.page_budget.page(self.stream, wanted, is_heavy=self._is_heavy, whole=whole)
        if self._is_heavy:
            wanted = self.page_budget.records(self.stream, wanted)
        return nullcontext(self.page_budget.unreserved(self.stream, wanted))

    def _page(
        self, position: _Position, size: PageSize, guard: LoopGuard, reservation: Reservation
    ) -> tuple[list[Record], Token | None]:
        """Return a page of results and the token of the next.

        Only the results leave this method, so that the rest of the response is freed at once.
        """
        limit = reservation.records
        attempts = ATTEMPTS if limit == 1 else position.attempts
        response = self._get(position.token, limit, attempts, reservation.room)
        size.served(limit)
        self._learn(len(response.results), response.cost)
        reservation.resize(response.cost)
        following = guard.follow(response)
        self.stated_total = guard.stated_total
        rows = response.results
        if set(map(type, rows)) - {dict} or not all(rows):
            rows = self._without_odd(rows)
        return rows, following

    def _learn(self, records: int, cost: int) -> None:
        """Learn from a page of results what records weigh, unless they have no bodies here."""
        if self._is_heavy or not self.is_light:
            self.page_budget.weights.learn(self.stream, records, cost)

    def _after(
        self,
        error: ServerError,
        position: _Position,
        size: PageSize,
        guard: LoopGuard,
        reservation: Reservation,
    ) -> _Position | None:
        """Return how the list continues after a request has failed, None if it ends there."""
        limit = reservation.records
        if isinstance(error, ResponseTooLarge) and not (self.is_light or reservation.is_whole):
            fitting = max(1, min(error.complete, limit // 2))
            whole = limit == 1 or not error.complete
            return replace(position, fitting=fitting, whole=whole)
        if limit > 1:
            size.failed(limit)
            return replace(position, attempts=1)
        size.reset()
        following = self._skip_one(position.token, guard, error)
        return None if following is None else _Position(following, self.page_size)

    def _without_odd(self, rows: list[Any]) -> list[Record]:
        """Return the rows that are records, and count the others."""
        records = objects_in(rows)
        self._odd_rows += len(rows) - len(records)
        self.has_gaps = True
        self.logger.error(
            f"Skipped {len(rows) - len(records)} rows of {self.stream} that are no records "
            f"({self._path})."
        )
        return records

    @property
    def _path(self) -> str:
        return urlsplit(self.url).path

    def _get(
        self,
        token: Token,
        limit: int,
        attempts: int,
        room: Room = SMALL,
        *,
        light: bool = False,
    ) -> Response:
        params = {**self.params, **token}
        if self.pagination.takes_limit:
            params["limit"] = limit
        if light:
            params = {name: v for name, v in params.items() if name not in self.heavy_params}
        return self.client.get(
            self.url, params, stream=self.stream, attempts=attempts, shape=is_list, room=room
        )

    def _skip_one(self, token: Token, guard: LoopGuard, error: ServerError) -> Token | None:
        """Return the token after the one record at `token`, which cannot be read.

        Raises `error` if there is no way past it, or if too many records were skipped.
        """
        following = self.pagination.skip_one(token)
        name = f"number {following['start']}" if following else ""
        if following is None and self.heavy_params:
            response = self._get(token, 1, ATTEMPTS_AT_FULL_SIZE, light=True)
            name = str(next((one.get("id") or "" for one in objects_in(response.results)), ""))
            following = guard.follow(response)
        if not name:
            raise error
        if self._breaker is None:  # most lists need none
            self._breaker = CircuitBreaker(self.client.clock, threshold=MAX_UNREADABLE + 1)
        self._breaker.failed(error)
        self._breaker.raise_if_open()
        self._unreadable.append(name)
        self.has_gaps = True
        self.logger.error(f"Record {name} of {self.stream} cannot be read: {error.message}")
        return following


def is_short(count: int, expected: int) -> bool:
    """Return whether `count` records are clearly fewer than another count of them says."""
    return expected - count >= max(FEWEST_MISSING, SHARE_MISSING * expected)
