"""The versions of a parent: incremental by the parents, of which only those that changed count."""

from __future__ import annotations

from source_confluence.confluence.records import Record
from source_confluence.streams.cursor_field import CREATED
from source_confluence.streams.kinds import Kind
from source_confluence.streams.retrievers.endpoint import v2
from source_confluence.streams.retrievers.newest_first import NEWEST_FIRST
from source_confluence.streams.retrievers.per_parent import PerParent


def versions_of(kind: Kind) -> PerParent:
    """Return what reads the versions of a kind of parents.

    The only version of a parent at version 1 is in the list of parents: it costs no request. So is
    the only new one of an old parent at version 2.
    """
    return PerParent(
        kind,
        section="versions",
        endpoint=v2(f"{kind.path}/{{id}}/versions", {"sort": NEWEST_FIRST}),
        to_record=_with_cursor,
        only_child=_only_version,
    )


def _with_cursor(version: Record) -> Record:
    version["lastModifiedAt"] = version.get("createdAt")
    return version


def _only_version(parent: Record, since: str | None) -> Record | None:
    """Return the version in the row of a parent if no other one is wanted.

    That is its first one, or its second if it was created before the wanted ones.
    """
    version, created_at = parent.get("version"), CREATED.value(parent)
    if not isinstance(version, dict):
        return None
    is_old = since is not None and created_at is not None and created_at < since
    return dict(version) if version.get("number") in ((1, 2) if is_old else (1,)) else None
