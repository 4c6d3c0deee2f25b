"""Streams that ask for one element after the other: a request for each, and each may fail alone.

What is refused or fails is the element's own, until nothing else is seen of the whole stream: then
asking on would cost a request, or all of its retries, for each of maybe 100,000 elements.
"""

from __future__ import annotations

import threading
from abc import ABC
from collections.abc import Iterable, Iterator

from source_confluence.confluence.errors import ConfluenceError, TransientError
from source_confluence.confluence.listing import Record, UnreadableRecords
from source_confluence.confluence.responses import UNAVAILABLE, NotPermitted, ServerTrouble
from source_confluence.connection import Connection
from source_confluence.streams.base import ConfluenceStream
from source_confluence.streams.shared import Shared

REFUSALS_BEFORE_ANY_ANSWER = 10
"""So many elements may be refused before the stream is. A refusal for want of a right, though, says
so alone, if nothing else was answered by the end; that one or two are gone is everyday."""
TROUBLES_IN_A_ROW = 10
"""So many elements may fail one after the other before the endpoint is taken for down; with many
workers more, so that one outage, which all of them run into, does not suffice."""


class GivenUp(TransientError):
    """Confluence fails to answer for anything of the stream; the rest was not asked for."""


class ElementByElement(ConfluenceStream, ABC):
    """Keeps, over all partitions, how the elements fare; thread-safe."""

    was_let_in = False

    def __init__(self, connection: Connection, shared: Shared) -> None:
        super().__init__(connection, shared)
        self._refusals = self._rights_missing = self._troubles = 0
        self._most_troubles = max(TROUBLES_IN_A_ROW, 2 * connection.config.num_workers)
        self._lock = threading.Lock()

    def one_by_one(
        self, kind: str, elements: Iterable[tuple[str, Iterator[Record]]]
    ) -> Iterator[Record]:
        """Yield the records of elements that are told by their ids; each costs a request.

        What is gone or not to be read is passed over, and what fails is named. Raises
        UnreadableRecords at the end if something failed; GivenUp once so much has failed in a row,
        in whichever partition; NotPermitted once the right was missing so often, and nothing ever
        answered, that this is the stream's.
        """
        unreadable = []
        for element_id, records in elements:
            self._require_hope()
            try:
                yield from records
            except UNAVAILABLE as refusal:
                self._refused(refusal)
                self._shared.parents.gone(kind, element_id, refusal)
            except ServerTrouble as trouble:
                self._troubled()
                self.name_troubled(kind, element_id, trouble)
                unreadable.append(element_id)
            except UnreadableRecords as trouble:
                self._answered()
                self.name_troubled(kind, element_id, trouble)
                unreadable.append(element_id)
            else:
                self._answered()
        if unreadable:
            raise UnreadableRecords(f"{self.name} of {', '.join(unreadable)} could not be read.")

    def name_troubled(self, kind: str, element_id: str, trouble: ConfluenceError) -> None:
        """Name an element that fails in the log."""
        self._shared.parents.troubled(kind, element_id, trouble)

    def _require_hope(self) -> None:
        if self._troubles >= self._most_troubles:
            raise GivenUp(
                f"Stream {self.name} is given up, because Confluence failed to answer for "
                f"{self._most_troubles} records in a row: run the sync again later."
            )

    def _answered(self) -> None:
        self.was_let_in = True
        with self._lock:
            self._troubles = 0

    def _refused(self, refusal: ConfluenceError) -> None:
        with self._lock:
            self._refusals += 1
            is_right_missing = isinstance(refusal, NotPermitted)
            self._rights_missing += is_right_missing
            if is_right_missing or self._refusals >= REFUSALS_BEFORE_ANY_ANSWER:
                self.last_refusal = refusal
            if self._rights_missing >= REFUSALS_BEFORE_ANY_ANSWER and not self.was_let_in:
                raise refusal

    def _troubled(self) -> None:
        with self._lock:
            self._troubles += 1
