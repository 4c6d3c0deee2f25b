"""Faults that change one page of results."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

from integration_tests.confluence_emulator.cursor_aliases import CursorAliases
from integration_tests.confluence_emulator.endpoint import Answer, Call, Endpoint
from integration_tests.confluence_emulator.faults import Fault
from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.offset import OffsetList


@dataclass(frozen=True)
class Page:
    """One page of results, with the endpoint and the call that returned it."""

    endpoint: Endpoint
    call: Call
    answer: Answer
    aliases: CursorAliases

    @property
    def results(self) -> list[Json]:
        """Return the records, or [] if the answer isn't a list."""
        return self.answer.results

    @property
    def next(self) -> str | None:
        """Return the link to the next page."""
        if not isinstance(self.answer.body, dict):
            return None
        link: str | None = self.answer.body.get("_links", {}).get("next")
        return link

    @property
    def has_cursor(self) -> bool:
        """Return whether the list is paged by cursor."""
        return "results" in self.answer.body and not isinstance(self.endpoint, OffsetList)

    def repeated_with(self, **parameters: object) -> Answer:
        """Return the endpoint's answer to the same query with some parameters changed."""
        query = self.call.query.having(**parameters)
        return self.endpoint.answer(replace(self.call, query=query))

    def with_results(self, results: list[Json]) -> Answer:
        """Return the answer with other records."""
        body = {**self.answer.body, "results": results}
        if "size" in body:
            body["size"] = len(results)
        return Answer(body, self.answer.headers)

    def with_next(self, link: str) -> Answer:
        """Return the answer with another link to the next page, in body and header."""
        body = {**self.answer.body, "_links": {**self.answer.body["_links"], "next": link}}
        if "Link" not in self.answer.headers:
            return Answer(body, self.answer.headers)
        return Answer(body, {**self.answer.headers, "Link": f'<{link}>; rel="next", {self._rest}'})

    @property
    def _rest(self) -> str:
        """Return the Link header without its next."""
        return self.answer.headers["Link"].rpartition(", ")[2]

    def emptied(self) -> Answer:
        """Return the answer without records and without a next."""
        return replace(self, answer=self.with_results([])).without_next(header=True)

    def own_link(self, **parameters: object) -> str:
        """Return a link to this list with some parameters changed, in the form of a next."""
        path = self.endpoint.path.format(**self.call.path_params)
        if "/rest/api/" in path:
            path = path.removeprefix("/wiki")
        return f"{path}?{urlencode(self.call.query.having(**parameters).parameters, doseq=True)}"

    def without_next(self, *, header: bool) -> Answer:
        """Return the answer without a next in the body and, if `header`, in the Link header."""
        links = {name: link for name, link in self.answer.body["_links"].items() if name != "next"}
        body = {**self.answer.body, "_links": links}
        return Answer(body, self._headers_without_next() if header else self.answer.headers)

    def _headers_without_next(self) -> dict[str, str]:
        if "Link" not in self.answer.headers:
            return self.answer.headers
        return {**self.answer.headers, "Link": self._rest}

    def next_in_body_only(self) -> Answer:
        """Return the answer without a next in the Link header."""
        return Answer(self.answer.body, self._headers_without_next())


def _empty_page(_: Fault, page: Page) -> Answer | None:
    if not page.has_cursor or not page.results:
        return None
    alias = page.aliases.new(page.call.query.text("cursor"))
    return replace(page, answer=page.with_results([])).with_next(page.own_link(cursor=alias))


def _short_page(fault: Fault, page: Page) -> Answer | None:
    if len(page.results) <= fault.amount:
        return None
    short = replace(page, answer=page.repeated_with(limit=fault.amount))
    if page.has_cursor:
        return short.with_next(page.own_link(cursor=_cursor(short.next))) if short.next else None
    start = page.call.query.number("start", 0)
    return short.with_next(page.own_link(start=start + fault.amount))


def _overlap(fault: Fault, page: Page) -> Answer | None:
    if isinstance(page.endpoint, OffsetList):
        start = page.call.query.number("start", 0)
        if start < fault.amount:
            return None
        shifted = page.repeated_with(start=start - fault.amount)
        return Answer({**shifted.body, "start": start}, shifted.headers)
    if page.next is None or len(page.results) <= fault.amount:
        return None
    earlier = page.repeated_with(limit=len(page.results) - fault.amount).body["_links"]["next"]
    return page.with_next(page.own_link(cursor=_cursor(earlier)))


def _repeated_rows(fault: Fault, page: Page) -> Answer | None:
    query = page.call.query
    if not page.results or not (query.number("start", 0) or query.text("cursor")):
        return None
    start = 0 if isinstance(page.endpoint, OffsetList) else None
    repeated = page.repeated_with(start=start, cursor=None).results[: fault.amount]
    return page.with_results([*repeated, *page.results])


def _drop(fault: Fault, page: Page) -> Answer | None:
    return page.with_results(page.results[fault.amount :]) if page.results else None


def _extra_next(_: Fault, page: Page) -> Answer | None:
    if page.next is not None or not page.results:
        return None
    if not page.has_cursor:
        start = page.call.query.number("start", 0)
        return page.with_next(page.own_link(start=start + len(page.results)))
    return page.with_next(page.own_link(cursor=page.aliases.end()))


def _records(fault: Fault, page: Page) -> Answer | None:
    if not page.results:
        return None
    changes: dict[str, object] = {**fault.values, **dict.fromkeys(fault.null)}
    results = page.results
    for name, value in changes.items():
        results = [_changed(record, name.split("."), value) for record in results]
    for name in fault.missing:
        results = [_without(record, name.split(".")) for record in results]
    return page.with_results(results)


def _changed(record: Json, path: list[str], value: object) -> Json:
    first, *rest = path
    return {**record, first: _changed(record.get(first) or {}, rest, value) if rest else value}


def _without(record: Json, path: list[str]) -> Json:
    first, *rest = path
    if rest:
        return {**record, first: _without(record.get(first) or {}, rest)}
    return {name: value for name, value in record.items() if name != first}


def _next_header_only(_: Fault, page: Page) -> Answer | None:
    if page.next is None or "Link" not in page.answer.headers:
        return None
    return page.without_next(header=False)


def _next_body_only(_: Fault, page: Page) -> Answer | None:
    return None if page.next is None else page.next_in_body_only()


def _next_null(_: Fault, page: Page) -> Answer | None:
    if not page.results or (page.next is not None and "Link" not in page.answer.headers):
        return None
    body = {**page.answer.body, "_links": {**page.answer.body["_links"], "next": None}}
    return Answer(body, page.answer.headers)


def _next_absolute(fault: Fault, page: Page) -> Answer | None:
    if page.next is None:
        return None
    path = page.next if page.next.startswith("/wiki") else f"/wiki{page.next}"
    return page.with_next((fault.host or page.call.base.removesuffix("/wiki")) + path)


def _next_wiki_wiki(_: Fault, page: Page) -> Answer | None:
    if page.next is None:
        return None
    return page.with_next(("/wiki" if page.next.startswith("/wiki") else "/wiki/wiki") + page.next)


def _next_double_encoded(_: Fault, page: Page) -> Answer | None:
    return _with_encoded_cursor(page, lambda cursor: quote(quote(cursor, safe=""), safe=""))


def _next_unencoded(_: Fault, page: Page) -> Answer | None:
    return _with_encoded_cursor(page, str)


def _with_encoded_cursor(page: Page, encode: Callable[[str], str]) -> Answer | None:
    if page.next is None or not page.has_cursor:
        return None
    bare, _, _ = page.own_link(cursor=None).partition("&cursor=")
    separator = "" if bare.endswith("?") else "&"
    return page.with_next(f"{bare}{separator}cursor={encode(_cursor(page.next))}")


def _cursor(link: str) -> str:
    return parse_qs(link.partition("?")[2])["cursor"][0]


def _next_repeat(_: Fault, page: Page) -> Answer | None:
    if page.next is None or not page.has_cursor:
        return None
    return page.with_next(page.own_link(cursor=page.aliases.same(page.call.query.text("cursor"))))


def _limit_echoed(fault: Fault, page: Page) -> Answer | None:
    if not isinstance(page.endpoint, OffsetList) or not page.results:
        return None
    requested = page.call.query.number("limit", fault.amount)
    if requested <= fault.amount:
        return None
    clipped = replace(page, answer=page.repeated_with(limit=fault.amount))
    body = clipped.without_next(header=True).body
    stated = {"limit": requested, **({"totalSize": body["size"]} if "totalSize" in body else {})}
    return Answer({**body, **stated})


def _start_ignored(_: Fault, page: Page) -> Answer | None:
    position = {name: page.call.query.text(name) for name in ("start", "cursor")}
    if not any(position.values()):
        return None
    if isinstance(page.endpoint, OffsetList):
        answer = page.repeated_with(start=0)
        return Answer({**answer.body, "start": int(position["start"] or 0)}, answer.headers)
    first = replace(page, answer=page.repeated_with(cursor=None))
    return first.with_next(page.own_link(cursor=page.aliases.new(position["cursor"])))


def _odd_rows(_: Fault, page: Page) -> Answer | None:
    if not page.results or not _is_last(page):
        return None
    return page.with_results([*page.results, *ODD_ROWS])


def _is_last(page: Page) -> bool:
    if not isinstance(page.endpoint, OffsetList):
        return page.next is None
    following = page.call.query.number("start", 0) + len(page.results)
    return not page.repeated_with(start=following).results


def _no_next(_: Fault, page: Page) -> Answer | None:
    return None if page.next is None else page.without_next(header=True)


ODD_ROWS: list[Any] = [None, 7, "text", ["list"]]

CHANGES: Mapping[str, Callable[[Fault, Page], Answer | None]] = {
    "empty_page": _empty_page,
    "short_page": _short_page,
    "overlap": _overlap,
    "repeated_rows": _repeated_rows,
    "drop": _drop,
    "extra_next": _extra_next,
    "records": _records,
    "next_header_only": _next_header_only,
    "next_body_only": _next_body_only,
    "next_null": _next_null,
    "next_absolute": _next_absolute,
    "next_wiki_wiki": _next_wiki_wiki,
    "next_double_encoded": _next_double_encoded,
    "next_unencoded": _next_unencoded,
    "next_repeat": _next_repeat,
    "no_next": _no_next,
    "limit_echoed": _limit_echoed,
    "start_ignored": _start_ignored,
    "odd_rows": _odd_rows,
}
"""By fault kind: returns the changed page, or None if the fault can't apply to it."""
