"""What the tests of listings share: a list on a server that can be told to fail."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from requests_mock.request import _RequestObjectProxy as Request
from requests_mock.response import _Context as Context

from source_confluence.confluence.connection import Connection
from source_confluence.confluence.listing import Listing
from source_confluence.confluence.pagination import (
    CursorPagination,
    OffsetPagination,
    Pagination,
)
from source_confluence.confluence.records import Record

URL = "https://your-domain.atlassian.net/wiki/api/v2/pages"


class Server:
    """A list of records, paged by cursor or by offset; serves at most `capacity` records at once.

    It cannot serve a page of results with a poisoned record, if the request includes bodies.
    `requests` and `limits` show what was requested.
    """

    def __init__(
        self,
        count: int,
        pagination: Pagination,
        capacity: int = 1000,
        poisoned: tuple[int, ...] = (),
        poisoned_without_body: tuple[int, ...] = (),
    ) -> None:
        self._count = count
        self._by_offset = isinstance(pagination, OffsetPagination)
        self.capacity = capacity
        self._poisoned = set(poisoned)
        self._poisoned_without_body = set(poisoned_without_body)
        self.requests: list[dict[str, str]] = []

    @property
    def limits(self) -> list[int]:
        return [int(params["limit"]) for params in self.requests]

    def __call__(self, request: Request, context: Context) -> dict[str, Any]:
        params = {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}
        self.requests.append(params)
        first, limit = self._position(params), int(params["limit"])
        end = min(first + limit, self._count)
        served = set(range(first, end))
        poisoned = self._poisoned if "body-format" in params else self._poisoned_without_body
        if limit > self.capacity or served & poisoned:
            context.status_code = 500
            return {"message": "Too much"}
        links = {} if end >= self._count else {"next": f"/wiki/x?cursor={end}&start={end}"}
        return {"results": [{"id": str(n)} for n in sorted(served)], "_links": links}

    def _position(self, params: dict[str, str]) -> int:
        return int(params.get("start" if self._by_offset else "cursor", 0))


def listing(
    connection: Connection,
    pagination: Pagination,
    page_size: int = 250,
    heavy_params: tuple[str, ...] = ("body-format",),
) -> Listing:
    """A list whose records are known to be light."""
    connection.page_budget.weights.learn("pages", records=250, size=250)
    return Listing(
        client=connection.client,
        page_budget=connection.page_budget,
        logger=logging.getLogger("airbyte"),
        stream="pages",
        url=URL,
        params={"body-format": "storage", "status": "current"},
        page_size=page_size,
        pagination=pagination,
        heavy_params=heavy_params,
    )


def ids(pages: list[list[Record]]) -> list[int]:
    return [int(record["id"]) for page in pages for record in page]


def read_until_it_fails(reading: Listing, kind: type[Exception]) -> tuple[list[int], Exception]:
    """The ids of what comes out before the error, and the error."""
    pages: list[list[Record]] = []
    with pytest.raises(kind) as failed:
        pages.extend(reading.pages())
    return ids(pages), failed.value


BOTH = pytest.mark.parametrize(
    "pagination", [CursorPagination(), OffsetPagination()], ids=["cursor", "offset"]
)
CURSOR = CursorPagination()
