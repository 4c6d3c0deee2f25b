"""A record of every request that the emulator answered."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from threading import Lock

from integration_tests.confluence_emulator.jsontypes import Json


@dataclass(frozen=True)
class RequestRecord:
    """One request and how it was answered."""

    method: str
    path: str
    template: str
    """The endpoint's path template, or the path where no endpoint matched."""
    query: dict[str, list[str]]
    status: int
    """The HTTP status, or 0 where the connection was broken before one was sent."""
    bytes: int
    moment: float
    """When the request arrived: seconds of the monotonic clock."""
    authorized: bool
    """Whether the request carried an Authorization header."""


class Journal:
    """The requests in order of their answers, and the peak of those under way at once."""

    def __init__(self) -> None:
        """Begin empty."""
        self._lock = Lock()
        self._records: list[RequestRecord] = []
        self._in_flight = 0
        self.peak_in_flight = 0

    def begin(self) -> None:
        """Count a request that has arrived."""
        with self._lock:
            self._in_flight += 1
            self.peak_in_flight = max(self.peak_in_flight, self._in_flight)

    def end(self, record: RequestRecord) -> None:
        """Keep the record of a request that is about to be answered."""
        with self._lock:
            self._in_flight -= 1
            self._records.append(record)

    def clear(self) -> None:
        """Forget all requests and the peak."""
        with self._lock:
            self._records.clear()
            self.peak_in_flight = self._in_flight

    def __iter__(self) -> Iterator[RequestRecord]:
        """Iterate over the records so far."""
        with self._lock:
            return iter(list(self._records))

    def __len__(self) -> int:
        """Return the number of requests so far."""
        return len(self._records)

    def counts(self, status: int | None = None) -> Counter[str]:
        """Return the number of requests by path template, of one status or of all."""
        return Counter(r.template for r in self if status is None or r.status == status)

    @classmethod
    def from_json(cls, content: Json) -> "Journal":
        """Return the record that another process returned with as_json."""
        journal = cls()
        journal._records = [RequestRecord(**record) for record in content["requests"]]
        journal.peak_in_flight = content["peak_in_flight"]
        return journal

    def as_json(self) -> Json:
        """Return everything recorded."""
        return {
            "requests": [asdict(record) for record in self],
            "counts": dict(self.counts()),
            "peak_in_flight": self.peak_in_flight,
        }
