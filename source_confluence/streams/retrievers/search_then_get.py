"""Content that no endpoint lists: found by CQL, then requested one by one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from typing_extensions import override

from source_confluence.confluence.errors import (
    ConfigError,
    ConfluenceError,
    NotFound,
    RequestRefused,
)
from source_confluence.confluence.records import Record, ids_of
from source_confluence.streams.kinds import PAGE, SPACE, Kind
from source_confluence.streams.retrievers.elements import read_elements
from source_confluence.streams.retrievers.endpoint import v2
from source_confluence.streams.retrievers.newest_first import add_time_of_version
from source_confluence.streams.retrievers.search import Search
from source_confluence.streams.retrievers.tree import Tree
from source_confluence.streams.retrievers.whole_list import WholeList
from source_confluence.streams.sync.run import Retriever, Slice, StreamRun

IDS_PER_SLICE = 25


class SearchThenGet(Retriever):
    """Reads content of the page tree other than pages. CQL finds current content only."""

    reads_elements = True

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self._search = Search()
        self.endpoints = (str(self._search.endpoint), str(v2(f"{kind.path}/{{id}}")))
        self.shared_lists = (SPACE.name, PAGE.name)

    @override
    def slices(self, run: StreamRun) -> Iterator[Slice]:
        """Yield batches of what was found, `{"ids": ["1", "2"]}`, and last the rest.

        That is `{"isNamed": True}`: what only other records name.
        """
        for page in self._tree(run).found(self.kind).pages():
            ids = ids_of(page)
            for first in range(0, len(ids), IDS_PER_SLICE):
                yield {"ids": ids[first : first + IDS_PER_SLICE]}
        yield {"isNamed": True}

    @override
    def read(self, run: StreamRun, part: Slice) -> Iterator[Record]:
        def report(kind: str, content_id: str, error: ConfluenceError) -> None:
            run.logger.error(f"Could not read record {content_id} of {kind}: {error.message}")

        if "ids" in part:
            elements = ((content_id, self._get(run, content_id)) for content_id in part["ids"])
        else:
            named = self._tree(run).named(self.kind)
            elements = ((content_id, self._get_named(run, content_id)) for content_id in named)
        return read_elements(run, run.name, elements, report)

    @override
    def probe(self, run: StreamRun) -> None:
        self._search.endpoint.first_record(run, {"cql": f"type={self.kind.cql_type}"})

    def _get(self, run: StreamRun, content_id: str) -> Iterator[Record]:
        record = self._tree(run).record(self.kind, content_id)
        add_time_of_version([record])
        spaces = run.sync.spaces
        if not spaces.is_active or spaces.has(record.get("spaceId")):
            yield record

    def _get_named(self, run: StreamRun, content_id: str) -> Iterator[Record]:
        """Yield a record unless it was deleted: its name may outlive it in its children."""
        try:
            yield from self._get(run, content_id)
        except NotFound as absence:
            run.sync.skipped.denied(run.name, content_id, absence)

    def _tree(self, run: StreamRun) -> Tree:
        """Return what this stream and the selected ones of its type share."""
        retrievers = (one.retriever for one in (run, *run.sync.selected_runs))
        kinds = {one.kind.name: one.kind for one in retrievers if isinstance(one, SearchThenGet)}
        return run.sync.memo.once(
            ("tree", *sorted(kinds)), lambda: Tree(run.sync, self._search, kinds.values())
        )


class ConfigSearch(WholeList):
    """Finds the pages or blog posts that the config's CQL selects, for the filters."""

    def __init__(self, kind: Kind) -> None:
        self._search = Search()
        super().__init__(self._search.endpoint)
        self._kind = kind

    @override
    def light_pages(self, run: StreamRun, since: str | None = None) -> Iterator[list[Record]]:
        """Yield the pages of results. Raises ConfigError if the clause is not valid CQL."""
        with _clause_of_the_config():
            yield from self._search.pages(run, [self._clause(run)])

    @override
    def first_record(self, run: StreamRun) -> Record | None:
        """Return the first result. Raises ConfigError if the clause is not valid CQL."""
        with _clause_of_the_config():
            return self.endpoint.first_record(run, {"cql": self._clause(run)})

    def _clause(self, run: StreamRun) -> str:
        return f"type={self._kind.cql_type} and ({run.config.cql})"


@contextmanager
def _clause_of_the_config() -> Iterator[None]:
    """Blame the config if Confluence refuses the search: the rest of it is always the same."""
    try:
        yield
    except RequestRefused as refusal:
        raise ConfigError(f"Confluence does not understand the config's cql: {refusal.said}") from (
            refusal
        )
