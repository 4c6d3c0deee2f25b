"""The little of CQL that the emulator understands: type, space and id, joined by AND."""

import re
from dataclasses import dataclass

from integration_tests.confluence_emulator.errors import BadRequestError

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
)
_ORDER = re.compile(r"\s+order\s+by\s+.*$", re.IGNORECASE)
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_CLAUSE = re.compile(
    r"(?P<field>type|space|id)\s*(?:=\s*(?P<one>[^\s()]+)|in\s*\((?P<many>[^()]*)\))", re.IGNORECASE
)


@dataclass(frozen=True)
class Cql:
    """A conjunction of (field, allowed values)."""

    clauses: tuple[tuple[str, frozenset[str]], ...]

    def matches(self, kind: str, space_key: str, number: str) -> bool:
        """Tell whether content of this type, space and id is found."""
        row = {"type": kind, "space": space_key, "id": number}
        return all(row[field] in values for field, values in self.clauses)


def parse(text: str) -> Cql:
    """Return the query; raises BadRequestError, which for an unknown type lists all types."""
    clauses = []
    for clause in _AND.split(_ORDER.sub("", text.strip())):
        match = _CLAUSE.fullmatch(clause.strip())
        if match is None:
            raise BadRequestError(f"Could not parse cql : {text}")
        values = (match["one"] or match["many"]).split(",")
        field = match["field"].lower()
        allowed = frozenset(value.strip().strip("\"'") for value in values)
        if field == "type" and not allowed <= set(TYPES):
            raise BadRequestError(
                f"Could not parse cql : {text}. The type is not valid, valid types are: {TYPES}"
            )
        clauses.append((field, allowed))
    return Cql(tuple(clauses))
