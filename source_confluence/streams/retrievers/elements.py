"""Streams that send one request per element. A failing element is skipped and the rest is read.

If nothing but failures comes back, the stream stops: going on could cost 100,000 requests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
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
from source_confluence.streams.sync.run import StreamRun

Report = Callable[[str, str, ConfluenceError], None]

FAILURES = (ServerError, RequestRefused, PagingLoop, UnknownPaging)
"""What may concern one element only; if it concerns all, the circuit breaker stops the stream."""


class StreamStopped(TransientError):
    """Confluence fails to answer for every element of the stream; the rest was not requested."""


class Unlisted(NotFound):
    """Confluence does not show the list of a parent that does exist, or not to its end."""


def read_elements(
    run: StreamRun,
    kind: str,
    elements: Iterable[tuple[str, Iterator[Record]]],
    report_failure: Report | None = None,
    places: Mapping[str, Any] | None = None,
) -> Iterator[Record]:
    """Yield the records of elements, given by their ids; each costs a request.

    `places` are the spaces of elements, by id. What was deleted or denied is skipped, and so is the
    rest of a space that denied several elements. Those that fail are named in the log.

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
        place = str(places[element_id]) if places and places.get(element_id) else None
        if place and health.gaps.has_any and health.gaps.skips(place):
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
