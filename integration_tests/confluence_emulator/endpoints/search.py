"""CQL search over current content. GET /wiki/rest/api/content/search and /wiki/rest/api/search."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from integration_tests.confluence_emulator.cql import TYPES, Cql, order_of, parse
from integration_tests.confluence_emulator.cursors import decode_position, encode_position
from integration_tests.confluence_emulator.endpoint import V1, Answer, Call, Endpoint
from integration_tests.confluence_emulator.errors import BadRequestError
from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.kinds import COMMENT_KINDS, KINDS, TREE_KINDS
from integration_tests.confluence_emulator.model import Placed, Versioned
from integration_tests.confluence_emulator.rendering_search import SearchResult, cql_type
from integration_tests.confluence_emulator.site import Site
from integration_tests.confluence_emulator.timestamps import iso

_SEARCHED = ("page", "blogpost", "attachment", "custom_content", *COMMENT_KINDS, *TREE_KINDS)
_MAX_RESULTS = 250
_MAX_WITH_BODIES = 50
_ORDERS: Mapping[str, Callable[[Versioned], int]] = {
    "created": lambda item: item.created,
    "lastmodified": lambda item: item.modified,
}
_MAX_RENDERED = 25
"""The maximum number of results with bodies that Confluence must render."""


@dataclass(frozen=True)
class ResultPage:
    """One page of a search's results."""

    items: Sequence[Versioned]
    start: int
    limit: int
    total: int
    links: Json

    def envelope(self, results: list[Json]) -> Json:
        """Return the fields that both search endpoints have."""
        return {
            "results": results,
            "start": self.start,
            "limit": self.limit,
            "size": len(results),
            "totalSize": self.total,
            "_links": self.links,
        }


def _search(call: Call, path: str, expand: Collection[str], archived_spaces: bool) -> ResultPage:
    """Return the page of results for cql, limit and cursor; `start` is ignored."""
    text = call.query.text("cql")
    if not text:
        raise BadRequestError("cql is required")
    limit = min(call.query.number("limit", 25), _max_results(expand))
    count = limit if call.site.spec.search_is_perfect else limit - limit // 50
    if limit < 0:
        raise BadRequestError("limit must not be negative")
    cursor = call.query.text("cursor")
    start = decode_position(cursor) if cursor else 0
    rows = _ordered(
        _found(call.site, parse(text, _types(call.site)), archived_spaces), text, call.site, start
    )
    links = {"base": call.base, "context": "/wiki", "self": call.base + path}
    if start + count < len(rows) and count:
        query = {"next": "true", "cursor": encode_position(start + count)}
        kept = {"expand": call.query.text("expand")} if expand else {}
        links["next"] = f"{path}?{urlencode({**query, 'limit': limit, 'cql': text, **kept})}"
    total = len(rows) + call.site.spec.uncounted_rows
    return ResultPage(rows[start : start + count], start, limit, total, links)


def _ordered(rows: Sequence[Versioned], text: str, site: Site, start: int) -> Sequence[Versioned]:
    """Return the rows in the order of the query.

    Without one, the first page of results has another order than the others, so that a row between
    them is dropped and one is repeated.
    """
    order = order_of(text)
    if order is None:
        return rows if site.spec.search_is_perfect or not start else [*rows[1:], *rows[:1]]
    field, descends = order
    if field not in _ORDERS:
        raise BadRequestError(f"Could not parse cql : {text}")
    return sorted(rows, key=lambda item: (_ORDERS[field](item), item.id), reverse=descends)


def _types(site: Site) -> list[str]:
    """Return the types that the index knows."""
    return [name for name in TYPES if name != site.spec.unindexed_type]


def _unindexed(site: Site) -> frozenset[int]:
    """Return the ids of a folder and a whiteboard that pages name and the index lacks."""

    def make() -> frozenset[int]:
        found: dict[str, int] = {}
        for page in site.pages:
            kind = page.parent_type
            if page.status == "current" and kind in ("folder", "whiteboard"):
                parent = site.table(kind).get(page.parent_id or 0)
                if parent is not None and parent.space_id == page.space_id:
                    found.setdefault(kind, parent.id)
        return frozenset(found.values())

    return frozenset() if site.spec.search_is_perfect else site.view("unindexed", make)


def _max_results(expand: Collection[str]) -> int:
    bodies = [name for name in expand if name.split(".")[0] == "body"]
    if any(name.endswith(("export_view", "styled_view")) for name in bodies):
        return _MAX_RENDERED
    return _MAX_WITH_BODIES if bodies else _MAX_RESULTS


def _found(site: Site, cql: Cql, archived_spaces: bool) -> list[Versioned]:
    """Return the current content that matches the query."""
    hides = not site.spec.archived_spaces_searched and not archived_spaces
    spaces = {space.id: space for space in site.spaces}
    unindexed = _unindexed(site)

    def visible(item: Versioned) -> bool:
        space = spaces.get(site.space_id(item))
        hidden = hides and space is not None and space.status == "archived"
        return item.status == "current" and not hidden and item.id not in unindexed

    def lookup_of(item: Versioned, field: str) -> Collection[str]:
        if field == "type":
            return (cql_type(item),)
        if field == "id":
            return (KINDS[item.kind].api_id(item.id), str(item.id))
        if field == "title":
            return (item.title,)
        if field == "space":
            space = spaces.get(site.space_id(item))
            return () if space is None else (space.key,)
        if field == "parent":
            return (str(item.parent_id),) if isinstance(item, Placed) else ()
        links = site.label_links.get(item.id, ())
        return [label.name for number in links if (label := site.labels.get(number))]

    def make() -> list[Versioned]:
        return [
            item
            for item in _candidates(site, cql)
            if visible(item) and cql.matches(lambda field: lookup_of(item, field))  # noqa: B023
        ]

    return make() if cql.ids is not None else site.view(("search", cql, archived_spaces), make)


def _candidates(site: Site, cql: Cql) -> Iterable[Versioned]:
    if cql.ids is None:
        return [item for kind in _SEARCHED for item in site.table(kind)]
    numbers = {text.removeprefix("att") for text in cql.ids}
    return [
        item
        for kind in _SEARCHED
        for number in sorted(int(one) for one in numbers if one.isdecimal())
        if (item := site.table(kind).get(number)) is not None
    ]


@dataclass(frozen=True)
class ContentSearch:
    """Content by CQL."""

    path: str = f"{V1}/content/search"

    def answer(self, call: Call) -> Answer:
        """Return one page of results; raises BadRequestError."""
        expand = call.query.texts("expand") or []
        page = _search(call, "/rest/api/content/search", expand, archived_spaces=False)
        results = [SearchResult(item, call.site, call.base).render(expand) for item in page.items]
        return Answer(page.envelope(results))


@dataclass(frozen=True)
class Search:
    """Rows by CQL, each with its content nested."""

    path: str = f"{V1}/search"

    def answer(self, call: Call) -> Answer:
        """Return one page of rows; raises BadRequestError."""
        expand = [name.removeprefix("content.") for name in call.query.texts("expand") or ()]
        archived_spaces = call.query.flag("includeArchivedSpaces")
        page = _search(call, "/rest/api/search", expand, archived_spaces)
        envelope = page.envelope([_row(item, call, expand) for item in page.items])
        about = {"cqlQuery": call.query.text("cql"), "searchDuration": 7, "archivedResultCount": 0}
        return Answer({**envelope, **about})


def _row(item: Versioned, call: Call, expand: Collection[str]) -> Json:
    space = call.site.space_of(item)
    key = "" if space is None else space.key
    name = "" if space is None else space.name
    content = SearchResult(item, call.site, call.base).render(expand)
    return {
        "content": content,
        "title": item.title,
        "excerpt": "" if call.query.text("excerpt") == "none" else item.title,
        "url": content["_links"]["webui"],
        "resultGlobalContainer": {"title": name, "displayUrl": f"/spaces/{key}"},
        "breadcrumbs": [],
        "entityType": "content",
        "iconCssClass": f"aui-icon content-type-{item.kind}",
        "lastModified": iso(item.modified),
        "friendlyLastModified": "some time ago",
        "score": 0.0,
    }


SEARCH: tuple[Endpoint, ...] = (ContentSearch(), Search())
