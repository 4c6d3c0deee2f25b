"""Which pages, blog posts and other containers are read, and with them what they contain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from source_confluence.confluence.records import Record, ids_of
from source_confluence.streams.kinds import Kind
from source_confluence.streams.sync.memo import Memo
from source_confluence.streams.sync.space_filter import SpaceFilter

Pages = Callable[[Kind], Iterable[list[Record]]]
"""Returns pages of results that hold records of a kind."""


class ContentFilter:
    """What the config's space keys and its CQL select; thread-safe."""

    def __init__(
        self, spaces: SpaceFilter, cql: str | None, *, selected: Pages, found: Pages
    ) -> None:
        """`selected` lists what the filters select of a kind, `found` what the CQL finds."""
        self.spaces = spaces
        self._cql = cql
        self._selected = selected
        self._found = found
        self._memo = Memo()

    @property
    def is_active(self) -> bool:
        """Whether the config leaves any content out, by its space or by CQL."""
        return self.spaces.is_active or self._cql is not None

    def found_ids(self, kind: Kind) -> frozenset[str] | None:
        """Return the ids of the pages or blog posts that the config's CQL finds; None without."""
        if self._cql is None:
            return None
        return self._memo.once(("found", kind.name), lambda: _ids(self._found(kind)))

    def has(self, kind: Kind, record_id: str | None) -> bool:
        """Return whether one of a kind is selected."""
        if not isinstance(record_id, str):  # an odd record names its container by something else
            return False
        ids = self._memo.once(("selected", kind.name), lambda: _ids(self._selected(kind)))
        return record_id in ids

    def has_container(self, record: Mapping[str, str | None], *kinds: Kind) -> bool:
        """Return whether a record is contained in something selected of one of the kinds."""
        return any(self.has(kind, record.get(kind.id_field)) for kind in kinds)


def _ids(pages: Iterable[list[Record]]) -> frozenset[str]:
    return frozenset(content_id for page in pages for content_id in ids_of(page))
