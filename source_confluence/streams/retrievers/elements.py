"""Streams that send one request per element. A failing element is skipped and the rest is read.

If nothing but failures comes back, the stream stops: going on could cost 100,000 requests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from source_confluence.confluence.errors import (
    UNAVAILABLE,
    ConfluenceError,
    NotFound,
    PagingLoop,
    RequestRefused,
    ServerError,
    TransientError,
    UnknownPaging,
    UnreadableRecords,
)
from source_confluence.confluence.records import Record
from source_confluence.streams.kinds import SPACE, Kind
from source_confluence.streams.sync.run import Slice, StreamRun

Report = Callable[[str, str, ConfluenceError], None]

FAILURES = (ServerError, RequestRefused, PagingLoop, UnknownPaging)
"""What may concern one element only; if it concerns all, the circuit breaker stops the stream."""


class StreamStopped(TransientError):
    """Confluence fails to answer for every element of the stream; the rest was not requested."""


class Unlisted(NotFound):
    """Confluence does not show the list of a parent that does exist, or not to its end."""


@dataclass(frozen=True)
class Places:
    """In which spaces the elements of a slice lie."""

    space_ids: Mapping[str, Any]
    """By the id of the element; None if it lies in none."""
    part: Slice | None
    """The slice, if elements may be postponed as `Gaps` describes."""

    @classmethod
    def of(cls, kind: Kind, parents: Iterable[Record], part: Slice | None) -> Places:
        """Return where the parents of a slice lie."""
        field = "id" if kind is SPACE else "spaceId"
        return cls({parent["id"]: parent.get(field) for parent in parents}, part)

    def place(self, element_id: str) -> str | None:
        """Return the id of the space of an element."""
        space_id = self.space_ids.get(element_id)
        return str(space_id) if space_id else None

    def postpones(self, run: StreamRun, element_id: str) -> bool:
        """Return whether an element need not be requested now."""
        place = self.place(element_id)
        if place is None or self.part is None:
            return False
        return run.health.gaps.postpones(place, self.part, element_id)


def read_elements(
    run: StreamRun,
    kind: str,
    elements: Iterable[tuple[str, Iterator[Record]]],
    report_failure: Report | None = None,
    places: Places | None = None,
) -> Iterator[Record]:
    """Yield the records of elements, given by their ids; each costs a request.

    What was deleted or denied is skipped; `places` says in which space. Those that fail are named
    in the log.

    Raises:
        UnreadableRecords: At the end, if any failed.
        StreamStopped: Too many have failed in a row, in whichever partition.
        NotPermitted: The right was missing in too many spaces, and nothing ever succeeded.
    """
    health, failed = run.health, []
    report = report_failure or run.sync.skipped.failed
    for element_id, records in elements:
        if health.breaker.has_opened:
            health.breaker.raise_if_open()
        place = places.place(element_id) if places else None
        if places and health.gaps.has_any and places.postpones(run, element_id):
            continue
        try:
            yield from records
        except Unlisted:
            health.gaps.unlisted(element_id)
        except UNAVAILABLE as denial:
            health.element_denied(denial, place)
            run.sync.skipped.denied(kind, element_id, denial)
        except FAILURES as failure:
            health.breaker.failed(_stopped(run, failure))
            report(kind, element_id, failure)
            failed.append(element_id)
        except UnreadableRecords as failure:
            health.element_succeeded(place)
            report(kind, element_id, failure)
            failed.append(element_id)
        else:
            health.element_succeeded(place)
    if failed:
        raise UnreadableRecords(f"{run.name} of {', '.join(failed)} could not be read.")


def _stopped(run: StreamRun, failure: ConfluenceError) -> StreamStopped:
    return StreamStopped(
        f"Stopped stream {run.name} after {run.failures_before_stop} consecutive failures: "
        f"run the sync again later. The last one: {failure.message}"
    )
