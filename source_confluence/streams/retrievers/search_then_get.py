"""Content that no endpoint lists: found by CQL, then requested one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from typing_extensions import override

from source_confluence.confluence.errors import ConfigError, ConfluenceError, RequestRefused
from source_confluence.confluence.records import Record, ids_of
from source_confluence.confluence.responses import is_entity
from source_confluence.streams.kinds import SPACE, Kind
from source_confluence.streams.retrievers.elements import read_elements
from source_confluence.streams.retrievers.endpoint import cql_search, v2
from source_confluence.streams.retrievers.newest_first import add_time_of_version
from source_confluence.streams.retrievers.whole_list import WholeList
from source_confluence.streams.sync.run import Retriever, Slice, StreamRun

KEYS_PER_SEARCH = 50
IDS_PER_SLICE = 25


class SearchThenGet(Retriever):
    """Reads content of the page tree other than pages. CQL finds current content only."""

    reads_elements = True

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._search = cql_search()
        self._by_id = v2(f"{kind.path}/{{id}}")
        self.endpoints = (str(self._search), str(self._by_id))
        self.shared_lists = (SPACE.name,)

    @override
    def slices(self, run: StreamRun) -> Iterator[Slice]:
        """Yield batches of what was found: `{"ids": ["1", "2"]}`."""
        for params in self._searches(run):
            for page in self._search.listing(run, params, light=True).pages():
                ids = ids_of(page)
                for first in range(0, len(ids), IDS_PER_SLICE):
                    yield {"ids": ids[first : first + IDS_PER_SLICE]}

    @override
    def read(self, run: StreamRun, part: Slice) -> Iterator[Record]:
        def report(kind: str, content_id: str, error: ConfluenceError) -> None:
            run.logger.error(f"Could not read record {content_id} of {kind}: {error.message}")

        elements = ((content_id, self._get(run, content_id)) for content_id in part["ids"])
        return read_elements(run, run.name, elements, report)

    @override
    def probe(self, run: StreamRun) -> None:
        self._search.first_record(run, {"cql": f"type={self._kind.cql_type}"})

    def _searches(self, run: StreamRun) -> Iterator[Mapping[str, Any]]:
        """Yield the searches that find everything in the spaces that the config names."""
        of_type = f"type={self._kind.cql_type}"
        keys = run.sync.spaces.named_keys()
        if not keys:
            yield {"cql": of_type}
        for first in range(0, len(keys), KEYS_PER_SEARCH):
            quoted = ",".join(_quoted(key) for key in keys[first : first + KEYS_PER_SEARCH])
            yield {"cql": f"{of_type} and space in ({quoted})"}

    def _get(self, run: StreamRun, content_id: str) -> Iterator[Record]:
        record: Record = self._by_id.at(id=content_id).get(run, shape=is_entity).body
        add_time_of_version([record])
        spaces = run.sync.spaces
        if not spaces.is_active or spaces.has(record.get("spaceId")):
            yield record


class ConfigSearch(WholeList):
    """Finds the pages or blog posts that the config's CQL selects, for the filters."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(cql_search())
        self._kind = kind

    @override
    def light_pages(self, run: StreamRun, since: str | None = None) -> Iterator[list[Record]]:
        """Yield the pages of results. Raises ConfigError if the clause is not valid CQL."""
        with _clause_of_the_config():
            yield from self.endpoint.listing(run, self._params(run), light=True).pages()

    @override
    def first_record(self, run: StreamRun) -> Record | None:
        """Return the first result. Raises ConfigError if the clause is not valid CQL."""
        with _clause_of_the_config():
            return self.endpoint.first_record(run, self._params(run))

    def _params(self, run: StreamRun) -> Mapping[str, Any]:
        return {"cql": f"type={self._kind.cql_type} and ({run.config.cql})"}


@contextmanager
def _clause_of_the_config() -> Iterator[None]:
    """Blame the config if Confluence refuses the search: the rest of it is always the same."""
    try:
        yield
    except RequestRefused as refusal:
        raise ConfigError(f"Confluence does not understand the config's cql: {refusal.said}") from (
            refusal
        )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
