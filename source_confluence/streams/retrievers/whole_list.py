"""Lists that are read from their start to their end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from typing_extensions import override

from source_confluence.confluence.records import Record
from source_confluence.streams.retrievers.endpoint import Endpoint
from source_confluence.streams.sync.run import ListRetriever, Slice, StreamRun

ToRecord = Callable[[Record], Record]
"""Makes the record from an element of a list."""


class WholeList(ListRetriever):
    """Reads one list of the site."""

    def __init__(self, endpoint: Endpoint, to_record: ToRecord | None = None) -> None:
        """`to_record` makes the record from an element of the list; None if that is the record."""
        self.endpoint = endpoint
        self.endpoints = (str(endpoint),)
        self._to_record = to_record

    @override
    def slices(self, run: StreamRun) -> Iterable[Slice]:
        return ({},)

    @override
    def read(self, run: StreamRun, part: Slice) -> Iterator[Record]:
        recent = run.recent_keys()
        listing = self.endpoint.listing(run, part)
        for page in listing.pages():
            run.progress.expects_records(listing.stated_total)
            yield from recent.fresh(map(self._to_record, page) if self._to_record else page)
            del page  # or it would be kept while the next one is awaited

    @override
    def first_record(self, run: StreamRun) -> Record | None:
        return self.endpoint.first_record(run)

    @override
    def light_pages(self, run: StreamRun, since: str | None = None) -> Iterator[list[Record]]:
        return self.endpoint.listing(run, light=True).pages()

    @override
    def selected(self, run: StreamRun, page: list[Record]) -> list[Record]:
        return page


class SharedWholeList(WholeList):
    """Reads one list of the site that other streams need too: it is requested once for all."""

    @override
    def read(self, run: StreamRun, part: Slice) -> Iterator[Record]:
        recent = run.recent_keys()
        for page in run.sync.lists[run.name].pages():
            yield from recent.fresh(self.selected(run, page))
