"""Cuts the light list of a first sync into parts, and says how far each of them goes."""

from __future__ import annotations

from collections.abc import Iterator

from source_confluence.confluence.records import Record, ids_of
from source_confluence.streams.state import FirstSync, order_of
from source_confluence.streams.sync.run import Slice

IDS_PER_PART = 150
"""What a killed sync reads again are parts that were done before those in front of them: a few of
them, with ten workers. Larger parts would cost fewer requests, but then more is read again."""
IDS_PER_REQUEST = 250
"""What Confluence accepts: a small site, or the rest of a large one, is one part."""
MIN_ORDERED = 10
"""Fewer ids than these can be in order by chance."""


class Parts:
    """Collects ids from both ends of a list, and cuts them into parts.

    A part is `{"ids": "1,2,3"}`, as the request has them: a site can have a million. If the list is
    in the order of ids it also says how far the list has come with it: `upTo` an id from the first
    end, or `fromOn` an id from the other one.
    """

    def __init__(self, reach: Reach, earlier: FirstSync | None) -> None:
        """`earlier` is what an unfinished first sync has done."""
        self._reach = reach
        self._earlier = earlier
        self._pending: dict[str, list[str]] = {}

    def after(self, listed: list[Record], wanted: list[str]) -> Iterator[Slice]:
        """Yield the parts that are ready after another page of results, of which some is wanted.

        What an earlier sync has done is not wanted again, unless the list is out of order.
        """
        end = next(iter(self._reach.after(ids_of(listed))), "")
        pending = self._pending.setdefault(end, [])
        earlier = None if self._reach.is_broken else self._earlier
        pending += [one for one in wanted if not (earlier and earlier.has(one))]
        while len(pending) > IDS_PER_REQUEST:
            yield _part(end, pending[:IDS_PER_PART])
            del pending[:IDS_PER_PART]

    def rest(self) -> Iterator[Slice]:
        """Yield what is left once the list has ended, a part for each end."""
        for end, pending in self._pending.items():
            if pending:
                yield _part(end, pending)


def _part(end: str, ids: list[str]) -> Slice:
    return {"ids": ",".join(ids), **({end: ids[-1]} if end else {})}


class Reach:
    """How far a list in the order of ids has come, from either of its ends.

    It begins at its first end, with ascending ids; pages of results from its other end have
    descending ones. Where the order is broken, or a page is too short to show it, nothing is known
    from then on. An empty one stands before what follows a gap.
    """

    def __init__(self, *, is_in_order: bool = True) -> None:
        """`is_in_order`: False if it is known that the list is in another order."""
        self.is_broken = False
        """Whether a page of results was out of order: then nothing that an earlier sync believed
        of this list is certain."""
        self._is_in_order = is_in_order
        self._is_known = is_in_order
        self._up_to: tuple[int, str] | None = None
        self._from_on: tuple[int, str] | None = None

    def after(self, ids: list[str]) -> Slice:
        """Return how far the list has come with a page of results: `upTo`, `fromOn` or neither."""
        places = [order_of(one) for one in ids]
        is_long = len(set(places)) >= MIN_ORDERED
        self._is_known = self._is_known and is_long
        if not self._is_in_order or not places:
            return {}
        ascending = sorted(places)
        is_after = self._up_to is None or ascending[0] > self._up_to
        is_before = self._from_on is None or ascending[-1] < self._from_on
        is_between = is_after and is_before
        if places == ascending and is_between:
            self._up_to = places[-1] if is_long else self._up_to
            return {"upTo": ids[-1]} if self._is_known else {}
        if self._up_to is not None and places == ascending[::-1] and is_between:
            self._from_on = places[-1] if is_long else self._from_on
            return {"fromOn": ids[-1]} if self._is_known else {}
        self.is_broken = True
        self._is_known = False
        return {}
