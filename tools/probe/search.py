"""Checks 5, 6 and 7: types and bodies of custom content, and what a search does not see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.probe.custom_types import custom_types, named_types, refusal
from tools.probe.findings import Finding, by_status, judged, not_tried
from tools.probe.reader import Reader, at

_TYPES = "type in (folder, whiteboard, database, embed)"
_MOST_SPACES = 50
_OK, _BAD_REQUEST = 200, 400


def type_discovery(reader: Reader) -> Iterator[Finding]:
    """Try whether the message about an unknown type names all types, and whether v2 knows them."""
    answer = refusal(reader)
    named = named_types(answer)
    yield judged(
        "types_named",
        answer.status == _BAD_REQUEST and {"page", "blogpost", "attachment"} <= set(named),
        status=answer.status,
        types=len(named),
        types_of_apps=sum(":" in one for one in named),
    )
    custom = custom_types(answer)
    if not custom:
        yield not_tried("types_listed", "no type of an app is named")
        return
    statuses = [reader.v2("custom-content", type=one, limit=1).status for one in custom]
    yield judged("types_listed", set(statuses) == {_OK}, **by_status(statuses))


def custom_bodies(reader: Reader) -> Iterator[Finding]:
    """Try whether all custom content has a body in the format storage."""
    types, refused, empty, only_raw = 0, 0, 0, 0
    for custom_type in custom_types(refusal(reader)):
        query = {"type": custom_type, "limit": 5}
        if not reader.v2("custom-content", **query).rows:
            continue
        types += 1
        storage = reader.v2("custom-content", body_format="storage", **query)
        refused += storage.status == _BAD_REQUEST
        if storage.rows and all(_body(row, "storage") for row in storage.rows):
            continue
        empty += storage.status == _OK
        raw = reader.v2("custom-content", body_format="raw", **query)
        only_raw += any(_body(row, "raw") for row in raw.rows)
    if not types:
        yield not_tried("storage_bodies", "no custom content of a type that is named was found")
        return
    numbers = {"types": types, "refused": refused, "with_empty_bodies": empty, "only_raw": only_raw}
    yield judged("storage_bodies", refused + only_raw == 0, **numbers)


def _body(row: Any, name: str) -> Any:
    return at(row, "body", name, "value")


def archived_spaces(reader: Reader) -> Iterator[Finding]:
    """Try what searches see of archived spaces, and whether they return every row once."""
    first, second = (reader.list_v1("content/search", cql=_TYPES, limit=100) for _ in range(2))
    total = reader.v1("content/search", cql=_TYPES, limit=1).number("totalSize")
    numbers = {
        "rows": len(first.rows),
        "distinct": len(first.ids),
        "distinct_in_both_runs": len(first.ids & second.ids),
        "total": total,
        "empty_pages_with_next": first.empty_pages + second.empty_pages,
    }
    if not first.rows:
        yield not_tried("search_complete", "nothing was found", **numbers)
    elif not first.is_whole and len(first.rows) == len(first.ids):
        yield not_tried("search_complete", "the list is longer than the probe reads", **numbers)
    else:
        is_complete = len(first.rows) == len(first.ids) and first.ids == second.ids
        yield judged("search_complete", is_complete and total in (-1, len(first.ids)), **numbers)
    yield from _inside_archived_spaces(reader)


def _inside_archived_spaces(reader: Reader) -> Iterator[Finding]:
    keys = [str(at(one, "key")) for one in reader.v2("spaces", status="archived", limit=250).rows]
    cql = f"{_TYPES} and space in ({', '.join(map(_quoted, keys[:_MOST_SPACES]))})"
    found, everything = set(), set()
    if keys:
        found = reader.list_v1("content/search", cql=cql, limit=100).ids
        everything = reader.list_v1(
            "search", cql=cql, limit=100, excerpt="none", includeArchivedSpaces="true"
        ).ids
    numbers = {
        "archived_spaces": len(keys),
        "found_by_content_search": len(found),
        "found_with_archived_spaces": len(everything),
    }
    for name, holds in (
        ("archived_by_default", everything <= found),
        ("archived_included", found <= everything and len(everything) > len(found)),
    ):
        if everything or found:
            yield judged(name, holds, **numbers)
        else:
            yield not_tried(name, "nothing of these types is in an archived space", **numbers)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
