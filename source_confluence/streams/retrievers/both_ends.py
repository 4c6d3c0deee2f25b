"""Reads one list from both ends at the same time, in half the time."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor

from source_confluence.confluence.listing import Listing
from source_confluence.confluence.records import Record, ids_of
from source_confluence.streams.state import order_of

Pages = Iterator[list[Record]]

DIGITS = 19
"""A number of fewer digits fits in 64 bits."""
PAGES_BEFORE_BOTH = 4
"""The meeting can cost one request more than a single reader needs: too much for a short list."""


def from_both_ends(forward: Listing, backward: Listing | None = None) -> Pages:
    """Yield the pages of results of a list in the order of ids, which `backward` has reversed.

    The pages come from both in turn; those of `backward` stay in descending order. The two have met
    once their ids cross. That is certain only if both keep the order: if one does not, `forward`
    alone is read to its end, and so it is without `backward`. An empty page of results stands
    before each that follows a gap: what the server could not send. Raises as `Listing.pages`.
    """
    pages = _pages_and_gaps(forward)
    if backward is None:
        yield from pages
        return
    ahead = _Order()
    for _ in range(PAGES_BEFORE_BOTH):
        page = next(pages, None)
        if page is None:
            return
        ahead.follow(ids_of(page))
        yield page
    meter = forward.client.meter
    with ThreadPoolExecutor(1, initializer=meter.charge_to, initargs=(meter.payer,)) as other_end:
        yield from _meet(pages, _pages_and_gaps(backward), ahead, other_end)
    forward.require_readable()
    backward.require_readable()


def _pages_and_gaps(listing: Listing) -> Pages:
    for page in listing.pages():
        if listing.has_gaps:
            yield []
        yield page


def _meet(forward: Pages, backward: Pages, ahead: _Order, other_end: ThreadPoolExecutor) -> Pages:
    behind = _Order()
    seen_behind = array("q")  # a set would take ten times the memory, for a case that rarely comes
    for page, last_page in _in_turn(forward, backward, other_end):
        ahead.follow(ids_of(page))
        yield _without(page, seen_behind) if ahead.has_met(behind) else page
        behind.precede(ids_of(last_page)[::-1])
        if not (ahead.holds and behind.holds):
            break
        fresh = [record for record in last_page if not ahead.has_passed(record.get("id"))]
        seen_behind.extend(map(_number_of, ids_of(fresh)))
        yield fresh
        if ahead.has_met(behind):
            return
    seen = set(seen_behind)
    for page in forward:
        yield _without(page, seen)


def _without(page: list[Record], seen: Collection[int]) -> list[Record]:
    """Return the records of a page of results that were not seen from the other end."""
    known = seen if isinstance(seen, set) else set(seen)
    return [one for one in page if not one.get("id") or _number_of(str(one["id"])) not in known]


def _number_of(record_id: str) -> int:
    """Return what stands for an id in 64 bits: Confluence's are numbers."""
    return int(record_id) if record_id.isdecimal() and len(record_id) < DIGITS else hash(record_id)


def _in_turn(
    forward: Pages, backward: Pages, other_end: ThreadPoolExecutor
) -> Iterator[tuple[list[Record], list[Record]]]:
    """Yield pages of results of both ends, requested together, until one end has no more."""
    while True:
        future = other_end.submit(next, backward, None)
        page, last_page = next(forward, None), future.result()
        if page is None:
            return
        yield page, last_page or []
        if last_page is None:
            return


class _Order:
    """Whether ids, page of results by page of results, keep their order; and how far they came."""

    def __init__(self) -> None:
        self.holds = True
        self._places: list[tuple[int, str]] = []

    def follow(self, ids: list[str]) -> None:
        """Record a page of results that lies after all earlier ones."""
        self._add([*self._places[-1:], *map(order_of, ids)])

    def precede(self, ids: list[str]) -> None:
        """Record a page of results, in ascending order, that lies before all earlier ones."""
        self._add([*map(order_of, ids), *self._places[:1]])

    def has_passed(self, record_id: str | None) -> bool:
        """Return whether a record lies within what was recorded, or before it."""
        if record_id is None or not self._places:
            return False
        return order_of(record_id) <= self._places[-1]

    def has_met(self, behind: _Order) -> bool:
        """Return whether what was recorded reaches what another one has recorded."""
        return bool(self._places and behind._places) and self._places[-1] >= behind._places[0]

    def _add(self, places: list[tuple[int, str]]) -> None:
        ordered = sorted(places)
        self.holds = self.holds and places == ordered
        self._places = [*ordered[:1], *ordered[-1:]]
