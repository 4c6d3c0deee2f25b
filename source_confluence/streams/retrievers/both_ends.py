"""Reads one list from both ends at the same time, in half the time."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from source_confluence.confluence.listing import Listing
from source_confluence.confluence.records import Record, id_of, ids_of
from source_confluence.streams.retrievers.orders import PlaceOf

Pages = Iterator[list[Record]]
PairsOfPages = Iterator[tuple[list[Record], list[Record]]]

DIGITS = 19
"""A number of fewer digits fits in 64 bits."""
PAGES_BEFORE_BOTH = 4
"""The meeting can cost two requests more than a single reader needs: too much for a short list."""
CLOSE_AT_MOST = 2
"""For how many pages of results both ends may stand at the same place, or repeat each other. If a
whole import has one time of creation, or few records show theirs, they may not be seen to pass each
other: then one end is enough."""
RECENT = 4
"""Pages of results. Where two ends begin to repeat each other, both have just read the records."""


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
    close, is_close = 0, True  # a server that ignores the order begins as the other end did
    for page, last_page in both:
        ahead.add(page)
        unread = _without(page, behind.read(is_close=is_close or ahead.reaches(behind)))
        yield unread
        ahead.keep(page)
        behind.add(last_page)
        last_unread = _without(last_page, ahead.read(is_close=is_close or ahead.reaches(behind)))
        yield last_unread  # also if out of order: a first sync must see that
        behind.keep(last_page)
        if not (ahead.holds and behind.holds):
            break
        if ahead.is_past(behind):
            return
        repeats = len(unread) < len(page) or len(last_unread) < len(last_page)
        close += repeats or ahead.reaches(behind)
        is_close = close > 0
        if close > CLOSE_AT_MOST:
            break
    read = behind.read(is_close=True)
    for page in forward:
        yield _without(page, read)


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

    def read(self, *, is_close: bool) -> frozenset[int]:
        """Return what was just read from this end, or all that was if the other one is close."""
        return frozenset(self._ids) if is_close else frozenset[int]().union(*self._recent)

    def reaches(self, behind: _Portion) -> bool:
        """Return whether this portion and another one may have a record in common."""
        return bool(self._bounds and behind._bounds) and self._bounds[-1] >= behind._bounds[0]

    def is_past(self, behind: _Portion) -> bool:
        """Return whether nothing lies between this portion and another one.

        Records that share their place may lie on either side of a reader at that place. So being
        equal is no proof. Nor is it one if this portion is past all of the other: that did not
        begin at the end of the list, or the list has grown.
        """
        if not (self._bounds and behind._bounds):
            return False
        return bool(behind._bounds[0] < self._bounds[-1] <= behind._bounds[-1])


def _without(page: list[Record], read: frozenset[int]) -> list[Record]:
    """Return the records of a page of results that were not read."""
    return [one for one in page if (found := id_of(one)) is None or _number_of(found) not in read]


def _number_of(record_id: str) -> int:
    """Return what stands for an id in 64 bits: most are numbers."""
    return int(record_id) if record_id.isdecimal() and len(record_id) < DIGITS else hash(record_id)
