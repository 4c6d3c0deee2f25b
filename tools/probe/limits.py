"""Checks 1 and 10: whether lists of v1 state the limit that they applied, and whom they find."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.probe.findings import Finding, judged, not_tried
from tools.probe.reader import Answer, Reader, at, whole_number

_KINDS = ("user", "group")
_OPERATIONS = ("read", "update")
_EXPAND = ",".join(
    f"restrictions.{operation}.restrictions.{kind}" for operation in _OPERATIONS for kind in _KINDS
)
_IDS = 100
_PAST_THE_END = 100_000
_OK = 200


def users(reader: Reader) -> Iterator[Finding]:
    """Try what is assumed about the search for users."""
    yield _limit(reader, "users_limit", "search/user", 200, cql="type=user")
    end = reader.v1("search/user", cql="type=user", limit=200, start=_PAST_THE_END)
    numbers = {"status": end.status, "rows": len(end.rows)}
    yield judged("users_end", end.status == _OK and not end.rows, **numbers)
    by_default = _accounts(reader)
    everyone = _accounts(reader, sitePermissionTypeFilter="all")
    numbers = {"found_by_default": len(by_default), "found_with_all": len(everyone)}
    yield judged("users_guests", not everyone - by_default, **numbers)


def _accounts(reader: Reader, **query: object) -> set[str]:
    found: set[str] = set()
    start = 0
    for _ in range(5):
        answer = reader.v1("search/user", cql="type=user", limit=100, start=start, **query)
        if not answer.rows:
            break
        start += len(answer.rows)
        found |= {str(at(row, "user", "accountId")) for row in answer.rows}
    return found


def other_limits(reader: Reader) -> Iterator[Finding]:
    """Try what is assumed about the other lists of v1 and about a search with `expand`."""
    yield _expanded_search(reader)
    yield _limit(reader, "group_limit", "group", 200)
    groups = [str(at(row, "id")) for row in reader.v1("group", limit=200).rows][:5]
    paths = [f"group/{group}/membersByGroupId" for group in groups]
    sizes = [
        reader.v1(path, limit=1, shouldReturnTotalSize="true").number("totalSize") for path in paths
    ]
    if paths:
        yield _limit(reader, "members_limit", paths[sizes.index(max(sizes))], 200)
    else:
        yield not_tried("members_limit", "no group was found")
    yield _limit(reader, "audit_limit", "audit", 1000)
    yield _limit(reader, "templates_limit", "template/page", 100)


def _expanded_search(reader: Reader) -> Finding:
    pages = reader.v2("pages", limit=_IDS, status="current").rows
    if len(pages) < _IDS:
        return not_tried("expanded_search", "the site has too few pages", pages=len(pages))
    cql = f"id in ({','.join(str(at(page, 'id')) for page in pages)})"
    found = reader.v1("content/search", cql=cql, limit=_IDS, expand=_EXPAND)
    nested = [
        one
        for row in found.rows
        for operation in _OPERATIONS
        for kind in _KINDS
        if (one := at(row, "restrictions", operation, "restrictions", kind)) is not None
    ]
    return judged(
        "expanded_search",
        found.status == _OK and (len(found.rows) == _IDS or not found.has_next),
        status=found.status,
        rows=len(found.rows),
        stated_limit=found.number("limit"),
        has_next=found.has_next,
        nested_lists=len(nested),
        full_nested_lists=sum(_is_full(one) for one in nested),
    )


def _is_full(nested: Any) -> bool:
    return 0 < whole_number(nested, "limit") <= whole_number(nested, "size")


def _limit(reader: Reader, name: str, path: str, requested: int, **query: object) -> Finding:
    """Request a page of results and what follows it.

    A list is honest if it gives as many rows as were requested, or else announces that there are
    more: by a next, by the lower limit that it applied, or by a total.
    """
    first = reader.v1(path, limit=requested, **query)
    numbers = {
        "status": first.status,
        "requested": requested,
        "rows": len(first.rows),
        "stated_limit": first.number("limit"),
        "size": first.number("size"),
        "total": first.number("totalSize"),
        "has_next": first.has_next,
    }
    if not first.rows:
        return not_tried(name, "it is empty, or the account cannot read it", **numbers)
    following = reader.v1(path, limit=requested, start=len(first.rows), **query)
    if not following.rows:
        return not_tried(name, "the list has no more rows", **numbers)
    return judged(name, _announces_more(first), **numbers)


def _announces_more(answer: Answer) -> bool:
    rows = len(answer.rows)
    return (
        answer.has_next or 0 < answer.number("limit") <= rows or answer.number("totalSize") > rows
    )
