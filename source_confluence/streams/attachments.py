"""Attachments, custom content, and what selects them by what they hang on."""

from __future__ import annotations

import re
import threading
from abc import ABC
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from airbyte_cdk.models import SyncMode

from source_confluence.confluence.errors import ConfigError, ConfluenceError
from source_confluence.confluence.listing import ATTEMPTS_AT_SMALLEST_SIZE, Record
from source_confluence.confluence.responses import UNAVAILABLE, NotFound, RequestRefused
from source_confluence.connection import Connection
from source_confluence.streams.base import Slice
from source_confluence.streams.content import MAX_SPACES_PER_REQUEST
from source_confluence.streams.content_filter import ContentFilter
from source_confluence.streams.incremental import ModifiedList
from source_confluence.streams.shared import Shared

Element = TypeVar("Element")

NO_SUCH_TYPE = "no-such-type"
APP_TYPE = re.compile(r"[A-Za-z][\w.-]*(?::[\w.-]+)+")
"""The types of apps are made of parts with colons between them; built-in ones are words."""
CONTAINERS = {"pageId": "pages", "blogPostId": "blog_posts"}
"""The fields that name what a record hangs on, and the streams that list it."""


class ContainedList(ModifiedList, ABC):
    """A list of all such records of the site, of which those are wanted whose container is.

    Confluence cannot filter it by space: with a filter, the whole list is still asked for, 250
    records at a time, because a request for each container would cost more on most sites.
    """

    def __init__(self, connection: Connection, shared: Shared, selection: ContentFilter) -> None:
        super().__init__(connection, shared)
        self._selection = selection

    def select(self, page: list[Record], stream_slice: Slice) -> Iterable[Record]:
        """Return what belongs to the slice, and to the content that the config selects."""
        page = list(super().select(page, stream_slice))
        if not self._selection.is_filtered:
            return page
        return [record for record in page if self.is_contained(record)]

    def is_contained(self, record: Record) -> bool:
        """Tell whether a record hangs on content that the config selects."""
        return any(
            self._selection.has(stream, record.get(field)) for field, stream in CONTAINERS.items()
        )


class Attachments(ContainedList):
    """Every attachment. GET /wiki/api/v2/attachments."""

    name = "attachments"
    endpoint = "attachments"
    heavy_params = ()

    def request_params(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the parameters that list a slice's attachments."""
        statuses = ",".join(self._config.content_statuses)
        return {**super().request_params(*args, **kwargs), "status": statuses}

    def is_contained(self, record: Record) -> bool:
        """Tell whether an attachment hangs on content that the config selects."""
        return super().is_contained(record) or self._selection.has(
            "custom_content", record.get("customContentId")
        )


class CustomContent(ContainedList):
    """All custom content of all types. GET /wiki/api/v2/custom-content?type=...

    `type` is required, and nothing lists the types; but a CQL search for one that does not exist is
    refused with a message that names all that do. A type that is refused (its app is gone, or the
    account may not see it) is passed over, as long as another is not.
    """

    name = "custom_content"
    endpoint = "custom-content"
    order_of_everything = "id"
    was_let_in = False

    def __init__(self, connection: Connection, shared: Shared, selection: ContentFilter) -> None:
        super().__init__(connection, shared, selection)
        self._refused: set[str] = set()
        self._lock = threading.Lock()

    def slices_to_list(self) -> Iterator[Slice]:
        """Yield a slice for each type, in the spaces that the config selects if they are few."""
        spaces = self._selection.spaces
        few = {"spaceIds": spaces.ids()} if spaces.are_few(MAX_SPACES_PER_REQUEST) else {}
        return ({"type": kind, **few} for kind in self._types())

    def stream_slices(self, **_: Any) -> Iterator[Slice]:
        """Yield the same slices, with what is wanted of them."""
        return ({**part, **self.bounds} for part in self.slices_to_list())

    def read_records(
        self,
        sync_mode: SyncMode,
        cursor_field: list[str] | None = None,
        stream_slice: Slice | None = None,
        stream_state: Mapping[str, Any] | None = None,
    ) -> Iterator[Record]:
        """Yield the records of a type, if it is not refused. Raises what `Listing.pages` raises."""
        records = super().read_records(sync_mode, cursor_field, stream_slice, stream_state)
        yield from self._unless_refused((stream_slice or {})["type"], records)

    def light_pages(self, stream_slice: Slice) -> Iterator[list[Record]]:
        """Yield the pages of results of a type, light, if it is not refused."""
        pages = super().light_pages(stream_slice)
        yield from self._unless_refused(stream_slice["type"], pages)

    def _unless_refused(self, kind: str, elements: Iterable[Element]) -> Iterator[Element]:
        """Yield what there is of a type; nothing if Confluence refuses it, and not all types.

        Raises the refusal of the last one if all are refused, and of one that has begun to come.
        """
        has_begun = False
        try:
            for element in elements:
                has_begun = self.was_let_in = True
                yield element
        except UNAVAILABLE as refusal:
            if has_begun:
                raise
            self._pass_over(kind, refusal)
        else:
            self.was_let_in = True

    def _pass_over(self, kind: str, refusal: ConfluenceError) -> None:
        with self._lock:
            is_news = kind not in self._refused
            self._refused.add(kind)
            are_all = self._refused >= set(self._types())
        if are_all:
            raise refusal
        if is_news:
            self.logger.warning(f"Custom content of type {kind} is passed over: {refusal.sentence}")

    def request_params(
        self,
        stream_state: Mapping[str, Any] | None,
        stream_slice: Slice | None = None,
        next_page_token: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return the parameters that list a slice's custom content."""
        wanted = stream_slice or {}
        params = super().request_params(stream_state, stream_slice, next_page_token)
        if "spaceIds" in wanted:
            params["space-id"] = ",".join(wanted["spaceIds"])
        return {**params, "type": wanted.get("type")}

    def is_contained(self, record: Record) -> bool:
        """Tell whether custom content lies in a space that the config selects."""
        return self._selection.spaces.has(record.get("spaceId")) and (
            self._config.cql is None or super().is_contained(record)
        )

    def probe(self) -> None:
        """Ask for the types, or for one record of each that the config names.

        Raises ConfigError if the site has none of these.
        """
        if not self._config.custom_content_types:
            self._searched_types(attempts=1)
        for kind in self._config.custom_content_types:
            self._probe_type(kind)

    def _probe_type(self, kind: str) -> None:
        try:
            self.listing({"type": kind}).first_page(limit=1, attempts=1)
        except NotFound as error:
            raise ConfigError(
                f"The config's custom_content_types names {kind}, "
                "but the site has no custom content of that type."
            ) from error

    def _types(self) -> list[str]:
        if self._config.custom_content_types:
            return list(self._config.custom_content_types)
        found = self._shared.list_once(
            "custom_content_types", lambda: iter([[{"name": n} for n in self._searched_types()]])
        )
        return [one["name"] for one in found.records()]

    def _searched_types(self, attempts: int = ATTEMPTS_AT_SMALLEST_SIZE) -> list[str]:
        """GET /wiki/rest/api/content/search for a type that does not exist."""
        try:
            self._connection.client.get(
                f"{self._connection.site.v1}content/search",
                {"cql": f'type="{NO_SUCH_TYPE}"'},
                stream=self.name,
                attempts=attempts,
            )
        except RequestRefused as refusal:
            return sorted(set(APP_TYPE.findall(refusal.details)))
        return []
