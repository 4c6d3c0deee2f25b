"""A Confluence in memory, behind requests-mock: it filters, sorts and pages as Confluence does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from email.utils import format_datetime
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from requests_mock import Mocker

from unit_tests.fakes import DOMAIN_NAME, NOON

if TYPE_CHECKING:
    from requests_mock.request import Request
    from requests_mock.response import Context

Json = dict[str, Any]
Params = dict[str, str]
Fault = Callable[[Params], "tuple[int, Json] | None"]

NOT_AN_ADMIN = (403, {"message": "Only Confluence administrators may do this"})
BROKEN = (500, {"message": "Something went wrong"})
UNFIT = (400, {"message": "No such parameter"})
"""Unlike BROKEN, nothing that is tried again."""


def page(content_id: int, modified: str | None = "2025-01-01T00:00:00.000Z", **more: Any) -> Json:
    """A page or a blog post of space 1, or of the space named in `more`."""
    return {
        "id": str(content_id),
        "status": "current",
        "spaceId": "1",
        "version": {"number": 1, "createdAt": modified},
        **more,
    }


def space(space_id: int, status: str = "current") -> Json:
    """A space whose key is like S1."""
    return {"id": str(space_id), "key": f"S{space_id}", "status": status}


def always(answer: tuple[int, Json]) -> Fault:
    """A fault that is there at every request."""
    return lambda _: answer


class FakeSite:
    """What a site holds, what is wrong with it, and what it has been asked."""

    def __init__(self, mocker: Mocker) -> None:
        self.spaces: list[Json] = [space(1)]
        self.pages: list[Json] = []
        self.blogposts: list[Json] = []
        self.groups: list[Json] = []
        self.audit: list[Json] = []
        self.user: Json = {"type": "known", "accountId": "5b10a2844c20165700ede21g"}
        self.server_time: datetime | None = NOON
        self.faults: dict[str, Fault] = {}
        """By the last part of the path, such as `pages`: what is answered instead, if anything."""
        self.requests: list[tuple[str, Params]] = []
        self._lock = Lock()
        mocker.get(re.compile(f"^https://{DOMAIN_NAME}/wiki/"), json=self._answer)

    def asked(self, endpoint: str) -> list[Params]:
        """The parameters of each request to an endpoint, in order."""
        return [params for name, params in self.requests if name == endpoint]

    def _answer(self, request: Request, context: Context) -> Json:
        path, query = urlsplit(request.url)[2:4]
        params = dict(parse_qsl(query, keep_blank_values=True))
        endpoint = path.rpartition("/")[2]
        with self._lock:
            self.requests.append((endpoint, params))
        if self.server_time is not None:
            context.headers["Date"] = format_datetime(self.server_time, usegmt=True)
        fault = self.faults.get(endpoint)
        trouble = fault(params) if fault else None
        if trouble is not None:
            context.status_code = trouble[0]
            return trouble[1]
        if path.startswith("/wiki/api/v2/"):
            return self._v2(path, params)
        return self.user if path.endswith("/rest/api/user/current") else self._v1(endpoint, params)

    def _v2(self, path: str, params: Params) -> Json:
        endpoint = path.removeprefix("/wiki/api/v2/")
        known = {"pages": self.pages, "blogposts": self.blogposts, "spaces": self.spaces}
        wanted = [element for element in known[endpoint] if _is_wanted(element, params)]
        if params.get("sort") == "-modified-date":
            wanted.sort(key=_modified_at, reverse=True)
        else:
            wanted.sort(key=lambda element: int(element["id"]))
        first = int(params.get("cursor", "0"))
        last = first + int(params["limit"])
        more = {"next": f"{path}?cursor={last}"} if last < len(wanted) else {}
        return {"results": wanted[first:last], "_links": more}

    def _v1(self, endpoint: str, params: Params) -> Json:
        elements = {"group": self.groups, "audit": self.audit}[endpoint]
        earliest, latest = int(params.get("startDate", 0)), int(params.get("endDate", 10**15))
        wanted = [e for e in elements if earliest <= e.get("creationDate", earliest) <= latest]
        first, limit = int(params.get("start", "0")), int(params["limit"])
        more = {"next": f"/rest/api/{endpoint}"} if first + limit < len(wanted) else {}
        return {"results": wanted[first : first + limit], "limit": limit, "_links": more}


def _is_wanted(element: Json, params: Params) -> bool:
    """Tell whether an element fits every filter; one without the field passes for fitting."""
    filters = (("status", "status"), ("space-id", "spaceId"), ("keys", "key"))
    return all(
        parameter not in params
        or element.get(field) is None
        or element[field] in params[parameter].split(",")
        for parameter, field in filters
    )


def _modified_at(element: Json) -> str:
    return (element.get("version") or {}).get("createdAt") or ""


def ids(records: Iterable[Json]) -> list[str]:
    """The ids of records, in order."""
    return [record["id"] for record in records]
