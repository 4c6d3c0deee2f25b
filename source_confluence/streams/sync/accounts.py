"""The accounts that the records of a sync name, for the stream of users.

A user search leaves out deactivated accounts, and no list holds them, so their ids are taken from
what the other streams read. The lock guards the ids, which all workers add to.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import Any

from source_confluence.confluence.records import Record

FIELDS = (
    "accountId",
    "authorId",
    "ownerId",
    "lastOwnerId",
    "spaceOwnerId",
    "createdBy",
    "assignedTo",
    "completedBy",
    "resolutionLastModifierId",
)
"""The fields that hold an account id, in a record or in one of its PARTS."""
LISTS = ("contributorIds", "collaborators")
"""The fields that hold several of them."""
PARTS = ("version", "author", "user", "watcher", "principal")
"""The fields of a record that hold an object which may name somebody."""
PRINCIPALS = (("principalType", "principalId"), ("type", "id"))
"""How a principal, which may also be a group or a role, says what it is and its id."""


class Accounts:
    """The account ids that records name; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: set[str] = set()

    def ids(self) -> set[str]:
        """Return the ids that records named so far."""
        with self._lock:
            return set(self._ids)

    def observing(self, records: Iterator[Record]) -> Iterator[Record]:
        """Yield `records`; the ids that they name are known once they were read."""
        named: set[str] = set()
        try:
            for record in records:
                named.update(named_in(record))
                yield record
        finally:  # the records before an error were emitted
            with self._lock:
                self._ids |= named


def named_in(record: Record) -> Iterable[str]:
    """Return the account ids that a record names; it may be of any stream."""
    ids = [record.get(field) for field in FIELDS]
    if "principalType" in record:
        ids.append(_user_in(record, "principalType", "principalId"))
    for name in PARTS:
        part = record.get(name)
        if isinstance(part, dict):
            ids += [part.get(field) for field in FIELDS]
            for field in LISTS:
                several = part.get(field)
                ids += several if isinstance(several, list) else ()
            if name == "principal":
                ids += [_user_in(part, *fields) for fields in PRINCIPALS]
    return [one for one in ids if one and isinstance(one, str)]


def _user_in(principal: Record, type_field: str, id_field: str) -> Any:
    """Return the id of a principal if it is a user."""
    kind = principal.get(type_field)
    return principal.get(id_field) if isinstance(kind, str) and kind.lower() == "user" else None
