"""Check 8: replies, containers and resolutions in the lists of comments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.probe.findings import Finding, judged, not_tried
from tools.probe.reader import Reader, at

_CONTAINERS = ("pageId", "blogPostId", "attachmentId", "customContentId")
_SECONDS = 19
"""The length of a time up to its seconds."""


def comments(reader: Reader) -> Iterator[Finding]:
    """Try what is assumed about the comments of the whole site."""
    lists = [reader.list_v2(f"{kind}-comments", limit=250) for kind in ("footer", "inline")]
    rows = [row for one in lists for row in one.rows]
    total = reader.v1("search", cql="type=comment", limit=1).number("totalSize")
    yield _replies(rows, total, is_whole=all(one.is_whole for one in lists))
    roots = [row for row in rows if not at(row, "parentCommentId")]
    without = sum(not any(at(row, name) for name in _CONTAINERS) for row in roots)
    if roots:
        yield judged("containers", not without, comments=len(roots), without=without)
    else:
        yield not_tried("containers", "the site has no comments")
    yield _resolutions(rows)


def _replies(rows: list[Any], total: int, *, is_whole: bool) -> Finding:
    replies = sum(bool(at(row, "parentCommentId")) for row in rows)
    numbers = {"comments": len(rows), "replies": replies, "found_by_search": total}
    if not is_whole:
        return not_tried("replies", "the site has more comments than the probe reads", **numbers)
    if not replies and total <= len(rows):
        return not_tried("replies", "the site has no replies", **numbers)
    return judged("replies", replies > 0 and total <= len(rows), **numbers)


def _resolutions(rows: list[Any]) -> Finding:
    times = [
        (str(at(row, "resolutionLastModifiedAt"))[:_SECONDS], at(row, "version", "createdAt"))
        for row in rows
        if at(row, "resolutionLastModifiedAt")
    ]
    newer = sum(resolved > str(version)[:_SECONDS] for resolved, version in times)
    same = sum(resolved == str(version)[:_SECONDS] for resolved, version in times)
    numbers = {"resolved": len(times), "newer_than_version": newer, "same_time": same}
    if not newer and not same:
        return not_tried("resolution", "no resolved comment shows it", **numbers)
    return judged("resolution", not newer, **numbers)
