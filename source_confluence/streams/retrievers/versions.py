"""The versions of a parent: incremental by the parents, of which only those that changed count."""

from __future__ import annotations

from source_confluence.confluence.records import Record
from source_confluence.streams.kinds import Kind
from source_confluence.streams.retrievers.endpoint import v2
from source_confluence.streams.retrievers.newest_first import NEWEST_FIRST
from source_confluence.streams.retrievers.per_parent import PerParent


def versions_of(kind: Kind) -> PerParent:
    """Return what reads the versions of a kind of parents.

    The only version of a parent at version 1 is in the list of parents: it costs no request.
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


def _only_version(parent: Record) -> Record | None:
    version = parent.get("version")
    return dict(version) if isinstance(version, dict) and version.get("number") == 1 else None
