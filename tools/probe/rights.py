"""Checks 2 and 9: what is refused, how, and where."""

from __future__ import annotations

from collections.abc import Iterator

from tools.probe.findings import Finding, by_status, judged, not_tried
from tools.probe.reader import Reader, at

_OK, _NOT_FOUND = 200, 404
_EXPECTED = {200, 402, 403, 404, 410}
_NO_PAGE = "pages/999999999999"
_SECTIONS = ("labels", "versions", "properties", "likes/users")
_INCLUDED = ("labels", "versions")
_MOST_SPACES = 10


def refusals(reader: Reader) -> Iterator[Finding]:
    """Try how v2 answers for what does not exist or may not be read."""
    spaces = [f"spaces/{at(row, 'id')}" for row in reader.v2("spaces", limit=1).rows]
    paths = ["space-roles", "classification-levels"]
    paths += [f"{space}/{part}" for space in spaces for part in ("permissions", "role-assignments")]
    optional = [reader.v2(path) for path in paths]
    missing = [reader.v2(_NO_PAGE), reader.v2(f"{_NO_PAGE}/labels")]
    not_found = [one for one in (*missing, *optional) if one.status == _NOT_FOUND]
    bare = sum(one.is_bare_404 for one in not_found)
    if not_found:
        yield judged("named_404", not bare, responses_404=len(not_found), bare=bare)
    else:
        yield not_tried("named_404", "nothing answered 404")
    statuses = [one.status for one in optional]
    yield judged("optional_lists", set(statuses) <= _EXPECTED, **by_status(statuses))


def trashed_and_views(reader: Reader) -> Iterator[Finding]:
    """Try the lists of a trashed page, and page views in several spaces."""
    yield from _trashed(reader)
    by_space = {
        str(at(row, "spaceId")): str(at(row, "id"))
        for row in reader.v2("pages", limit=250, status="current", sort="-modified-date").rows
    }
    pages = list(by_space.values())[:_MOST_SPACES]
    statuses = [reader.v1(f"analytics/content/{page}/views").status for page in pages]
    if len(pages) > 1:
        yield judged("views", len(set(statuses)) == 1, **by_status(statuses))
    else:
        yield not_tried("views", "pages of two spaces were not found", **by_status(statuses))


def _trashed(reader: Reader) -> Iterator[Finding]:
    found = reader.v2("pages", status="trashed", limit=1).rows
    if not found:
        yield not_tried("trashed_lists", "no page is in the trash")
        yield not_tried("trashed_by_id", "no page is in the trash")
        return
    path = f"pages/{at(found[0], 'id')}"
    statuses = [reader.v2(f"{path}/{section}").status for section in _SECTIONS]
    yield judged("trashed_lists", set(statuses) == {_OK}, **by_status(statuses))
    query = {f"include_{name}": "true" for name in _INCLUDED}
    whole = reader.v2(path, status="trashed", **query)
    included = sum(isinstance(at(whole.body, name), dict) for name in _INCLUDED)
    has_all = included == len(_INCLUDED)
    yield judged("trashed_by_id", has_all, status=whole.status, included_lists=included)
