"""Lists of everything that is contained in content, such as attachments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typing_extensions import override

from source_confluence.confluence.records import Record
from source_confluence.streams.kinds import BLOG_POST, CUSTOM_CONTENT, PAGE, Kind
from source_confluence.streams.retrievers.endpoint import Endpoint, v2
from source_confluence.streams.retrievers.newest_first import NewestFirst
from source_confluence.streams.retrievers.orders import BY_CREATION, Order
from source_confluence.streams.sync.run import Slice, StreamRun


class Contained(NewestFirst):
    """Reads the list of all such records of the site, and keeps those in selected containers.

    Confluence cannot filter it by space: with a filter, the whole list is still requested, 250
    records at a time, because a request for each container would cost more on most sites.
    """

    def __init__(
        self, endpoint: Endpoint, *containers: Kind, stable_order: Order = BY_CREATION
    ) -> None:
        super().__init__(endpoint, stable_order)
        self._containers = containers

    @override
    def filtered(self, run: StreamRun, page: list[Record], part: Slice) -> list[Record]:
        if not run.sync.content.is_active:
            return page
        return [record for record in page if self.is_contained(run, record)]

    def is_contained(self, run: StreamRun, record: Record) -> bool:
        """Return whether a record is contained in content that the filters select."""
        return run.sync.content.has_container(record, *self._containers)

    @override
    def light_pages_in(self, run: StreamRun, spaces: frozenset[str]) -> Iterator[list[Record]]:
        """Yield what lies in some spaces: the whole list is read for it, as with a filter.

        A space whose content is new, such as that of a new colleague, holds nothing older: then
        nothing is requested.
        """
        content = run.sync.content_of(spaces)
        if content.is_old(*self._containers):
            for page in run.sync.lists[run.name].pages():
                yield [one for one in page if content.contains(one, *self._containers)]


class Attachments(Contained):
    """Reads every attachment. The list has no bodies, so what streams share of it is all of it."""

    reserves = False

    def __init__(self) -> None:
        super().__init__(v2("attachments"), PAGE, BLOG_POST, CUSTOM_CONTENT)

    @override
    def pages(self, run: StreamRun, part: Slice, *, light: bool = False) -> Iterator[list[Record]]:
        is_shared = not light and "arrivedIn" not in part and self.is_for_others(run)
        if is_shared:
            return run.sync.lists[run.name].since(part.get("modifiedSince")).pages()
        return super().pages(run, part, light=light)

    @override
    def params(self, run: StreamRun, part: Slice) -> dict[str, Any]:
        return {"status": ",".join(run.config.content_statuses)}
