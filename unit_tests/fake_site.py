"""An in-memory Confluence on requests-mock: it filters, sorts and pages as Confluence does."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from email.utils import format_datetime
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from requests_mock import Mocker

from source_confluence.confluence import timestamps
from unit_tests.fakes import DOMAIN_NAME, NOON

if TYPE_CHECKING:
    from requests_mock.request import Request
    from requests_mock.response import Context

Json = dict[str, Any]
Params = dict[str, str]
Fault = Callable[[Params], "tuple[int, Json] | None"]

NOT_AN_ADMIN = (403, {"message": "Only Confluence administrators may do this"})
BROKEN = (500, {"message": "Something went wrong"})
BAD_REQUEST = (400, {"message": "No such parameter"})
"""Unlike BROKEN, the client does not retry it."""
NOT_FOUND = (404, {"errors": [{"status": 404, "title": "Not Found", "detail": "No such content"}]})

PATH = re.compile(r"/wiki/(?:api/v2|rest/api)/(.+)")
BY_ID = re.compile(r"([a-z-]+)/(\d+)")
OF_PARENT = re.compile(r"(pages|blogposts)/(\d+)/(?:labels|properties|versions|likes/users)")
OF_LABEL = re.compile(r"labels/(\w+)/(pages|blogposts|attachments)")
RESTRICTIONS = re.compile(r"content/([^/]+)/restriction/byOperation")
RESTRICTION = re.compile(r"content/(\d+)/restriction/byOperation/(read|update)")
VIEWS = re.compile(r"analytics/content/(\d+)/views")
SECTIONS = {"likes": "likes/users"}
"""The path of a list of a parent, if it differs from its name in `include-...`."""
FILTERS = {
    "status": "status",
    "space-id": "spaceId",
    "id": "id",
    "type": "type",
}
CONTAINERS = {"page-id": "pageId", "blogpost-id": "blogPostId"}
OF_INCLUDED = "included-"
"""The cursor of an included list begins with it."""
EARLIEST = {"created-at-from": "createdAt", "completed-at-from": "completedAt"}


def page(content_id: int, modified: str | None = "2025-01-01T00:00:00.000Z", **more: Any) -> Json:
    """Return a page or a blog post; in space 1, unless `more` has another `spaceId`."""
    return {
        "id": str(content_id),
        "status": "current",
        "spaceId": "1",
        "version": {"number": 1, "createdAt": modified},
        **more,
    }


def space(space_id: int, status: str = "current") -> Json:
    """Return a space with a key like S1."""
    return {"id": str(space_id), "key": f"S{space_id}", "status": status}


def types_message(*custom_types: str) -> str:
    """Return how Confluence refuses a search for a type that does not exist."""
    kinds = ("space", "user", "page", "blogpost", "comment", "whiteboard", "attachment")
    listed = ", ".join((*kinds, *custom_types))
    return f"Unsupported value for type, got : no-such-type, expected one of : [{listed}]"


def always(answer: tuple[int, Json]) -> Fault:
    """Return a fault that answers every request."""
    return lambda _: answer


class FakeSite:
    """What a site contains, which requests fail, and the requests it received; thread-safe."""

    def __init__(self, mocker: Mocker) -> None:
        self.spaces: list[Json] = [space(1)]
        self.pages: list[Json] = []
        self.blogposts: list[Json] = []
        self.groups: list[Json] = []
        self.audit: list[Json] = []
        self.users: list[Json] = []
        """The users that users-bulk finds; a search does not."""
        self.lists: defaultdict[str, list[Json]] = defaultdict(list)
        """All other lists by endpoint: `labels`, `pages/1/labels`, `template/page of S1`."""
        self.found: dict[str, list[Json]] = {}
        """The results of searches, by CQL."""
        self.entities: dict[str, Json] = {}
        """The responses of endpoints that are no lists."""
        self.custom_types: list[str] = []
        self.raw_types: set[str] = set()
        """The types of custom content whose bodies are returned as `raw` only."""
        self.comment_count = 0
        """The number of comments that a search finds."""
        self.counts: dict[str, int] = {}
        """The number of results that a search states, by CQL; else it is that of `found`."""
        self.included = 50
        """The maximum length of an included list."""
        self.restrictions: dict[str, Json] = {}
        """By the id of the content: `{"read": {"user": [...], "group": [...]}}`."""
        self.unseen: set[str] = set()
        """The ids that a search does not find, as if its index were out of date."""
        self.has_operations_together = True
        """Whether the restrictions of both operations come in one response."""
        self.user: Json = {"type": "known", "accountId": "5b10a2844c20165700ede21g"}
        self.server_time: datetime | None = NOON
        self.faults: dict[str, Fault] = {}
        """Responses to send instead, by endpoint, such as `pages` or `pages/1/labels`."""
        self.requests: list[tuple[str, Params]] = []
        self._lock = Lock()
        everything = re.compile(f"^https://{DOMAIN_NAME}/wiki/")
        mocker.get(everything, json=self._answer)
        mocker.post(everything, json=self._answer)

    def requests_to(self, endpoint: str) -> list[Params]:
        """Return the parameters of each request to an endpoint, in order."""
        return [params for name, params in self.requests if name == endpoint]

    def requests_besides(self, *endpoints: str) -> list[tuple[str, Params]]:
        """Return the requests to all other endpoints, in order."""
        return [request for request in self.requests if request[0] not in endpoints]

    def endpoints(self) -> list[str]:
        """Return the endpoint of each request, in alphabetical order."""
        return sorted(name for name, _ in self.requests)

    def _answer(self, request: Request, context: Context) -> Any:
        path, query = urlsplit(request.url)[2:4]
        params = dict(parse_qsl(query, keep_blank_values=True))
        found = PATH.fullmatch(unquote(path))
        assert found, path
        endpoint = found[1]
        if request.method == "POST":
            params = {"accountIds": ",".join(request.json()["accountIds"])}
        with self._lock:
            self.requests.append((endpoint, params))
        if self.server_time is not None:
            context.headers["Date"] = format_datetime(self.server_time, usegmt=True)
        fault = self.faults.get(endpoint)
        answer = fault(params) if fault else None
        if answer is None:
            v2 = path.startswith("/wiki/api/v2/")
            answer = self._v2(endpoint, params) if v2 else self._v1(endpoint, params)
        context.status_code = answer[0]
        return answer[1]

    def _known(self, endpoint: str) -> list[Json]:
        known = {"pages": self.pages, "blogposts": self.blogposts, "spaces": self.spaces}
        return known[endpoint] if endpoint in known else self.lists[endpoint]

    def _v2(self, endpoint: str, params: Params) -> tuple[int, Any]:
        if endpoint == "users-bulk":
            ids_wanted = params["accountIds"].split(",")
            return 200, {"results": [u for u in self.users if u["accountId"] in ids_wanted]}
        if endpoint in self.entities:
            return 200, self.entities[endpoint]
        by_id = BY_ID.fullmatch(endpoint)
        if by_id:
            return self._by_id(by_id[1], by_id[2], params)
        of_parent = OF_PARENT.fullmatch(endpoint)
        if of_parent and self._is_trashed(of_parent[1], of_parent[2]):
            return NOT_FOUND  # these lists take no status
        if params.get("cursor", "").startswith(OF_INCLUDED) and "sort" in params:
            return BAD_REQUEST  # the cursor was made for another order
        of_label = OF_LABEL.fullmatch(endpoint)
        elements = self._labelled(of_label[1], of_label[2]) if of_label else self._known(endpoint)
        wanted = [element for element in elements if _is_wanted(element, params)]
        if params.get("sort") == "-modified-date":
            wanted.sort(key=_modified_at, reverse=True)
        elif "sort" in params:
            wanted.sort(key=_number, reverse=params["sort"].startswith("-"))
        if endpoint == "custom-content" and "body-format" in params:
            wanted = [self._with_body(element, params["body-format"]) for element in wanted]
        return 200, _page_of_results(endpoint, wanted, params)

    def _with_body(self, element: Json, body_format: str) -> Json:
        is_raw = element["type"] in self.raw_types
        body = {body_format: {"value": "text"}} if is_raw == (body_format == "raw") else {}
        return {"body": body, **element}

    def _labelled(self, label_id: str, kind: str) -> list[Json]:
        return [
            parent
            for parent in self._known(kind)
            if parent["status"] == "current"
            and label_id in ids(self.lists[f"{kind}/{parent['id']}/labels"])
        ]

    def _is_trashed(self, kind: str, content_id: str) -> bool:
        return any(
            one.get("status") == "trashed" for one in self._known(kind) if one["id"] == content_id
        )

    def _by_id(self, kind: str, content_id: str, params: Params) -> tuple[int, Json]:
        for element in self._known(kind):
            seen = params.get("status", "current,archived").split(",")
            if element["id"] == content_id and element.get("status", "current") in seen:
                sections = [name[8:] for name in params if name.startswith("include-")]
                return 200, {
                    **element,
                    **{s: self._included(kind, content_id, s) for s in sections},
                }
        return NOT_FOUND

    def _included(self, kind: str, content_id: str, section: str) -> Json:
        every = self.lists[f"{kind}/{content_id}/{SECTIONS.get(section, section)}"]
        if section == "versions":  # oldest first, unlike the list with `sort`
            every = sorted(every, key=_modified_at)
        more = {"hasMore": True, "cursor": f"{OF_INCLUDED}{self.included}"}
        has_more = len(every) > self.included
        return {
            "results": every[: self.included],
            "meta": more if has_more else {"hasMore": False},
        }

    def _v1(self, endpoint: str, params: Params) -> tuple[int, Any]:
        if endpoint == "user/current":
            return 200, self.user
        if endpoint in self.entities:
            return 200, self.entities[endpoint]
        views = VIEWS.fullmatch(endpoint)
        if views:
            return 200, {"id": int(views[1]), "count": 0}
        if endpoint == "search":
            return self._rows(params)
        if endpoint == "content/search":
            return self._search(params)
        restrictions = RESTRICTIONS.fullmatch(endpoint)
        if restrictions:
            both = self._every_restriction(restrictions[1])
            return 200, both if self.has_operations_together else {}
        restriction = RESTRICTION.fullmatch(endpoint)
        if restriction:
            return 200, {"restrictions": self._restricted(restriction[1], restriction[2], params)}
        if "spaceKey" in params:
            endpoint += f" of {params['spaceKey']}"
        known = {"group": self.groups, "audit": self.audit}
        elements = known[endpoint] if endpoint in known else self.lists[endpoint]
        earliest, latest = int(params.get("startDate", 0)), int(params.get("endDate", 10**15))
        wanted = [e for e in elements if earliest <= e.get("creationDate", earliest) <= latest]
        first, limit = int(params.get("start", "0")), int(params["limit"])
        more = {"next": f"/rest/api/{endpoint}"} if first + limit < len(wanted) else {}
        return 200, {"results": wanted[first : first + limit], "limit": limit, "_links": more}

    def _rows(self, params: Params) -> tuple[int, Json]:
        clause, _, order = params["cql"].partition(" order by ")
        if clause in self.counts:
            return 200, {"results": [], "totalSize": self.counts[clause]}
        if clause.startswith("type=comment"):
            return 200, {"results": [], "totalSize": self.comment_count}
        found = self.found.get(clause, [])
        ordered = found[::-1] if order.endswith("desc") else found
        rows = [{"content": one, "title": "A result"} for one in ordered]
        return 200, {"totalSize": len(rows), **_page_of_results("search", rows, params)}

    def _search(self, params: Params) -> tuple[int, Json]:
        cql = params["cql"]
        if cql == 'type="no-such-type"':
            return 400, {"statusCode": 400, "message": types_message(*self.custom_types)}
        if cql in self.counts:
            return 200, {"results": [], "totalSize": self.counts[cql]}
        assert cql.startswith("id in (")
        wanted = set(cql[7:-1].split(",")) - self.unseen
        found = [
            {"id": one["id"], "restrictions": self._every_restriction(one["id"])}
            for one in [*self.pages, *self.blogposts]
            if one["id"] in wanted and one["status"] == "current"
        ]
        return 200, {"results": found, "_links": {}}

    def _every_restriction(self, content_id: str) -> Json:
        expanded: Params = {"limit": "200"}
        return {
            operation: {"restrictions": self._restricted(content_id, operation, expanded)}
            for operation in ("read", "update")
        }

    def _restricted(self, content_id: str, operation: str, params: Params) -> Json:
        mine = self.restrictions.get(content_id, {}).get(operation, {})
        first, limit = int(params.get("start", "0")), int(params["limit"])
        return {
            principal: {"results": mine.get(principal, [])[first : first + limit], "limit": limit}
            for principal in ("user", "group")
        }


def _page_of_results(endpoint: str, wanted: list[Json], params: Params) -> Json:
    first = int(params.get("cursor", "0").removeprefix(OF_INCLUDED))
    last = first + int(params.get("limit", "25"))
    more = {"next": f"/wiki/{endpoint}?cursor={last}"} if last < len(wanted) else {}
    return {"results": wanted[first:last], "_links": more}


def _is_wanted(element: Json, params: Params) -> bool:
    """Return whether an element matches every filter; one without the field always does."""
    for parameter, field in EARLIEST.items():
        if parameter in params and _milliseconds(element.get(field)) < int(params[parameter]):
            return False
    for parameter, field in CONTAINERS.items():
        if parameter in params and element.get(field) not in params[parameter].split(","):
            return False
    if "keys" in params and element.get("key"):  # in any case, as Confluence does
        return element["key"].casefold() in params["keys"].casefold().split(",")
    return all(
        parameter not in params
        or element.get(field) is None
        or element[field] in params[parameter].split(",")
        for parameter, field in FILTERS.items()
    )


def _number(element: Json) -> int:
    digits = str(element.get("id")).removeprefix("att")
    return int(digits) if digits.isdecimal() else 0


def _milliseconds(text: str | None) -> int:
    return timestamps.to_epoch_milliseconds(text) if text else 0


def _modified_at(element: Json) -> str:
    return (element.get("version") or element).get("createdAt") or ""


def ids(records: Iterable[Json]) -> list[str]:
    """Return the ids of records, in order."""
    return [record["id"] for record in records]
