"""Pages and blog posts."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from source_confluence.confluence.listing import Record
from source_confluence.confluence.responses import ServerTrouble
from source_confluence.connection import Connection
from source_confluence.streams.base import Slice
from source_confluence.streams.content_filter import ContentFilter
from source_confluence.streams.incremental import ModifiedList
from source_confluence.streams.shared import Shared

PARTITIONS_PER_WORKER = 2
MAX_SPACES_PER_REQUEST = 100


class SpaceContent(ModifiedList, ABC):
    """Content that lies in spaces: a first sync reads batches of spaces at the same time, by id."""

    order_of_everything = "id"

    def __init__(self, connection: Connection, shared: Shared, selection: ContentFilter) -> None:
        super().__init__(connection, shared)
        self._selection = selection
        self._spaces = selection.spaces

    @property
    @abstractmethod
    def statuses(self) -> tuple[str, ...]:
        """The statuses to ask for: those of the config that this content can have."""

    def probe(self) -> None:
        """Ask for one record, unless there is no status to ask for."""
        if self.statuses:
            super().probe()

    def request_params(
        self,
        stream_state: Mapping[str, Any] | None,
        stream_slice: Slice | None = None,
        next_page_token: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return the parameters that select a slice's records, in the order that it needs."""
        wanted = stream_slice or {}
        params = super().request_params(stream_state, stream_slice, next_page_token)
        params["status"] = ",".join(self.statuses)
        if "spaceIds" in wanted:
            params["space-id"] = ",".join(wanted["spaceIds"])
        if "ids" in wanted:
            params["id"] = ",".join(wanted["ids"])
        return params

    def stream_slices(self, **_: Any) -> Iterator[Slice]:
        """Yield the parts that can be read at the same time.

        They are batches of spaces, `{"spaceIds": [...]}`, or of what the config's CQL has found,
        `{"ids": [...]}`; with `{"modifiedSince": "..."}` where only what changed since then is
        wanted, and that alone where one list has all of it. A first sync that is resumed brings up
        to date what it had done before, `{"isDone": True, ...}`: if one space can never be read,
        the others must not stand still.
        """
        if self.statuses:
            for part in self._parts():
                yield {**self.bounds, **part}

    def slices_to_list(self) -> Iterable[Slice]:
        """Yield the parts that hold everything."""
        if not self.statuses:
            return []
        if self._selection.ids(self.name) is not None:
            return self._found()
        return self._few_spaces() if self._spaces.are_few(MAX_SPACES_PER_REQUEST) else [{}]

    def select(self, page: list[Record], stream_slice: Slice) -> Iterable[Record]:
        """Return what belongs to the slice and to what the config selects."""
        page = list(super().select(page, stream_slice))
        if self._spaces.is_filtered and "spaceIds" not in stream_slice:
            page = [record for record in page if self._spaces.has(record.get("spaceId"))]
        if stream_slice.get("isDone"):
            done = self.resumes_from.done_space_ids
            page = [record for record in page if record.get("spaceId") in done]
        found = self._selection.ids(self.name)
        if found is not None and "ids" not in stream_slice:
            page = [record for record in page if record.get("id") in found]
        return page

    def _parts(self) -> Iterable[Slice]:
        state = self.resumes_from
        if not state.wants_first_sync:
            return self._few_spaces() if self._spaces.are_few(MAX_SPACES_PER_REQUEST) else [{}]
        if self._selection.ids(self.name) is not None:
            return self._found()
        if not state.first_sync and not self._spaces.is_filtered and self._fits_one_page():
            return [{}]
        batches = self._spaces.batches(
            done=state.done_space_ids,
            wanted=PARTITIONS_PER_WORKER * self._config.num_workers,
            largest=MAX_SPACES_PER_REQUEST,
        )
        return itertools.chain(({"spaceIds": batch} for batch in batches), self._edits_of_done())

    def _edits_of_done(self) -> Iterator[Slice]:
        first_sync = self.resumes_from.first_sync
        if first_sync and first_sync.done_space_ids:
            yield {"isDone": True, "modifiedSince": first_sync.started_at}

    def _few_spaces(self) -> Iterable[Slice]:
        return (
            {"spaceIds": batch}
            for batch in self._spaces.batches(wanted=1, largest=MAX_SPACES_PER_REQUEST)
        )

    def _found(self) -> Iterable[Slice]:
        ids = sorted(self._selection.ids(self.name) or ())
        for first in range(0, len(ids), self.page_size):
            yield {"ids": ids[first : first + self.page_size]}

    def _fits_one_page(self) -> bool:
        """One light request saves a small site a listing of spaces, and a request per batch."""
        try:
            page, goes_on = self.listing(self.bounds).first_page(self.page_size)
        except ServerTrouble:  # the listing will ask for less at once
            return False
        return not goes_on or self.is_past(page, self.bounds)


class Pages(SpaceContent):
    """Every page. GET /wiki/api/v2/pages."""

    name = "pages"
    endpoint = "pages"

    @property
    def statuses(self) -> tuple[str, ...]:
        return self._config.content_statuses


class BlogPosts(SpaceContent):
    """Every blog post. GET /wiki/api/v2/blogposts; there is no such thing as an archived one."""

    name = "blog_posts"
    endpoint = "blogposts"

    @property
    def statuses(self) -> tuple[str, ...]:
        return tuple(status for status in self._config.content_statuses if status != "archived")
