"""What goes wrong, on request: declared by tests, counted against the requests they meet."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from threading import Lock

BEFORE = ("status", "html", "reset", "timeout", "oversize")
"""Kinds that need no answer to spoil."""

BROKEN = ("truncated", "truncated_json")
"""Kinds that break a reply which is ready."""

HOLDING = ("poison", "bad_record")
"""Kinds that act where the answer would hold a certain record."""

KINDS = (
    *BEFORE,
    *BROKEN,
    *HOLDING,
    "empty_page",
    "short_page",
    "overlap",
    "extra_next",
    "records",
    "next_header_only",
    "next_body_only",
    "next_null",
    "next_absolute",
    "next_wiki_wiki",
    "next_double_encoded",
    "next_unencoded",
    "next_repeat",
    "no_next",
)


@dataclass
class Fault:
    """One fault: which requests it meets, how often, and what it does.

    It meets the requests whose decoded path with query contains the regular expression
    `match` and which it can spoil at all (a list without a next page has no next to spoil). Of
    these it lets the first `skip` pass, then takes every `every`-th one, `times` times (None:
    for ever).

    Instead of an answer:
      status          `status` (500) with `headers` and `body` (default: JSON as Confluence's)
      html            `status` (502) with an HTML page, as a proxy sends; 200 is possible too
      reset           the connection is reset
      timeout         the answer is held for `seconds`, then the connection closed
      oversize        504 where `limit` exceeds `amount` and a body-format or expand is given
      poison          `status` (500) where the answer would hold record `record_id` with its body
      bad_record      `status` (500) where the answer would hold record `record_id`; a bad ancestor
                      is Fault("content/search.*expand=[^&]*ancestors", "bad_record", status=404,
                      record_id=...)

    A broken answer:
      truncated       the connection closes in the middle of the body
      truncated_json  well-formed HTTP around the first half of the JSON

    A changed list:
      empty_page      no results, and a next that leads to the results of this page
      short_page      the first `amount` results, and a next that leads to the others
      overlap         the last `amount` results come again on the next page
      extra_next      the last page has a next, which leads to an empty page
      records         `values` are set, `missing` left out and `null` made null in every record;
                      a dot leads into an object: `version.message`
      next_header_only, next_body_only   of the body's `_links.next` and the Link header one
      next_null       `_links.next` is null, the Link header intact
      next_absolute   with scheme and host: `host` (`https://elsewhere.example`) or the site's
      next_wiki_wiki  with /wiki twice
      next_double_encoded, next_unencoded   the cursor percent-encoded twice, or not at all
      next_repeat     the page leads to itself
      no_next         no next at all, although there is more

    `wait` is a style of waiting.wait_headers with its seconds, for 429 and 503.
    """

    match: str = ""
    kind: str = "status"
    status: int | None = None
    times: int | None = 1
    every: int = 1
    skip: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    wait: tuple[str, float] | None = None
    body: str | None = None
    seconds: float = 60.0
    amount: int = 1
    record_id: str = ""
    values: dict[str, object] = field(default_factory=dict)
    missing: Sequence[str] = ()
    null: Sequence[str] = ()
    host: str | None = None
    met: int = 0
    """How many requests it has met so far."""
    fired: int = 0
    """How many of them it has spoilt."""

    def __post_init__(self) -> None:
        """Raise ValueError for an unknown kind or a regular expression that is none."""
        if self.kind not in KINDS:
            raise ValueError(f"Unknown kind of fault: {self.kind}")
        try:
            re.compile(self.match)
        except re.error as error:
            raise ValueError(f"Not a regular expression: {self.match}: {error}") from error

    def count(self) -> bool:
        """Count a request that the fault meets and tell whether it is to be spoilt."""
        if self.times is not None and self.fired >= self.times:
            return False
        self.met += 1
        if self.met <= self.skip or (self.met - self.skip) % self.every:
            return False
        self.fired += 1
        return True


def poisoned(content_id: str, status: int) -> Fault:
    """Return a fault of everything below one object: /pages/{id}/*, with include-*, and in v1."""
    match = rf"/{content_id}(/|\?.*include-)"
    return Fault(match=match, status=status, times=None)


class Faults:
    """The faults in force, in the order in which they were added."""

    def __init__(self) -> None:
        """Begin without any."""
        self._lock = Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """Put a fault in force and return it; its counters go on counting."""
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Lift all faults."""
        with self._lock:
            self._faults.clear()

    def meeting(self, target: str) -> list[Fault]:
        """Return the faults about this decoded path with query."""
        with self._lock:
            return [fault for fault in self._faults if re.search(fault.match, target)]

    def count(self, fault: Fault) -> bool:
        """Do what Fault.count does, for one request at a time."""
        with self._lock:
            return fault.count()

    def __len__(self) -> int:
        """Return the number of faults in force."""
        return len(self._faults)

    def __iter__(self) -> Iterator[Fault]:
        """Iterate over the faults in force."""
        with self._lock:
            return iter(list(self._faults))
