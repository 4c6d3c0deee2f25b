"""Whether a right is missing everywhere, or only in the space that was tried first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from source_confluence.confluence.errors import ConfluenceError, NotPermitted
from source_confluence.confluence.records import Record, id_of
from source_confluence.streams.kinds import SPACE, Kind
from source_confluence.streams.retrievers.newest_first import NewestFirst
from source_confluence.streams.sync.run import StreamRun

OTHER_SPACES = 3
"""This many other spaces are tried before a stream counts as unreadable."""


class DeniedInSpace(NotPermitted):
    """The account may not read a stream in one space, but may elsewhere."""

    def __init__(self, message: str, space: str) -> None:
        """`space` is the key of the space."""
        super().__init__(message)
        self.space = space


def probe_parents(run: StreamRun, kind: Kind, probe: Callable[[Record], object]) -> None:
    """Probe one parent; if it is denied, one parent each of a few other spaces.

    Raises what the first parent raises: as DeniedInSpace if another space has what it lacks.
    """
    parent = run.sync.list_of(kind).first_record()
    if parent is None or id_of(parent) is None:
        return
    try:
        probe(parent)
    except NotPermitted as denial:
        space_id = id_of(parent if kind is SPACE else {"id": parent.get("spaceId")})
        for other in _parents_elsewhere(run, kind, space_id):
            if _succeeds(probe, other):
                space = run.sync.space_keys().get(space_id or "", space_id or "")
                raise DeniedInSpace(denial.message, space) from denial
        raise


def _parents_elsewhere(run: StreamRun, kind: Kind, space_id: str | None) -> Iterator[Record]:
    """Yield the first parent of each of a few other spaces, if parents are listed by space."""
    spaces = (space for page in run.sync.list_of(SPACE).selected_pages() for space in page)
    others = islice(
        (space for space in spaces if id_of(space) not in (None, space_id)), OTHER_SPACES
    )
    if kind is SPACE:
        yield from others
        return
    parents = run.sync.runs[kind.name]
    if not kind.statuses or not isinstance(parents.retriever, NewestFirst):
        return
    for space in others:
        params = parents.retriever.all_params(parents, {"spaceIds": [id_of(space)]})
        first = parents.retriever.endpoint.first_record(parents, params)
        if first is not None and id_of(first) is not None:
            yield first


def _succeeds(probe: Callable[[Record], object], parent: Record) -> bool:
    try:
        probe(parent)
    except ConfluenceError:
        return False
    return True
