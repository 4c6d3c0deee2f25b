"""The shapes that Confluence's lists come in; a stream is a few lines over one of them."""

from __future__ import annotations

from abc import ABC
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from airbyte_cdk.models import SyncMode
from airbyte_cdk.sources.streams.http import HttpStream
from requests import Response

from source_confluence.confluence.errors import ConfluenceError
from source_confluence.confluence.listing import Listing, Record
from source_confluence.confluence.pagination import (
    CursorPagination,
    OffsetPagination,
    Pagination,
    SearchPagination,
    Token,
    results_of,
)
from source_confluence.connection import Connection
from source_confluence.streams.retrievers.recent_keys import RecentKeys
from source_confluence.streams.shared import Shared

Slice = Mapping[str, Any]


class ConfluenceStream(HttpStream, ABC):
    """A list of Confluence as a stream.

    `read_records` is our own: the CDK's reads one page of results where there is no cursor, and
    decodes every answer twice.
    """

    endpoint: ClassVar[str]
    pagination: ClassVar[Pagination]
    params: ClassVar[Mapping[str, Any]] = {}
    heavy_params: ClassVar[tuple[str, ...]] = ()
    page_size: int = 250
    key: ClassVar[tuple[str, ...]] = ("id",)
    """The fields of the primary key."""
    is_resumable = False
    was_let_in = True
    """Whether any request was answered well; where only all of a stream can be refused, always."""
    last_refusal: ConfluenceError | None = None
    """What was refused, and passed over, last."""
    is_read_by_several: ClassVar[bool] = False
    """Whether all of it is read as a shared list: one page of results at a time, whoever reads."""

    def __init__(self, connection: Connection, shared: Shared) -> None:
        super().__init__()
        self._connection = connection
        self._config = connection.config
        self._shared = shared

    @property
    def primary_key(self) -> list[str]:
        """The fields of the primary key, as the CDK wants them."""
        return list(self.key)

    def path(
        self,
        *,
        stream_state: Mapping[str, Any] | None = None,  # noqa: ARG002  # the CDK's contract
        stream_slice: Slice | None = None,  # noqa: ARG002  # the CDK's contract
        next_page_token: Mapping[str, Any] | None = None,  # noqa: ARG002  # the CDK's contract
    ) -> str:
        """Return the endpoint."""
        return self.endpoint

    def request_params(
        self,
        stream_state: Mapping[str, Any] | None,  # noqa: ARG002  # the CDK's contract
        stream_slice: Slice | None = None,  # noqa: ARG002  # the CDK's contract
        next_page_token: Mapping[str, Any] | None = None,  # noqa: ARG002  # the CDK's contract
    ) -> dict[str, Any]:
        """Return the parameters of every request."""
        return dict(self.params)

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
        recent = RecentKeys(self.key)
        listing = self.listing(wanted)
        for page in listing.pages():
            yield from recent.fresh(self.select(page, wanted))
            if self.is_past(page, wanted):
                listing.require_readable()
                return
            del page  # or it would be kept while the next one is waited for

    def listed(self) -> Iterator[list[Record]]:
        """Yield the pages of results of the whole stream, light: what its children need of it."""
        for stream_slice in self.slices_to_list():
            yield from self.light_pages(stream_slice)

    def light_pages(self, stream_slice: Slice) -> Iterator[list[Record]]:
        """Yield the pages of results that can belong to a slice, light."""
        listing = self.listing(stream_slice, light=True)
        for page in listing.pages():
            yield page
            if self.is_past(page, stream_slice):
                listing.require_readable()
                return

    def slices_to_list(self) -> Iterable[Slice]:
        """Yield the slices that `listed` reads, one after the other."""
        yield {}

    def probe(self) -> None:
        """Ask for one record. Raises what reading the stream would raise."""
        self.first_record()

    def first_record(self) -> Record | None:
        """Return the first record, light; asked for once, for `check`."""
        page, _ = self.listing({}).first_page(limit=1, attempts=1)
        return next(iter(page), None)

    def listing(self, stream_slice: Slice, *, light: bool = False) -> Listing:
        """Return the list that holds the records of a slice."""
        params = self.request_params(None, stream_slice)
        return Listing(
            client=self._connection.client,
            memory=self._connection.memory,
            logger=self.logger,
            stream=self.name,
            url=self.url_base + self.path(stream_slice=stream_slice),
            params={n: v for n, v in params.items() if not (light and n in self.heavy_params)},
            page_size=self.page_size,
            pagination=self.pagination,
            parse=self.parse_response,
            heavy_params=self.heavy_params,
            is_light=light or self.is_read_by_several,
        )

    def select(
        self,
        page: list[Record],
        stream_slice: Slice,  # noqa: ARG002  # for overriding
    ) -> Iterable[Record]:
        """Return the records of a page of results that belong to a slice."""
        return page

    def is_past(
        self,
        page: list[Record],  # noqa: ARG002  # for overriding
        stream_slice: Slice,  # noqa: ARG002  # for overriding
    ) -> bool:
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


class Search(ConfluenceStream):
    """A CQL search of REST v1, paged by cursor. It sees neither archived nor trashed content."""

    endpoint = "content/search"
    pagination = SearchPagination()

    @property
    def url_base(self) -> str:
        """The base URL of REST v1."""
        return self._connection.site.v1


class SharedStream(ConfluenceStream):
    """A stream that others need whole: it reads the list that it shares with them."""

    def read_records(
        self,
        sync_mode: SyncMode,  # noqa: ARG002  # the CDK's contract
        cursor_field: list[str] | None = None,  # noqa: ARG002  # the CDK's contract
        stream_slice: Slice | None = None,
        stream_state: Mapping[str, Any] | None = None,  # noqa: ARG002  # the CDK's contract
    ) -> Iterator[Record]:
        """Yield the records. Raises what `Listing.pages` raises."""
        recent = RecentKeys(self.key)
        for page in self._shared.list_of(self.name).pages():
            yield from recent.fresh(self.select(page, stream_slice or {}))
