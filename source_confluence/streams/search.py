"""What only a CQL search lists: it sees neither archived nor trashed content."""

from __future__ import annotations

from abc import ABC
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from airbyte_cdk.models import SyncMode

from source_confluence.confluence.errors import ConfigError, ConfluenceError
from source_confluence.confluence.listing import ATTEMPTS_AT_SMALLEST_SIZE, Record, ids_of
from source_confluence.confluence.responses import RequestRefused, payload
from source_confluence.confluence.shapes import is_entity
from source_confluence.connection import Connection
from source_confluence.streams.base import Search, Slice
from source_confluence.streams.content_filter import ContentFilter
from source_confluence.streams.elements import ElementByElement
from source_confluence.streams.incremental import with_time_of_version
from source_confluence.streams.shared import Shared

KEYS_PER_SEARCH = 50
IDS_PER_PARTITION = 25


class FoundContent(Search):
    """The ids of the pages or blog posts that the config's CQL selects; for others' use."""

    page_size = 100
    content_type: ClassVar[str]

    def request_params(self, *_: Any, **__: Any) -> dict[str, Any]:
        """Return the search."""
        return {"cql": f"type={self.content_type} and ({self._config.cql})"}

    def listed(self) -> Iterator[list[Record]]:
        """Yield the pages of results. Raises ConfigError for a clause that is no CQL."""
        with _clause_of_the_config():
            yield from super().listed()

    def probe(self) -> None:
        """Ask for one result. Raises ConfigError for a clause that is no CQL."""
        with _clause_of_the_config():
            super().probe()


@contextmanager
def _clause_of_the_config() -> Iterator[None]:
    """Blame the config where Confluence refuses the search: the rest of it is always the same."""
    try:
        yield
    except RequestRefused as refusal:
        raise ConfigError(
            f"The config's cql is not understood by Confluence: {refusal.said}"
        ) from refusal


class FoundPages(FoundContent):
    """GET /wiki/rest/api/content/search."""

    name = "search_page"
    content_type = "page"


class FoundBlogPosts(FoundContent):
    """GET /wiki/rest/api/content/search."""

    name = "search_blogpost"
    content_type = "blogpost"


class TreeContent(ElementByElement, Search, ABC):
    """Content of the page tree that is no page: found by CQL, then asked for one by one."""

    page_size = 100
    content_type: ClassVar[str]
    source: ClassVar[str]
    """The endpoint of REST v2 that answers by id."""

    def __init__(self, connection: Connection, shared: Shared, selection: ContentFilter) -> None:
        super().__init__(connection, shared)
        self._selection = selection

    def request_params(
        self,
        stream_state: Mapping[str, Any] | None,  # noqa: ARG002  # the CDK's contract
        stream_slice: Slice | None = None,
        next_page_token: Mapping[str, Any] | None = None,  # noqa: ARG002  # the CDK's contract
    ) -> dict[str, Any]:
        """Return the search, within so many of the spaces that the config names."""
        keys = (stream_slice or {}).get("keys")
        within = f" and space in ({','.join(_quoted(key) for key in keys)})" if keys else ""
        return {"cql": f"type={self.content_type}{within}"}

    def slices_to_list(self) -> Iterator[Slice]:
        """Yield the searches that find everything."""
        keys = self._config.space_keys
        if not keys:
            yield {}
        for first in range(0, len(keys), KEYS_PER_SEARCH):
            yield {"keys": keys[first : first + KEYS_PER_SEARCH]}

    def stream_slices(self, **_: Any) -> Iterator[Slice]:
        """Yield groups of what was found: `{"ids": ["1", "2"]}`."""
        for page in self.listed():
            ids = ids_of(page)
            for first in range(0, len(ids), IDS_PER_PARTITION):
                yield {"ids": ids[first : first + IDS_PER_PARTITION]}

    def read_records(
        self,
        sync_mode: SyncMode,  # noqa: ARG002  # the CDK's contract
        cursor_field: list[str] | None = None,  # noqa: ARG002  # the CDK's contract
        stream_slice: Slice | None = None,
        stream_state: Mapping[str, Any] | None = None,  # noqa: ARG002  # the CDK's contract
    ) -> Iterator[Record]:
        """Yield the records of a slice. Raises as `one_by_one`."""
        ids = (stream_slice or {}).get("ids", [])
        yield from self.one_by_one(self.name, ((one, self._by_id(one)) for one in ids))

    def name_troubled(self, kind: str, element_id: str, trouble: ConfluenceError) -> None:
        """Name a record that cannot be read in the log: it is no parent of others."""
        self.logger.error(f"Record {element_id} of {kind} cannot be read: {trouble.sentence}")

    def _by_id(self, content_id: str) -> Iterator[Record]:
        """GET /wiki/api/v2/{whiteboards,databases,...}/{id}."""
        response = self._connection.client.get(
            f"{self._connection.site.v2}{self.source}/{content_id}",
            {},
            stream=self.name,
            attempts=ATTEMPTS_AT_SMALLEST_SIZE,
            shape=is_entity,
        )
        record = with_time_of_version(payload(response))
        spaces = self._selection.spaces
        if not spaces.is_filtered or spaces.has(record.get("spaceId")):
            yield record


class Whiteboards(TreeContent):
    """Every whiteboard that CQL finds. GET /wiki/api/v2/whiteboards/{id}."""

    name = "whiteboards"
    content_type = "whiteboard"
    source = "whiteboards"


class Databases(TreeContent):
    """Every database that CQL finds. GET /wiki/api/v2/databases/{id}."""

    name = "databases"
    content_type = "database"
    source = "databases"


class Folders(TreeContent):
    """Every folder that CQL finds. GET /wiki/api/v2/folders/{id}."""

    name = "folders"
    content_type = "folder"
    source = "folders"


class Embeds(TreeContent):
    """Every smart link in the tree that CQL finds. GET /wiki/api/v2/embeds/{id}."""

    name = "embeds"
    content_type = "embed"
    source = "embeds"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
