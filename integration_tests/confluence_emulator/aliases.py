"""Other names of cursors, for faults that lead to a place which already has a name."""

from itertools import count

from integration_tests.confluence_emulator.query import Query


class Aliases:
    """Names that stand for a cursor, or for None: a list's beginning."""

    def __init__(self) -> None:
        """Begin without any."""
        self._numbers = count(1)
        self._places: dict[str, str | None] = {}
        self._ends: set[str] = set()
        self._beginning = self.make(None)

    def make(self, cursor: str | None) -> str:
        """Return a new name, full of characters that need percent-encoding."""
        name = f"again+/{next(self._numbers)}="
        self._places[name] = cursor
        return name

    def constant(self, cursor: str | None) -> str:
        """Return the same name for the same cursor every time."""
        return self._beginning if cursor is None else cursor

    def end(self) -> str:
        """Return a new name of the place behind a list's last record."""
        name = self.make(None)
        self._ends.add(name)
        return name

    def is_end(self, query: Query) -> bool:
        """Tell whether the query's cursor leads behind the last record."""
        return query.text("cursor") in self._ends

    def resolve(self, query: Query) -> Query:
        """Return the query with the cursor itself in place of a name."""
        name = query.text("cursor")
        if name is None or name not in self._places:
            return query
        return query.having(cursor=self._places[name])
