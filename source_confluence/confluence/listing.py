"""One list of Confluence, read page of results by page of results to its end."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from requests import Response

from source_confluence.confluence.client import Client
from source_confluence.confluence.errors import TransientError
from source_confluence.confluence.page_budget import PageBudget, Reservation
from source_confluence.confluence.page_size import PageSize
from source_confluence.confluence.pagination import LoopGuard, Pagination, Token, results_of
from source_confluence.confluence.responses import ServerTrouble
from source_confluence.confluence.shapes import is_list

Record = dict[str, Any]

ATTEMPTS_AT_FULL_SIZE = 3
ATTEMPTS_AT_SMALLEST_SIZE = 6
MAX_UNREADABLE = 10


def ids_of(records: Iterable[Record]) -> list[str]:
    """Return the ids of the records that have one: nothing can be asked for of the others."""
    return [record["id"] for record in records if record.get("id")]


class UnreadableRecords(TransientError):
    """Some records could not be read at all; everything else of the list was."""


@dataclass(frozen=True)
class Listing:
    """A list to read: where it is, how it is asked for, how it is paged."""

    client: Client
    memory: PageBudget
    logger: logging.Logger
    stream: str
    url: str
    params: Mapping[str, Any]
    page_size: int
    pagination: Pagination
    parse: Callable[[Response], list[Record]]
    heavy_params: tuple[str, ...] = ()
    """What makes records heavy, such as bodies: left out to get past one that cannot be served."""
    is_light: bool = False
    """Whether nothing heavy is asked for, or never two pages at a time: then no bytes are reserved.
    Whoever reads it may hold a heavy page meanwhile, and a shared list may be left half-read."""
    unreadable: list[str] = field(default_factory=list)

    def pages(self, start: Token | None = None) -> Iterator[list[Record]]:
        """Yield the pages of results, from the first, or from where the token `start` leads.

        A page that the server cannot serve is asked for in halves, down to single records; one that
        cannot be read at all is named in the log, and passed over. Raises UnreadableRecords at the
        end if there were such, and whatever `Client.get` raises.
        """
        guard = LoopGuard(self.pagination)
        size = PageSize(self.page_size)
        token: Token | None = start or {}
        while token is not None:
            with self._room() as held:
                try:
                    page, token, weight = self._page(token, size, guard)
                except ServerTrouble as trouble:
                    token = self._step_over(token or {}, guard, trouble)
                    size = PageSize(self.page_size)
                    continue
                if held is not None:
                    held.weighs(weight)
                yield page
                del page  # or it would be kept while the next one is waited for
        self.require_readable()

    def require_readable(self) -> None:
        """Raise UnreadableRecords if records had to be passed over so far."""
        if self.unreadable:
            raise UnreadableRecords(
                f"{len(self.unreadable)} records of {self.stream} could not be read: "
                f"{', '.join(self.unreadable)}."
            )

    def first_page(
        self, limit: int, attempts: int = ATTEMPTS_AT_SMALLEST_SIZE
    ) -> tuple[list[Record], bool]:
        """Return the first `limit` records, light, and whether the list goes on behind them."""
        response = self._get({}, limit, attempts, light=True)
        return self.parse(response), self.pagination.next_token(response) is not None

    def _room(self) -> AbstractContextManager[Reservation | None]:
        return nullcontext() if self.is_light else self.memory.page(self.stream)

    def _page(
        self, token: Token, size: PageSize, guard: LoopGuard
    ) -> tuple[list[Record], Token | None, int]:
        """The response itself is not handed on, so that its bytes are freed at once."""
        response = self._get_what_can_be_served(token, size)
        weight = len(response.content)
        return self.parse(response), guard.follow(response), weight

    def _get_what_can_be_served(self, token: Token, size: PageSize) -> Response:
        attempts = ATTEMPTS_AT_FULL_SIZE
        while True:
            is_smallest = size.current == 1
            try:
                response = self._get(
                    token, size.current, ATTEMPTS_AT_SMALLEST_SIZE if is_smallest else attempts
                )
            except ServerTrouble:
                if is_smallest:
                    raise
                size.failed()
                attempts = 1
            else:
                size.served()
                return response

    def _get(self, token: Token, limit: int, attempts: int, *, light: bool = False) -> Response:
        params = {**self.params, **token, **self.pagination.limit(limit)}
        if light:
            params = {name: v for name, v in params.items() if name not in self.heavy_params}
        return self.client.get(
            self.url, params, stream=self.stream, attempts=attempts, shape=is_list
        )

    def _step_over(self, token: Token, guard: LoopGuard, trouble: ServerTrouble) -> Token | None:
        """Return the token behind the one record at `token`, which cannot be read."""
        following = self.pagination.skip_one(token)
        name = f"number {following['start']}" if following else ""
        if following is None and self.heavy_params:
            response = self._get(token, 1, ATTEMPTS_AT_FULL_SIZE, light=True)
            name = str(next((record.get("id") for record in results_of(response)), ""))
            following = guard.follow(response)
        if not name or len(self.unreadable) == MAX_UNREADABLE:
            raise trouble
        self.unreadable.append(name)
        self.logger.error(f"Record {name} of {self.stream} cannot be read: {trouble.sentence}")
        return following
