"""The subset of CQL that the emulator supports.

The fields type, space, id, label, title and parent, the operators =, !=, in and not in, joined by
and, or and parentheses. `order by` sorts by `created` or `lastmodified`, ascending by default.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from integration_tests.confluence_emulator.errors import BadRequestError
from integration_tests.confluence_emulator.kinds import CUSTOM_TYPES, TYPE_NOT_IN_V2

TYPES = (
    "space",
    "user",
    "page",
    "blogpost",
    "comment",
    "attachment",
    "database",
    "whiteboard",
    "slide",
    "embed",
    "folder",
    *CUSTOM_TYPES,
    TYPE_NOT_IN_V2,
)
FIELDS = ("type", "space", "id", "label", "title", "parent")

Lookup = Callable[[str], Collection[str]]
"""Returns a row's values for a field."""

_ORDER = re.compile(r"\s+order\s+by\s+(\w+)(\s+asc|\s+desc)?$", re.IGNORECASE)
_TOKEN = re.compile(r"\s*(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|!=|[=(),]|[^\s=!(),\"']+)")


@dataclass(frozen=True)
class Clause:
    """A condition on one field: its value is, or isn't, one of `values`."""

    field: str
    values: frozenset[str]
    negated: bool = False

    def matches(self, lookup: Lookup) -> bool:
        """Return whether a row matches."""
        return any(value in self.values for value in lookup(self.field)) != self.negated

    @property
    def ids(self) -> frozenset[str] | None:
        """Return the only ids that can be found, or None where that is not known."""
        return self.values if self.field == "id" and not self.negated else None


@dataclass(frozen=True)
class And:
    """Matches a row if every operand matches."""

    operands: tuple["Cql", ...]

    def matches(self, lookup: Lookup) -> bool:
        """Return whether a row matches."""
        return all(operand.matches(lookup) for operand in self.operands)

    @property
    def ids(self) -> frozenset[str] | None:
        """Return the only ids that can be found, or None where that is not known."""
        return next((operand.ids for operand in self.operands if operand.ids is not None), None)


@dataclass(frozen=True)
class Or:
    """Matches a row if any operand matches."""

    operands: tuple["Cql", ...]

    def matches(self, lookup: Lookup) -> bool:
        """Return whether a row matches."""
        return any(operand.matches(lookup) for operand in self.operands)

    @property
    def ids(self) -> frozenset[str] | None:
        """Return None: the other operands can match any id."""
        return None


Cql = Clause | And | Or


def order_of(text: str) -> tuple[str, bool] | None:
    """Return the field of a query's `order by` and whether it descends; None without one."""
    found = _ORDER.search(text.strip())
    if found is None:
        return None
    return found[1].lower(), (found[2] or "").strip().lower() == "desc"


def parse(text: str, types: Collection[str] = TYPES) -> Cql:
    """Return the parsed query; raises BadRequestError, which lists all types if one is unknown."""
    parser = _Parser(text, types)
    query = parser.parse_or()
    parser.end()
    return query


class _Parser:
    def __init__(self, text: str, types: Collection[str]) -> None:
        self._text = text
        self._types = types
        self._tokens = _tokens(_ORDER.sub("", text.strip()), self._error())
        self._position = 0

    def _error(self, reason: str = "") -> BadRequestError:
        return BadRequestError(f"Could not parse cql : {self._text}{reason}")

    def _peek(self) -> str:
        return self._tokens[self._position].lower() if self._position < len(self._tokens) else ""

    def _take(self, *wanted: str) -> str:
        token = self._peek()
        if not token or (wanted and token not in wanted):
            raise self._error()
        self._position += 1
        return self._tokens[self._position - 1]

    def end(self) -> None:
        """Raise BadRequestError if tokens remain."""
        if self._peek():
            raise self._error()

    def parse_or(self) -> Cql:
        operands = [self._parse_and()]
        while self._peek() == "or":
            self._take()
            operands.append(self._parse_and())
        return operands[0] if len(operands) == 1 else Or(tuple(operands))

    def _parse_and(self) -> Cql:
        operands = [self._parse_clause()]
        while self._peek() == "and":
            self._take()
            operands.append(self._parse_clause())
        return operands[0] if len(operands) == 1 else And(tuple(operands))

    def _parse_clause(self) -> Cql:
        if self._peek() == "(":
            self._take()
            query = self.parse_or()
            self._take(")")
            return query
        field = self._take(*FIELDS).lower()
        operator = self._take("=", "!=", "in", "not").lower()
        if operator == "not":
            self._take("in")
        many = operator in ("in", "not")
        values = frozenset(self._parse_values() if many else [_unquoted(self._take())])
        if field == "type" and not values <= set(self._types):
            unknown, listed = min(values - set(self._types)), ", ".join(self._types)
            raise BadRequestError(
                f"Unsupported value for type, got : {unknown}, expected one of : [{listed}]"
            )
        return Clause(field, values, negated=operator in ("!=", "not"))

    def _parse_values(self) -> Sequence[str]:
        self._take("(")
        values = [_unquoted(self._take())]
        while self._take(",", ")") == ",":
            values.append(_unquoted(self._take()))
        return values


def _tokens(text: str, error: BadRequestError) -> list[str]:
    tokens, position = [], 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None:
            raise error
        tokens.append(match[1])
        position = match.end()
    return tokens


def _unquoted(token: str) -> str:
    if token[0] in "\"'":
        return re.sub(r"\\(.)", r"\1", token[1:-1])
    return token
