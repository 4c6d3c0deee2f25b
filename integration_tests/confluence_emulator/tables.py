"""Tables of a site's objects by id, and generators of ids."""

from collections.abc import Iterable, Iterator
from random import Random
from typing import Generic, Protocol, TypeVar


class _Numbered(Protocol):
    @property
    def id(self) -> int: ...


T = TypeVar("T", bound=_Numbered)


class NumberSource:
    """Ascending ids with gaps; sources with different remainders never return the same id."""

    STRIDE = 16

    def __init__(self, random: Random, start: int, remainder: int) -> None:
        """Start above `start`; every id modulo STRIDE is `remainder`."""
        self._random = random
        self._last = start - start % self.STRIDE + remainder

    def next(self) -> int:
        """Return an id greater than all previous ones."""
        self._last += self.STRIDE * (1 + int(self._random.random() * 20))
        return self._last


class Table(Generic[T]):
    """The objects of one kind by id."""

    def __init__(self, numbers: NumberSource) -> None:
        """Create an empty table; `numbers` generates the ids of new rows."""
        self.numbers = numbers
        self._rows: dict[int, T] = {}

    def add(self, row: T) -> T:
        """Store and return the row."""
        self._rows[row.id] = row
        return row

    def add_all(self, rows: Iterable[T]) -> None:
        """Store rows that were removed, in the order of ids, which is that of creation."""
        found = {**self._rows, **{row.id: row for row in rows}}
        self._rows = {number: found[number] for number in sorted(found)}

    def get(self, number: int) -> T | None:
        """Return the row with this id, or None."""
        return self._rows.get(number)

    def remove(self, number: int) -> None:
        """Remove the row with this id; raises KeyError if there is none."""
        del self._rows[number]

    def __iter__(self) -> Iterator[T]:
        """Iterate over a copy of the rows, in order of creation."""
        return iter(list(self._rows.values()))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._rows)
