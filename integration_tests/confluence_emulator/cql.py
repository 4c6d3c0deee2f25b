"""The part of CQL that the emulator understands.

type, space, id, label, title and parent, with =, !=, in and not in, joined by and, or and
parentheses; an order by is read over.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from integration_tests.confluence_emulator.errors import BadRequestError
from integration_tests.confluence_emulator.kinds import CUSTOM_TYPES

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
)
FIELDS = ("type", "space", "id", "label", "title", "parent")

Lookup = Callable[[str], Collection[str]]
"""Returns the values that a row has in a field."""

_ORDER = re.compile(r"\s+order\s+by\s+.*$", re.IGNORECASE)
_TOKEN = re.compile(r"\s*(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|!=|[=(),]|[^\s=!(),\"']+)")


@dataclass(frozen=True)
class Clause:
    """A field whose value is, or is not, among some."""

    field: str
    values: frozenset[str]
    negated: bool = False

    def matches(self, lookup: Lookup) -> bool:
        """Tell whether a row is found."""
        return any(value in self.values for value in lookup(self.field)) != self.negated

    @property
    def ids(self) -> frozenset[str] | None:
        """Return the only ids that can be found, or None where that is not known."""
        return self.values if self.field == "id" and not self.negated else None


@dataclass(frozen=True)
class All:
    """A conjunction."""

    parts: tuple["Cql", ...]

    def matches(self, lookup: Lookup) -> bool:
        """Tell whether a row is found."""
        return all(part.matches(lookup) for part in self.parts)

    @property
    def ids(self) -> frozenset[str] | None:
        """Return the only ids that can be found, or None where that is not known."""
        return next((part.ids for part in self.parts if part.ids is not None), None)


@dataclass(frozen=True)
class Either:
    """A disjunction."""

    parts: tuple["Cql", ...]

    def matches(self, lookup: Lookup) -> bool:
        """Tell whether a row is found."""
        return any(part.matches(lookup) for part in self.parts)

    @property
    def ids(self) -> frozenset[str] | None:
        """Return None: another part can find anything."""
        return None


Cql = Clause | All | Either


def parse(text: str) -> Cql:
    """Return the query; raises BadRequestError, which for an unknown type lists all types."""
    parser = _Parser(text)
    query = parser.either()
    parser.end()
    return query


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(_ORDER.sub("", text.strip()), self._error())
        self._place = 0

    def _error(self, reason: str = "") -> BadRequestError:
        return BadRequestError(f"Could not parse cql : {self._text}{reason}")

    def _peek(self) -> str:
        return self._tokens[self._place].lower() if self._place < len(self._tokens) else ""

    def _take(self, *wanted: str) -> str:
        token = self._peek()
        if not token or (wanted and token not in wanted):
            raise self._error()
        self._place += 1
        return self._tokens[self._place - 1]

    def end(self) -> None:
        """Raise BadRequestError where something is left."""
        if self._peek():
            raise self._error()

    def either(self) -> Cql:
        parts = [self._all()]
        while self._peek() == "or":
            self._take()
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _all(self) -> Cql:
        parts = [self._one()]
        while self._peek() == "and":
            self._take()
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _one(self) -> Cql:
        if self._peek() == "(":
            self._take()
            query = self.either()
            self._take(")")
            return query
        field = self._take(*FIELDS).lower()
        operator = self._take("=", "!=", "in", "not").lower()
        if operator == "not":
            self._take("in")
        many = operator in ("in", "not")
        values = frozenset(self._many() if many else [_unquoted(self._take())])
        if field == "type" and not values <= set(TYPES):
            listed = ", ".join(TYPES)
            raise self._error(f". The type is not valid, valid types are: {listed}")
        return Clause(field, values, negated=operator in ("!=", "not"))

    def _many(self) -> Sequence[str]:
        self._take("(")
        values = [_unquoted(self._take())]
        while self._take(",", ")") == ",":
            values.append(_unquoted(self._take()))
        return values


def _tokens(text: str, error: BadRequestError) -> list[str]:
    tokens, place = [], 0
    while place < len(text.rstrip()):
        match = _TOKEN.match(text, place)
        if match is None:
            raise error
        tokens.append(match[1])
        place = match.end()
    return tokens


def _unquoted(token: str) -> str:
    if token[0] in "\"'":
        return re.sub(r"\\(.)", r"\1", token[1:-1])
    return token
