"""Bodies of custom content: an app's type may be `raw`, and then no other format returns them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any

from source_confluence.confluence.errors import RequestRefused
from source_confluence.confluence.records import Record, id_of, ids_of

Page = list[Record]
Listed = Callable[[str | None], Generator[Page, None, None]]
"""Returns the list of a type in a body format, None for the config's."""
RawOf = Callable[[list[str]], Iterable[Page]]
"""Returns the records with some ids in the raw format."""
RAW = "raw"
MANY = 100
"""More records without a body are not requested by their ids: the list is read again."""


class BodyTypes:
    """What a sync knows of the bodies of each type of custom content.

    No endpoint states their format. Atlassian documents that only `raw` returns the bodies of a raw
    type, but not what the other formats do: the bodies are empty, or the request is refused (400).
    """

    def __init__(self) -> None:
        self._raw: set[str] = set()
        self._not_raw: set[str] = set()

    def pages(self, name: str, listed: Listed, raw_of: RawOf) -> Iterator[Page]:
        """Yield the pages of results of a type, in the format that has bodies.

        A raw type costs one request more than another. Raises what `listed` and `raw_of` raise.
        """
        if name in self._raw:
            yield from listed(RAW)
            return
        try:
            yield from self._as_configured(name, listed, raw_of)
        except _SeemsRaw as doubt:
            refusal = doubt.refusal
        else:
            return
        raw = listed(RAW)
        first = _first_page(raw)
        if first is not None and (refusal is not None or any(map(_has_body, first))):
            self._raw.add(name)
            yield first
            del first  # or it would be kept while the next one is awaited
            yield from raw
            return
        raw.close()
        if refusal is not None:
            raise refusal
        self._not_raw.add(name)
        yield from self._as_configured(name, listed, raw_of)

    def _as_configured(self, name: str, listed: Listed, raw_of: RawOf) -> Iterator[Page]:
        """Yield the pages of a type in the config's format. Raises _SeemsRaw instead of the first.

        By then the list is closed: each holds a reservation of the page budget.
        """
        is_first = True
        pages = listed(None)
        try:
            for page in pages:
                if is_first and name not in self._not_raw and _are_many_without(page):
                    raise _SeemsRaw
                is_first = False
                yield self._completed(name, page, raw_of)
                del page  # or it would be kept while the next one is awaited
        except RequestRefused as refusal:
            if is_first:
                raise _SeemsRaw(refusal) from None
            raise
        finally:
            pages.close()

    def _completed(self, name: str, page: Page, raw_of: RawOf) -> Page:
        """Return a page of results with the raw bodies of records that have none.

        An empty text is a body if others on the page have one, because all have the same format.
        """
        is_mixed = any(map(_has_body, page))
        bare = set(ids_of(one for one in page if not any(_formats(one))))
        ids = ids_of(one for one in page if not (is_mixed and any(_formats(one))))
        if not ids or name in self._not_raw:
            return page
        try:
            found = {
                raw_id: one
                for raw in raw_of(ids)
                for one in raw
                if (raw_id := id_of(one)) is not None
                and (_has_body(one) or (raw_id in bare and any(_formats(one))))
            }
        except RequestRefused:
            found = {}
        if not found:
            self._not_raw.add(name)
        elif not is_mixed:
            self._raw.add(name)
        for record in page:
            if (complete := found.get(id_of(record) or "")) is not None:
                record["body"] = complete["body"]
        return page


class _SeemsRaw(Exception):
    """The list must be read in another format."""

    def __init__(self, refusal: RequestRefused | None = None) -> None:
        super().__init__()
        self.refusal = refusal


def _first_page(pages: Iterator[Page]) -> Page | None:
    try:
        return next(pages, None)
    except RequestRefused:
        return None


def _are_many_without(page: Page) -> bool:
    return len(page) > MANY and not any(map(_has_body, page))


def _formats(record: Record) -> Iterator[dict[str, Any]]:
    """Yield the formats of a body."""
    body = record.get("body")
    if isinstance(body, dict):
        yield from (one for one in body.values() if isinstance(one, dict))


def _has_body(record: Record) -> bool:
    return any(one.get("value") for one in _formats(record))
