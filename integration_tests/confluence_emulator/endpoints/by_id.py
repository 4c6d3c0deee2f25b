"""One object by its id, with include-*. GET /wiki/api/v2/{kind}/{id}.

An embedded list has at most 50 records. If there are more, `meta.cursor` continues the list at its
own endpoint, whose path in `_links.self` lacks `/wiki`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs

from integration_tests.confluence_emulator.body_types import served_format
from integration_tests.confluence_emulator.endpoint import V2, Answer, Call, Endpoint
from integration_tests.confluence_emulator.endpoints.children import (
    COMMENT_PROPERTIES,
    LABELS,
    LIKES,
    LIST_FORMATS,
    OPERATIONS,
    PROPERTIES,
    VERSIONS,
)
from integration_tests.confluence_emulator.endpoints.lookup import find_object
from integration_tests.confluence_emulator.errors import NotFoundError
from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.kinds import COMMENT_KINDS, KINDS, TREE_KINDS
from integration_tests.confluence_emulator.listing import List
from integration_tests.confluence_emulator.query import Query
from integration_tests.confluence_emulator.rendering import render

EMBEDDED = 50
_RENDERED = ("view", "export_view", "anonymous_export_view")
_SINGLE_FORMATS = (*LIST_FORMATS, *_RENDERED, "styled_view", "editor")


def included(call: Call, lists: Mapping[str, List[Any]], *, operations: bool = True) -> Json:
    """Return the embedded lists that the include-* parameters request, by field."""
    found: Json = {}
    for name, endpoint in lists.items():
        if call.query.flag(f"include-{name}"):
            found[name.replace("-a", "A")] = _embedded(call, endpoint)
    if operations and call.query.flag("include-operations"):
        found["operations"] = _wrapped(list(OPERATIONS), None, "")
    return found


def _embedded(call: Call, endpoint: List[Any]) -> Json:
    query = Query({"limit": [str(EMBEDDED)]})
    answer = endpoint.answer(replace(call, query=query, embedded=True)).body
    link = answer["_links"].get("next")
    cursor = None if link is None else parse_qs(link.partition("?")[2])["cursor"][0]
    path = endpoint.path.format(**call.path_params)
    return _wrapped(answer["results"], cursor, path.removeprefix("/wiki"))


def _wrapped(results: list[Json], cursor: str | None, path: str) -> Json:
    meta: Json = {"hasMore": cursor is not None, "cursor": cursor}
    return {"results": results, "meta": meta, "_links": {"self": path}}


@dataclass(frozen=True)
class ById:
    """One object of a kind, if it has a requested status, or by default a default status."""

    kind: str
    statuses: Collection[str] = ()
    """The values of the parameter `status`; empty if the endpoint has no such parameter."""
    default_statuses: Collection[str] = ()
    """The statuses found without `status`; empty for all."""
    formats: Collection[str] = ()
    includes: Mapping[str, List[Any]] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"{V2}/{KINDS[self.kind].path}/{{id}}"

    def answer(self, call: Call) -> Answer:
        """Return the object with `_links.base`; raises BadRequestError and NotFoundError."""
        body_format = call.query.choice("body-format", self.formats) if self.formats else None
        requested = call.query.choices("status", self.statuses) if self.statuses else None
        statuses = requested or self.default_statuses
        item = find_object(call, self.kind)
        if statuses and item.status not in statuses:
            raise NotFoundError(
                f"{KINDS[self.kind].entity} with id {call.path_params['id']} not found"
            )
        record = render(item, call.site, served_format(item, body_format))
        record.pop("subtype", None)
        record["_links"]["base"] = call.base
        for name, embedded in included(call, self.includes).items():
            record[name] = {**record.get(name, {}), **embedded}
        if call.query.text("include-version") == "false":
            del record["version"]
        return Answer(record)


def _includes(kind: str) -> dict[str, List[Any]]:
    tables: Mapping[str, Mapping[str, List[Any]]] = {
        "labels": LABELS,
        "properties": PROPERTIES,
        "likes": LIKES,
        "versions": VERSIONS,
    }
    return {name: table[kind] for name, table in tables.items() if kind in table}


BY_ID: tuple[Endpoint, ...] = (
    ById(
        "page",
        statuses=("current", "archived", "trashed", "deleted", "historical", "draft"),
        default_statuses=("current", "archived"),
        formats=_SINGLE_FORMATS,
        includes=_includes("page"),
    ),
    ById(
        "blogpost",
        statuses=("current", "trashed", "deleted", "historical", "draft"),
        default_statuses=("current",),
        formats=_SINGLE_FORMATS,
        includes=_includes("blogpost"),
    ),
    ById("attachment", includes=_includes("attachment")),
    ById(
        "custom_content",
        formats=("raw", *LIST_FORMATS, *_RENDERED),
        includes=_includes("custom_content"),
    ),
    *(
        ById(
            kind,
            formats=_SINGLE_FORMATS,
            includes={**_includes(kind), "properties": COMMENT_PROPERTIES},
        )
        for kind in COMMENT_KINDS
    ),
    *(ById(kind, includes=_includes(kind)) for kind in TREE_KINDS),
)
