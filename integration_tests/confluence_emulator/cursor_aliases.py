"""Additional cursors for existing positions, for faults that link to a page again."""

from itertools import count

from integration_tests.confluence_emulator.query import Query


class CursorAliases:
    """Cursors that stand for another cursor, or for None: the start of a list."""

    def __init__(self) -> None:
        """Start without aliases, except one for the start of a list."""
        self._numbers = count(1)
        self._cursors: dict[str, str | None] = {}
        self._ends: set[str] = set()
        self._start = self.new(None)

    def new(self, cursor: str | None) -> str:
        """Return a new alias, full of characters that need percent-encoding."""
        alias = f"again+/{next(self._numbers)}="
        self._cursors[alias] = cursor
        return alias

    def same(self, cursor: str | None) -> str:
        """Return the cursor itself, or for the start of a list always the same alias."""
        return self._start if cursor is None else cursor

    def end(self) -> str:
        """Return a new alias for the position after a list's last record."""
        alias = self.new(None)
        self._ends.add(alias)
        return alias

    def is_end(self, query: Query) -> bool:
        """Return whether the query's cursor points past the last record."""
        return query.text("cursor") in self._ends

    def resolve(self, query: Query) -> Query:
        """Return the query with an alias replaced by its cursor."""
        alias = query.text("cursor")
        if alias is None or alias not in self._cursors:
            return query
        return query.having(cursor=self._cursors[alias])
