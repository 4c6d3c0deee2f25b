"""Checks 3 and 4: the order of lists, and versions that are included in a GET by id."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from tools.probe.custom_types import custom_types, refusal
from tools.probe.findings import Finding, judged, not_tried
from tools.probe.reader import Answer, Reader, at, whole_number

_INCLUDED = 50
_OK = 200
_SECONDS = 19
"""The length of a time up to its seconds, after which fractions may be absent."""


def sorted_lists(reader: Reader) -> Iterator[Finding]:
    """Try whether lists are sorted by `version.createdAt`, newest first."""
    query = {"sort": "-modified-date", "limit": 250}
    yield _sorted("order_pages", reader.v2("pages", status="current,archived", **query))
    for path in ("blogposts", "attachments", "footer-comments", "inline-comments"):
        yield _sorted(f"order_{path.replace('-', '_')}", reader.v2(path, **query))
    answers = (
        reader.v2("custom-content", type=one, **query) for one in custom_types(refusal(reader))
    )
    filled = next((answer for answer in answers if len(answer.rows) > 1), Answer(0))
    yield _sorted("order_custom_content", filled)


def _sorted(name: str, answer: Answer) -> Finding:
    times = [_moment(at(row, "version", "createdAt")) for row in answer.rows]
    numbers = {"status": answer.status, "rows": len(times)}
    if len(set(times)) <= 1:
        return not_tried(name, "the list has too few rows", **numbers)
    rises = sum(later > earlier for earlier, later in pairwise(times))
    return judged(name, rises == 0, **numbers, rows_out_of_order=rises)


def _moment(time: Any) -> tuple[str, str]:
    """Return what orders times whose fractions differ in length."""
    text = str(time)
    return text[:_SECONDS], text[_SECONDS:].strip(".Z")


def included_versions(reader: Reader) -> Iterator[Finding]:
    """Try in which order versions are included, and where their cursor leads."""
    pages = reader.list_v2("pages", limit=250, status="current").rows
    counts = [whole_number(page, "version", "number") for page in pages]
    page, total = max(zip(pages, counts, strict=True), key=lambda one: one[1], default=(None, 0))
    path = f"pages/{at(page, 'id')}"
    reason = "no page with over 50 versions was found"
    found = Answer(0)
    if total > _INCLUDED:
        found = reader.v2(path, include_versions="true", include_labels="true")
        reason = "no versions were included"
    rows = Answer(_OK, at(found.body, "versions")).rows
    numbers = [whole_number(one, "number") for one in rows]
    if not numbers:
        yield not_tried("included_order", reason, status=found.status)
        yield not_tried("included_cursor", reason, status=found.status)
        return
    included = {"versions": total, "included": len(numbers)}
    in_order = numbers == sorted(numbers)
    yield judged("included_order", in_order, **included, first=numbers[0], last=numbers[-1])
    cursor = at(found.body, "versions", "meta", "cursor")
    if not cursor:
        yield not_tried("included_cursor", "there is no cursor", **included)
        return
    rest = reader.v2(f"{path}/versions", limit=250, sort="-modified-date", cursor=cursor)
    seen = len({*numbers, *(whole_number(one, "number") for one in rest.rows)})
    holds = rest.status == _OK and (seen >= total or rest.has_next)
    yield judged("included_cursor", holds, status=rest.status, **included, seen=seen)
