"""v2 lists: filters, sort orders and keyset paging, declared per endpoint."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from integration_tests.confluence_emulator.cursors import Keyset, SortValue
from integration_tests.confluence_emulator.endpoint import Answer, Call
from integration_tests.confluence_emulator.errors import BadRequestError
from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.site import Site

T = TypeVar("T")


@dataclass(frozen=True)
class Filter(Generic[T]):
    """Keeps the rows whose `value` is in what `wanted` returns; None keeps every row."""

    wanted: Callable[[Call], Collection[object] | None]
    value: Callable[[T], object]


def id_filter(name: str, max_values: int, value: Callable[[T], int]) -> Filter[T]:
    """Return a filter on a comma-separated list of at most `max_values` ids."""
    return Filter(lambda call: call.query.numbers(name, max_values), value)


def text_filter(name: str, value: Callable[[T], str]) -> Filter[T]:
    """Return a filter on one exact string."""

    def wanted(call: Call) -> Collection[object] | None:
        text = call.query.text(name)
        return None if text is None else (text,)

    return Filter(wanted, value)


def texts_filter(name: str, max_values: int, value: Callable[[T], str]) -> Filter[T]:
    """Return a filter on a comma-separated list of at most `max_values` strings."""
    return Filter(lambda call: call.query.texts(name, max_values), value)


def choices_filter(
    name: str,
    allowed: Collection[str],
    value: Callable[[T], object],
    default: Collection[str] | None = None,
) -> Filter[T]:
    """Return a filter on a comma-separated list of enum values, with its default."""

    def wanted(call: Call) -> Collection[object] | None:
        chosen = call.query.choices(name, allowed)
        return default if chosen is None else chosen

    return Filter(wanted, value)


def choice_filter(
    name: str,
    allowed: Collection[str],
    value: Callable[[T], object],
    default: Collection[str] | None = None,
) -> Filter[T]:
    """Return a filter on one enum value, with its default."""

    def wanted(call: Call) -> Collection[object] | None:
        chosen = call.query.choice(name, allowed)
        return default if chosen is None else (chosen,)

    return Filter(wanted, value)


def range_filter(name: str, value: Callable[[T], int | None]) -> Filter[T]:
    """Return a filter on `name`-from and `name`-to: epoch milliseconds, both inclusive."""

    def wanted(call: Call) -> Collection[object] | None:
        first, last = f"{name}-from", f"{name}-to"
        if call.query.text(first) is None and call.query.text(last) is None:
            return None
        return range(call.query.number(first, 0), call.query.number(last, _LATEST) + 1)

    def number(row: T) -> int:
        found = value(row)
        return -1 if found is None else found

    return Filter(wanted, number)


def in_spaces_filter(max_values: int, items: Callable[[Site], Iterable[Any]]) -> Filter[Any]:
    """Return a filter on the space that items belong to through their containers."""

    def wanted(call: Call) -> Collection[object] | None:
        spaces = call.query.numbers("space-id", max_values)
        if spaces is None:
            return None
        return [item.id for item in items(call.site) if call.site.space_id(item) in spaces]

    return Filter(wanted, lambda item: item.id)


_LATEST = 2**53


@dataclass(frozen=True)
class List(Generic[T]):
    """A list of the v2 API; the first entry of `sorts` is the default order.

    A list with a placeholder in its path belongs to one object and isn't cached.
    """

    path: str
    rows: Callable[[Call], Iterable[T]]
    identity: Callable[[T], int]
    render: Callable[[T, Call], Json]
    sorts: Mapping[str, Callable[[T], SortValue]]
    filters: tuple[Filter[T], ...] = ()
    choices: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Parameters that `render` uses, with the values that Confluence accepts."""
    sortable: bool = True
    """Whether this list supports `sort`; otherwise it ignores it, as any unknown parameter."""
    newest_first: Callable[[Call], bool] = lambda _: False
    """Returns whether the default order is descending."""
    default_limit: int = 25
    max_limit: int = 250

    def answer(self, call: Call) -> Answer:
        """Return one page of results; raises BadRequestError."""
        limit = call.query.number("limit", self.default_limit)
        if not 1 <= limit <= self.max_limit:
            raise BadRequestError(
                f"Provided value {{{limit}}} for 'limit' is out of range: 1 to {self.max_limit}"
            )
        for name, allowed in self.choices.items():
            call.query.choice(name, allowed)
        order, descending = self._order(call)
        cursor = call.query.text("cursor")
        prefix = "-" if descending else ""
        after = None if cursor is None else Keyset.decode(cursor, prefix + order)
        page, more = self._page(call, order, descending, after, limit)
        links = {"base": call.base}
        link_headers = [f'<{call.base}>; rel="base"']
        if more:
            last = page[-1]
            keyset = Keyset(prefix + order, self.sorts[order](last), self.identity(last))
            links["next"] = self._next(call, keyset.encode())
            link_headers.insert(0, f'<{links["next"]}>; rel="next"')
        results = [self.render(row, call) for row in page]
        return Answer({"results": results, "_links": links}, {"Link": ", ".join(link_headers)})

    def _order(self, call: Call) -> tuple[str, bool]:
        names = [sign + name for name in self.sorts for sign in ("", "-")]
        default = names[1] if self.newest_first(call) else names[0]
        chosen = (call.query.choice("sort", names) if self.sortable else None) or default
        return chosen.removeprefix("-"), chosen.startswith("-")

    def _page(
        self, call: Call, order: str, descending: bool, after: Keyset | None, limit: int
    ) -> tuple[list[T], bool]:
        value = self.sorts[order]

        def key(row: T) -> tuple[SortValue, int]:
            return value(row), self.identity(row)

        rows = self._rows_in_order(call, order, key)
        try:
            if descending:
                end = bisect_left(rows, (after.value, after.id), key=key) if after else len(rows)
                start = max(0, end - limit)
                return rows[start:end][::-1], start > 0
            start = bisect_right(rows, (after.value, after.id), key=key) if after else 0
        except TypeError:
            raise BadRequestError("The cursor's value does not fit its sort") from None
        return rows[start : start + limit], start + limit < len(rows)

    def _rows_in_order(
        self, call: Call, order: str, key: Callable[[T], tuple[SortValue, int]]
    ) -> list[T]:
        wanted = [_frozen(selection.wanted(call)) for selection in self.filters]

        def make() -> list[T]:
            rows = list(self.rows(call))
            for selection, values in zip(self.filters, wanted, strict=True):
                if values is not None:
                    rows = [row for row in rows if selection.value(row) in values]
            return sorted(rows, key=key)

        return make() if call.path_params else call.site.view((self.path, order, *wanted), make)

    def _next(self, call: Call, cursor: str) -> str:
        path = self.path.format(**call.path_params)
        kept = {name: v for name, v in call.query.parameters.items() if name != "cursor"}
        return f"{path}?{urlencode({**kept, 'cursor': cursor}, doseq=True)}"


def _frozen(values: Collection[object] | None) -> Collection[object] | None:
    return values if values is None or isinstance(values, range) else frozenset(values)
