"""Streams that send one request per element. A failing element is skipped and the rest is read.

If nothing but failures comes back, the stream stops: going on could cost 100,000 requests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from source_confluence.confluence.errors import (
    UNAVAILABLE,
    ConfluenceError,
    ServerError,
    TransientError,
    UnreadableRecords,
)
from source_confluence.confluence.records import Record
from source_confluence.streams.sync.run import StreamRun

Report = Callable[[str, str, ConfluenceError], None]


class StreamStopped(TransientError):
    """Confluence fails to answer for every element of the stream; the rest was not requested."""


def read_elements(
    run: StreamRun,
    kind: str,
    elements: Iterable[tuple[str, Iterator[Record]]],
    report_failure: Report | None = None,
) -> Iterator[Record]:
    """Yield the records of elements, given by their ids; each costs a request.

    Elements that were deleted or denied are skipped, and those that fail are named in the log.
    Raises UnreadableRecords at the end if any failed; StreamStopped once too many have failed in a
    row, in whichever partition; NotPermitted once the right was missing too often, and nothing ever
    succeeded.
    """
    health, failed = run.health, []
    report = report_failure or run.sync.skipped.failed
    for element_id, records in elements:
        if health.breaker.has_opened:
            health.breaker.raise_if_open()
        try:
            yield from records
        except UNAVAILABLE as denial:
            health.element_denied(denial)
            run.sync.skipped.denied(kind, element_id, denial)
        except ServerError as failure:
            health.breaker.failed(_stopped(run))
            report(kind, element_id, failure)
            failed.append(element_id)
        except UnreadableRecords as failure:
            health.element_succeeded()
            report(kind, element_id, failure)
            failed.append(element_id)
        else:
            health.element_succeeded()
    if failed:
        raise UnreadableRecords(f"{run.name} of {', '.join(failed)} could not be read.")


def _stopped(run: StreamRun) -> StreamStopped:
    return StreamStopped(
        f"Stopped stream {run.name} after {run.failures_before_stop} consecutive server errors: "
        "run the sync again later."
    )
