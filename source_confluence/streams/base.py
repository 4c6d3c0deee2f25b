"""The shapes that Confluence's lists come in; a stream is a few lines over one of them."""

from __future__ import annotations

from abc import ABC
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from airbyte_cdk.models import SyncMode
from airbyte_cdk.sources.streams.http import HttpStream
from requests import Response

from source_confluence.connection import Connection
from source_confluence.http.listing import Listing, Record
from source_confluence.http.pagination import (
    CursorPagination,
    OffsetPagination,
    Pagination,
    Token,
    results_of,
)

Slice = Mapping[str, Any]


class ConfluenceStream(HttpStream, ABC):
    """A list of Confluence as a stream.

    `read_records` is our own: the CDK's reads one page of results where there is no cursor, and
    decodes every answer twice.
    """

    endpoint: ClassVar[str]
    pagination: ClassVar[Pagination]
    heavy_params: ClassVar[tuple[str, ...]] = ()
    page_size: int = 250
    primary_key = "id"
    is_resumable = False

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection
        self._config = connection.config

    def path(
        self,
        *,
        stream_state: Mapping[str, Any] | None = None,  # noqa: ARG002  # the CDK's contract
        stream_slice: Slice | None = None,  # noqa: ARG002  # the CDK's contract
        next_page_token: Mapping[str, Any] | None = None,  # noqa: ARG002  # the CDK's contract
    ) -> str:
        """Return the endpoint."""
        return self.endpoint

    def next_page_token(self, response: Response) -> Token | None:
        """Return the parameters of the request for what follows `response`, or None at the end."""
        return self.pagination.next_token(response)

    def parse_response(
        self,
        response: Response,
        *,
        stream_state: Mapping[str, Any] | None = None,  # noqa: ARG002  # the CDK's contract
        stream_slice: Slice | None = None,  # noqa: ARG002  # the CDK's contract
        next_page_token: Mapping[str, Any] | None = None,  # noqa: ARG002  # the CDK's contract
    ) -> list[Record]:
        """Return the records of a page of results."""
        return [self.record(element) for element in results_of(response)]

    def record(self, element: Record) -> Record:
        """Return the record that an element of the list becomes: the API's own fields, and ours."""
        return element

    def stream_slices(
        self,
        *,
        sync_mode: SyncMode,  # noqa: ARG002  # the CDK's contract
        cursor_field: list[str] | None = None,  # noqa: ARG002  # the CDK's contract
        stream_state: Mapping[str, Any] | None = None,  # noqa: ARG002  # the CDK's contract
    ) -> Iterable[Slice]:
        """Yield the parts that can be read at the same time: here, one."""
        yield {}

    def read_records(
        self,
        sync_mode: SyncMode,  # noqa: ARG002  # the CDK's contract
        cursor_field: list[str] | None = None,  # noqa: ARG002  # the CDK's contract
        stream_slice: Slice | None = None,
        stream_state: Mapping[str, Any] | None = None,  # noqa: ARG002  # the CDK's contract
    ) -> Iterator[Record]:
        """Yield the records of a slice. Raises what `Listing.pages` raises."""
        wanted = stream_slice or {}
        recent = RecentKeys(self.primary_key)
        listing = self.listing(wanted)
        for page in listing.pages():
            yield from recent.fresh(self.select(page, wanted))
            if self.is_past(page, wanted):
                listing.require_readable()
                return
            del page  # or it would be kept while the next one is waited for

    def probe(self) -> None:
        """Ask for one record. Raises what reading the stream would raise."""
        self.listing({}).first_page(limit=1, attempts=1)

    def listing(self, stream_slice: Slice) -> Listing:
        """Return the list that holds the records of a slice."""
        return Listing(
            client=self._connection.client,
            memory=self._connection.memory,
            logger=self.logger,
            stream=self.name,
            url=self.url_base + self.path(stream_slice=stream_slice),
            params=self.request_params(None, stream_slice),
            page_size=self.page_size,
            pagination=self.pagination,
            parse=self.parse_response,
            heavy_params=self.heavy_params,
        )

    def select(self, page: list[Record], stream_slice: Slice) -> Iterable[Record]:  # noqa: ARG002
        """Return the records of a page of results that belong to a slice."""
        return page

    def is_past(self, page: list[Record], stream_slice: Slice) -> bool:  # noqa: ARG002
        """Tell whether nothing behind this page of results can belong to the slice."""
        return False


class CursorList(ConfluenceStream):
    """A list of REST v2, paged by cursor."""

    pagination = CursorPagination()

    @property
    def url_base(self) -> str:
        """The base URL of REST v2."""
        return self._connection.site.v2


class OffsetList(ConfluenceStream):
    """A list of REST v1, paged by offset."""

    pagination = OffsetPagination()

    @property
    def url_base(self) -> str:
        """The base URL of REST v1."""
        return self._connection.site.v1


class RecentKeys:
    """Drops what a page of results repeats of the ones just before it.

    Lists shift while they are read: a record that is inserted in front pushes another over the
    edge of the page. Two pages are remembered, so that memory does not grow with the list.
    """

    def __init__(self, key: str) -> None:
        self._key = key
        self._pages: deque[set[Any]] = deque(maxlen=2)

    def fresh(self, records: Iterable[Record]) -> Iterator[Record]:
        """Yield the records that are new; one without a key always is."""
        current: set[Any] = set()
        earlier = list(self._pages)
        self._pages.append(current)
        for record in records:
            key = record.get(self._key)
            if key is not None:
                if key in current or any(key in page for page in earlier):
                    continue
                current.add(key)
            yield record
