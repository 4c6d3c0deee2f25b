"""Reads one list from both ends at the same time, in half the time."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from source_confluence.confluence.listing import Listing
from source_confluence.confluence.records import Record, ids_of
from source_confluence.streams.retrievers.orders import PlaceOf

Pages = Iterator[list[Record]]
PairsOfPages = Iterator[tuple[list[Record], list[Record]]]

DIGITS = 19
"""A number of fewer digits fits in 64 bits."""
PAGES_BEFORE_BOTH = 4
"""The meeting can cost two requests more than a single reader needs: too much for a short list."""
EQUAL_AT_MOST = 2
"""For how many pages of results both ends may stand at the same place. If a whole import has one
time of creation they may never pass each other: then one end is enough."""
RECENT = 4
"""Pages of results. Records without a place can repeat only those just read from the other end."""


def from_both_ends(forward: Listing, backward: Listing, place_of: PlaceOf) -> Pages:
    """Yield the pages of results of a list, which `backward` has in reverse.

    The pages come from both in turn; those of `backward` stay in descending order. The two have met
    once one has read past the place of the other. That is certain only if both keep the order: if
    one does not, `forward` alone is read to its end. An empty page of results stands before each
    that follows a gap: what the server could not send. Raises as `Listing.pages`.
    """
    pages = pages_and_gaps(forward)
    ahead = _Portion(place_of)
    for _ in range(PAGES_BEFORE_BOTH):
        page = next(pages, None)
        if page is None:
            return
        ahead.add(page)
        yield page
        ahead.keep(page)
    if not forward.has_more:
        yield from pages  # which ends, and raises what could not be read
        return
    meter = forward.client.meter
    with ThreadPoolExecutor(1, initializer=meter.charge_to, initargs=(meter.payer,)) as helper:
        both = _in_turn(pages, pages_and_gaps(backward), helper)
        yield from _meet(both, pages, ahead, _Portion(place_of, descending=True))
    forward.require_readable()
    backward.require_readable()


def pages_and_gaps(listing: Listing) -> Pages:
    """Yield the pages of results of a list; an empty one stands before each that follows a gap."""
    for page in listing.pages():
        if listing.has_gaps:
            yield []
        yield page


def _meet(both: PairsOfPages, forward: Pages, ahead: _Portion, behind: _Portion) -> Pages:
    equal = 0
    for page, last_page in both:
        ahead.add(page)
        yield behind.unread(page, is_close=ahead.reaches(behind))
        ahead.keep(page)
        behind.add(last_page)
        if not (ahead.holds and behind.holds):
            break
        yield ahead.unread(last_page, is_close=ahead.reaches(behind))
        behind.keep(last_page)
        if ahead.is_past(behind):
            return
        equal += ahead.reaches(behind)
        if equal > EQUAL_AT_MOST:
            break
    for page in forward:
        yield behind.unread(page, is_close=True)


def _in_turn(forward: Pages, backward: Pages, helper: ThreadPoolExecutor) -> PairsOfPages:
    """Yield pages of results of both ends, requested together, until one end has no more."""
    while True:
        future = helper.submit(next, backward, None)
        page, last_page = next(forward, None), future.result()
        if page is None:
            return
        yield page, last_page or []
        if last_page is None:
            return


class _Portion:
    """What was read from one end of a list: which records, how far, and whether in order."""

    def __init__(self, place_of: PlaceOf, *, descending: bool = False) -> None:
        self.holds = True
        """Whether all places were in order."""
        self._place_of = place_of
        self._descending = descending
        self._bounds: list[Any] = []
        self._ids = array("q")  # a set would take ten times the memory, and is rarely needed
        self._recent: deque[frozenset[int]] = deque(maxlen=RECENT)

    def add(self, page: list[Record]) -> None:
        """Record the places of the next page of results."""
        places = [place for place in map(self._place_of, page) if place is not None]
        if self._descending:
            places = [*places[::-1], *self._bounds[:1]]
        else:
            places = [*self._bounds[-1:], *places]
        ordered = sorted(places)
        self.holds = self.holds and places == ordered
        self._bounds = [*self._bounds, *ordered[:1], *ordered[-1:]]
        self._bounds = [min(self._bounds), max(self._bounds)] if self._bounds else []

    def keep(self, page: list[Record]) -> None:
        """Remember which records were read."""
        numbers = frozenset(map(_number_of, ids_of(page)))
        self._ids.extend(numbers)
        self._recent.append(numbers)

    def unread(self, page: list[Record], *, is_close: bool) -> list[Record]:
        """Return what was not read from this end; `is_close` if any record may have been."""
        known = frozenset(self._ids).union if is_close else frozenset[int]().union
        read = known(*self._recent)
        return [one for one in page if not one.get("id") or _number_of(str(one["id"])) not in read]

    def reaches(self, behind: _Portion) -> bool:
        """Return whether this portion and another one may have a record in common."""
        return bool(self._bounds and behind._bounds) and self._bounds[-1] >= behind._bounds[0]

    def is_past(self, behind: _Portion) -> bool:
        """Return whether nothing lies between this portion and another one.

        Records that share their place may lie on either side of a reader at that place. So being
        equal is no proof.
        """
        return bool(self._bounds and behind._bounds) and self._bounds[-1] > behind._bounds[0]


def _number_of(record_id: str) -> int:
    """Return what stands for an id in 64 bits: most are numbers."""
    return int(record_id) if record_id.isdecimal() and len(record_id) < DIGITS else hash(record_id)
