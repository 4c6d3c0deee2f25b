"""Faults that tests declare: which requests fail, how often, and how."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from threading import Lock

REPLACING = ("status", "html", "reset", "timeout", "oversize")
"""Kinds that replace the answer without computing it."""

TRUNCATING = ("truncated", "truncated_json")
"""Kinds that truncate a finished reply."""

QUERY_KINDS = ("sort_ignored",)
"""Kinds that ignore a parameter of the query."""

RECORD_KINDS = ("poison", "bad_record")
"""Kinds that fail answers with a certain record."""

KINDS = (
    *REPLACING,
    *TRUNCATING,
    *QUERY_KINDS,
    *RECORD_KINDS,
    "empty_page",
    "short_page",
    "overlap",
    "repeated_rows",
    "drop",
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
    "limit_echoed",
    "start_ignored",
    "odd_rows",
)


@dataclass
class Fault:
    """One fault: which requests match it, how often it fires, and what it does.

    A request matches if the regular expression `match` occurs in its decoded path with query, and
    if the fault can apply to it (`no_next` can't apply to the last page of a list). The fault lets
    the first `skip` matching requests pass, then fires on every `every`-th one, `times` times
    (None: without limit).

    Instead of an answer:
      status          `status` (500) with `headers` and `body` (default: JSON as Confluence's)
      html            `status` (502) with an HTML page, as a proxy sends; 200 is also possible
      reset           the connection is reset
      timeout         no response for `seconds`, then the connection closes
      oversize        504 if `limit` exceeds `amount` and the query has a body-format or expand
      poison          `status` (500) if the answer includes record `record_id` with its body
      bad_record      `status` (500) if the answer includes record `record_id`; for a bad ancestor,
                      Fault("content/search.*expand=[^&]*ancestors", "bad_record", status=404,
                      record_id=...)

    A truncated answer:
      truncated       the connection closes in the middle of the body
      truncated_json  well-formed HTTP around the first half of the JSON

    A parameter that Confluence ignores, in all requests that match:
      sort_ignored    `sort`: the list is in its default order

    A changed list:
      empty_page      no results, and a next that links to the results of this page; `times=3`:
                      three empty ones in a row
      short_page      the first `amount` results, and a next that links to the others
      overlap         the last `amount` results repeat on the next page
      repeated_rows   the first `amount` results of the list come again, before the others; with
                      `times=4` on four pages of results in a row
      drop            the first `amount` results are left out, and come on no other page
      extra_next      the last page has a next, which links to an empty page
      records         in every record, sets `values`, removes `missing` and nulls `null`;
                      a dot selects a nested field: `version.message`
      next_header_only, next_body_only   next only in the Link header, or only in the body
      next_null       `_links.next` is null, the Link header intact
      next_absolute   next with scheme and host: `host` (`https://elsewhere.example`) or the site's
      next_wiki_wiki  next with /wiki twice
      next_double_encoded, next_unencoded   the cursor percent-encoded twice, or not at all
      next_repeat     the page links to itself
      no_next         no next, although there are more results
      limit_echoed    v1: `amount` results at most, never a next, and the requested limit
      start_ignored   the first page of results again and again, with a new next
      odd_rows        on the last page also rows that are no objects: null, a number, text, a list

    `wait` adds the headers of a style of rate_limit.retry_after_headers, with its seconds, for 429
    and 503.
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
    """How many requests matched so far."""
    fired: int = 0
    """How many requests failed because of this fault."""

    def __post_init__(self) -> None:
        """Raise ValueError for an unknown kind or an invalid regular expression."""
        if self.kind not in KINDS:
            raise ValueError(f"Unknown kind of fault: {self.kind}")
        try:
            re.compile(self.match)
        except re.error as error:
            raise ValueError(f"Not a regular expression: {self.match}: {error}") from error

    def count(self) -> bool:
        """Count a matching request and return whether the fault fires on it."""
        if self.times is not None and self.fired >= self.times:
            return False
        self.met += 1
        if self.met <= self.skip or (self.met - self.skip) % self.every:
            return False
        self.fired += 1
        return True


def poisoned(content_id: str, status: int) -> Fault:
    """Return a fault for all child lists of an object: /pages/{id}/*, include-* and v1."""
    match = rf"/{content_id}(/|\?.*include-)"
    return Fault(match=match, status=status, times=None)


class Faults:
    """The active faults, in the order they were added."""

    def __init__(self) -> None:
        """Start without faults."""
        self._lock = Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """Activate a fault and return it; it keeps counting in `met` and `fired`."""
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._faults.clear()

    def matching(self, target: str) -> list[Fault]:
        """Return the faults that match this decoded path with query."""
        with self._lock:
            return [fault for fault in self._faults if re.search(fault.match, target)]

    def count(self, fault: Fault) -> bool:
        """Call Fault.count under the lock."""
        with self._lock:
            return fault.count()

    def __len__(self) -> int:
        """Return the number of active faults."""
        return len(self._faults)

    def __iter__(self) -> Iterator[Fault]:
        """Iterate over the active faults."""
        with self._lock:
            return iter(list(self._faults))
