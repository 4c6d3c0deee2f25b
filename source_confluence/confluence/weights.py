"""What the records of each stream weigh, as a sync learns it from the pages of results it reads.

Bytes are those that a page takes in memory: its body and its decoded JSON. What came last counts
most, so that a single heavy record makes pages small for a short time only.

The lock guards what is known of each stream.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

PAGE_DECAY = 0.9
"""The last page of a list is often short, so the estimate of a page decays slowly."""
RECORD_DECAY = 0.5
"""What was known of records counts half as much after each page: a heavy one is soon forgotten."""
FILLING = 0.9
"""How much of its room a page should fill on average, as records differ."""


@dataclass
class _Weight:
    """What is known of a stream; bytes and records are sums of the last pages of results."""

    page: float = 0
    """The largest page of results, less the more pages came since."""
    bytes: float = 0
    records: float = 0

    @property
    def of_a_record(self) -> float:
        return self.bytes / self.records if self.records else 0


class Weights:
    """The weights of all streams of a sync; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._streams: dict[str, _Weight] = {}

    def learn(self, stream: str, records: int, size: int) -> None:
        """Record that a page of results took `size` bytes."""
        with self._lock:
            weight = self._streams.setdefault(stream, _Weight())
            weight.page = max(size, weight.page * PAGE_DECAY)
            if records:
                weight.bytes = weight.bytes * RECORD_DECAY + size
                weight.records = weight.records * RECORD_DECAY + records

    def is_known(self, stream: str) -> bool:
        """Return whether a page of results with records came."""
        weight = self._streams.get(stream)
        return weight is not None and weight.records > 0

    def records_in(self, size: int, stream: str) -> int | None:
        """Return how many records are expected to fit into `size` bytes, at least 1.

        None if nothing is known of the stream.
        """
        weight = self._streams.get(stream)
        if weight is None or not weight.records:
            return None
        return max(1, int(FILLING * size / max(1, weight.of_a_record)))

    def of_page(self, stream: str, records: int, usual: int, *, is_heavy: bool) -> int:
        """Return how many bytes a page of results may take; `usual` if nothing is known.

        A list of heavy records is expected to send as many as are requested. No page is expected
        to take more than `usual` bytes because of one that did, only because of its records.
        """
        weight = self._streams.get(stream)
        if weight is None:
            return usual
        expected = records * weight.of_a_record
        return int(min(max(weight.page, expected * is_heavy), max(usual, expected)))
