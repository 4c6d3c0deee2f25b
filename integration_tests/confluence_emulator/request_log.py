"""The log of every request that the emulator received."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from threading import Lock

from integration_tests.confluence_emulator.jsontypes import Json


@dataclass(frozen=True)
class RequestRecord:
    """One request and its response."""

    method: str
    path: str
    template: str
    """The endpoint's path template, or the path if no endpoint matched."""
    query: dict[str, list[str]]
    status: int
    """The HTTP status, or 0 if the connection broke before one was sent."""
    bytes: int
    arrived_at: float
    """When the request arrived, in seconds of the monotonic clock."""
    authorized: bool
    """Whether the request carried an Authorization header."""


class RequestLog:
    """The requests in the order of their responses, and the peak of concurrent requests."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = Lock()
        self._records: list[RequestRecord] = []
        self._in_flight = 0
        self.peak_in_flight = 0

    def begin(self) -> None:
        """Count a request as in flight."""
        with self._lock:
            self._in_flight += 1
            self.peak_in_flight = max(self.peak_in_flight, self._in_flight)

    def end(self, record: RequestRecord) -> None:
        """Log a request whose reply is about to be sent."""
        with self._lock:
            self._in_flight -= 1
            self._records.append(record)

    def clear(self) -> None:
        """Remove all requests and reset the peak."""
        with self._lock:
            self._records.clear()
            self.peak_in_flight = self._in_flight

    def __iter__(self) -> Iterator[RequestRecord]:
        """Iterate over the requests so far."""
        with self._lock:
            return iter(list(self._records))

    def __len__(self) -> int:
        """Return the number of requests so far."""
        return len(self._records)

    def counts(self, status: int | None = None) -> Counter[str]:
        """Return the number of requests by path template, optionally only of one status."""
        return Counter(r.template for r in self if status is None or r.status == status)

    @classmethod
    def from_json(cls, content: Json) -> "RequestLog":
        """Return the log that as_json of another process returned."""
        log = cls()
        log._records = [RequestRecord(**record) for record in content["requests"]]
        log.peak_in_flight = content["peak_in_flight"]
        return log

    def as_json(self) -> Json:
        """Return the whole log as JSON."""
        return {
            "requests": [asdict(record) for record in self],
            "counts": dict(self.counts()),
            "peak_in_flight": self.peak_in_flight,
        }
