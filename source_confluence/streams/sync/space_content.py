"""What lies in some spaces: content by its kind, and what that contains."""

from __future__ import annotations

from collections.abc import Callable

from source_confluence.confluence.errors import UNAVAILABLE
from source_confluence.confluence.records import Record
from source_confluence.streams.cursor_field import CREATED
from source_confluence.streams.kinds import Kind
from source_confluence.streams.sync.memo import Memo
from source_confluence.streams.sync.shared_list import ReplayableList


class SpaceContent:
    """The content of some spaces, listed once for all that it contains; thread-safe."""

    def __init__(self, list_of: Callable[[Kind], ReplayableList], before: str | None) -> None:
        """`list_of` returns the list of what is in the spaces, by kind.

        Only what is older than `before` is wanted of it; None for all.
        """
        self._list_of = list_of
        self._before = before
        self._memo = Memo()

    def contains(self, record: Record, *kinds: Kind) -> bool:
        """Return whether a record is contained in content of one of the kinds."""
        named = [(kind, record.get(kind.id_field)) for kind in kinds]
        return any(isinstance(one, str) and one in self._created(kind) for kind, one in named)

    def is_old(self, *kinds: Kind) -> bool:
        """Return whether content of one of the kinds was created before what is not wanted.

        What it contains can be that old only then. Content that does not say when counts as old.
        """
        return any(
            created_at is None or self._before is None or created_at < self._before
            for kind in kinds
            for created_at in self._created(kind).values()
        )

    def _created(self, kind: Kind) -> dict[str, str | None]:
        return self._memo.once(kind.name, lambda: self._listed(kind))

    def _listed(self, kind: Kind) -> dict[str, str | None]:
        try:
            return {
                record["id"]: CREATED.value(record)
                for record in self._list_of(kind).records()
                if record.get("id")
            }
        except UNAVAILABLE:  # what the account may not see contains nothing that it sees
            return {}
