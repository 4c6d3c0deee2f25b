"""CQL search over current content. GET /wiki/rest/api/content/search."""

from dataclasses import dataclass
from urllib.parse import urlencode

from integration_tests.confluence_emulator.cql import Cql, parse
from integration_tests.confluence_emulator.cursors import decode_position, encode_position
from integration_tests.confluence_emulator.endpoint import V1, Answer, Call, Endpoint
from integration_tests.confluence_emulator.errors import BadRequestError
from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.model import Content
from integration_tests.confluence_emulator.timestamps import iso


@dataclass(frozen=True)
class ContentSearch:
    """Content by CQL, which sees neither archived nor trashed content; `start` is ignored."""

    path: str = f"{V1}/content/search"
    most: int = 250

    def answer(self, call: Call) -> Answer:
        """Return one page of results; raises BadRequestError."""
        text = call.query.text("cql")
        if not text:
            raise BadRequestError("cql is required")
        limit = min(call.query.number("limit", 25), self.most)
        cursor = call.query.text("cursor")
        start = decode_position(cursor) if cursor else 0
        rows = _found(call, parse(text))
        page = rows[start : start + limit]
        links = {"base": call.base, "context": "/wiki", "self": f"{call.base}/rest/api/content"}
        if start + limit < len(rows):
            query = {
                "next": "true",
                "cursor": encode_position(start + limit),
                "limit": limit,
                "cql": text,
            }
            links["next"] = f"/rest/api/content/search?{urlencode(query)}"
        expand = set(call.query.texts("expand") or ())
        results = [_render(content, call, expand) for content in page]
        return Answer(
            {
                "results": results,
                "start": start,
                "limit": limit,
                "size": len(results),
                "_links": links,
            }
        )


def _found(call: Call, cql: Cql) -> list[Content]:
    site = call.site
    keys = {space.id: space.key for space in site.spaces}

    def make() -> list[Content]:
        return [
            content
            for content in (*site.pages, *site.blog_posts)
            if content.status == "current"
            and cql.matches(content.kind, keys.get(content.space_id, ""), str(content.id))
        ]

    return site.view(("content/search", cql), make)


def _render(content: Content, call: Call, expand: set[str]) -> Json:
    number = str(content.id)
    record: Json = {
        "id": number,
        "type": content.kind,
        "status": content.status,
        "title": content.title,
        "macroRenderedOutput": {},
        "extensions": {"position": content.position},
        "_expandable": {
            "container": f"/rest/api/space/{content.space_id}",
            "version": "",
            "body": "",
        },
        "_links": {
            "self": f"{call.base}/rest/api/content/{number}",
            "webui": f"/spaces/{content.space_id}/{content.kind}s/{number}",
            "tinyui": f"/x/{content.id:x}",
        },
    }
    if "version" in expand:
        record["version"] = {
            "when": iso(content.modified),
            "number": content.version,
            "minorEdit": content.minor_edit,
            "message": content.version_message,
        }
    if "body.storage" in expand:
        value = call.site.bodies.value(content, "storage")
        record["body"] = {"storage": {"value": value, "representation": "storage"}}
    return record


SEARCH: tuple[Endpoint, ...] = (ContentSearch(),)
