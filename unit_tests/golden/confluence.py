"""The messages about Confluence's responses, and about the site, of check and of read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import requests
from airbyte_cdk.models import DestinationSyncMode
from requests_mock import ANY

from source_confluence.confluence.transport import TooSlow
from unit_tests.golden.stage import Json, Response, Stage, Table

KNOWN_USER: Response = {"json": {"type": "known", "accountId": "5b10a2844c20165700ede21g"}}
USER = re.compile("/user/current")
EMPTY_LIST: Response = {"json": {"results": [], "_links": {}}}
BARE_NOT_FOUND: Response = {
    "status_code": 404,
    "json": {"errors": [{"status": 404, "title": "Not Found", "detail": None}]},
}
DENIED: Response = {"status_code": 403, "json": {"message": "Not you"}}
NOT_FOUND: Response = {"status_code": 404, "json": {"message": "No such thing"}}


def site(domain_name: str) -> Callable[[Stage], str]:
    return lambda stage: stage.check({}, domain_name=domain_name)


def first_response(**response: Any) -> Callable[[Stage], str]:
    """What `check` says if each request is answered in this way."""
    return lambda stage: stage.check({ANY: response})


def v2_response(**response: Any) -> Callable[[Stage], str]:
    """What `check` says if v1 knows the user, and v2 answers each request in this way."""
    v1 = re.compile("/wiki/rest/api/")
    return lambda stage: stage.check({ANY: response, v1: EMPTY_LIST, USER: KNOWN_USER})


def throttled(status: int, wait: float) -> Response:
    date = {"Date": "Sun, 01 Jun 2025 12:00:00 GMT"}  # when the fake clock starts
    return {"status_code": status, "headers": {**date, "Retry-After": str(wait)}}


HTML = {"Content-Type": "text/html"}
CONNECTION = requests.ConnectionError
TOO_SLOW = CONNECTION("Read timed out.")
TOO_SLOW.__cause__ = TooSlow(10)


def revoked_later() -> Response:
    """A user who is known at the first request, and anonymous at the second."""
    types = iter(["known", "anonymous"])
    return {"json": lambda _request, _context: {"type": next(types)}}


def wrong_bundle(stage: Stage, content: str | None) -> str:
    bundle = stage.folder / "bundle.pem"
    bundle.unlink(missing_ok=True)
    if content is not None:
        bundle.write_text(content, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
        said = stage.check({ANY: {"exc": requests.exceptions.SSLError("no certificate")}})
    return said.replace(str(stage.folder), "FOLDER")


TYPES = re.compile("no-such-type")
NO_TYPES: Response = {
    "status_code": 400,
    "json": {"message": "got : no-such-type, expected one of : [page, blogpost, attachment]"},
}
SPACE: Response = {
    "json": {"results": [{"id": "1", "key": "A", "status": "current"}], "_links": {}}
}

TWO_SPACES: Response = {
    "json": {"results": [{"id": "1", "key": "A"}, {"id": "2", "key": "B"}], "_links": {}}
}

CHECK: Table = {
    "space that denies a right": lambda stage: stage.check(
        {
            ANY: EMPTY_LIST,
            re.compile("/api/v2/spaces"): TWO_SPACES,
            re.compile("/spaces/./permissions"): EMPTY_LIST,
            re.compile("/spaces/1/permissions"): DENIED,
            USER: KNOWN_USER,
        }
    ),
    "domain_name with another path": site("https://wiki.example.com/confluence"),
    "domain_name over http": site("http://your-domain.atlassian.net"),
    "custom_content_types without content": lambda stage: stage.check(
        {ANY: EMPTY_LIST, re.compile("/custom-content"): NOT_FOUND, USER: KNOWN_USER},
        custom_content_types=["ac:app:kind"],
    ),
    "cql that Confluence refuses": lambda stage: stage.check(
        {
            ANY: EMPTY_LIST,
            re.compile("/search"): {"status_code": 400, "json": {"message": "Could not parse"}},
            USER: KNOWN_USER,
        },
        cql="type =",
    ),
    "denied stream": lambda stage: stage.check(
        {ANY: EMPTY_LIST, TYPES: NO_TYPES, re.compile("/audit"): DENIED, USER: KNOWN_USER}
    ),
    "many pages": lambda stage: stage.check(
        {
            ANY: EMPTY_LIST,
            TYPES: NO_TYPES,
            re.compile("/search.*cql=type%3Dpage"): {"json": {"results": [], "totalSize": 100_000}},
            re.compile("/search.*cql=type%3Dattach"): {
                "json": {"results": [], "totalSize": 40_000}
            },
            USER: KNOWN_USER,
        }
    ),
    "unknown space key": lambda stage: stage.check(
        {ANY: EMPTY_LIST, USER: KNOWN_USER}, space_keys=["DOCS"]
    ),
    "unknown excluded space key": lambda stage: stage.check(
        {ANY: EMPTY_LIST, USER: KNOWN_USER}, excluded_space_keys=["DOCS"]
    ),
    "anonymous user": first_response(json={"type": "anonymous"}),
    "redirect": first_response(
        status_code=302, headers={"Location": "https://id.atlassian.com/login"}
    ),
    "redirect to nowhere": first_response(status_code=302),
    "domain_name holds a token": site("ATATT3xFfGF0-made-up"),
    "domain_name over http with a token": site("http://ATATT3xFfGF0-made-up"),
    "domain_name with parameters": site("https://wiki.example.com/confluence?token=made-up"),
    "REQUESTS_CA_BUNDLE names no file": lambda stage: wrong_bundle(stage, None),
    "REQUESTS_CA_BUNDLE names no certificate": lambda stage: wrong_bundle(stage, "no certificate"),
    "401": first_response(status_code=401, json={"code": 401, "message": "Unauthorized"}),
    "401 that is no JSON": first_response(status_code=401, text="<!doctype html>"),
    "401 for a scope": first_response(
        status_code=401, json={"code": 401, "message": "Unauthorized; scope does not match"}
    ),
    "403 for the account": first_response(
        status_code=403, json={"message": "Current user not permitted to use Confluence"}
    ),
    "403": first_response(status_code=403, json={"message": "Only administrators may do this"}),
    "403 without a message": first_response(status_code=403),
    "402": first_response(status_code=402, json={"message": "Not in your plan"}),
    "404 of v2 without a message, for a known user": lambda stage: stage.check(
        {ANY: EMPTY_LIST, re.compile("/tasks"): BARE_NOT_FOUND, USER: KNOWN_USER}
    ),
    "404 of v2 without a message, for an unknown user": lambda stage: stage.check(
        {ANY: EMPTY_LIST, re.compile("/tasks"): BARE_NOT_FOUND, USER: revoked_later()}
    ),
    "404 in HTML": first_response(status_code=404, headers=HTML, text="<html>"),
    "404": first_response(status_code=404, json={"message": "No such content"}),
    "410": first_response(status_code=410, json={"message": "This API was removed"}),
    "400": first_response(status_code=400, json={"message": "java.lang.BadException: No such id"}),
    "500": first_response(status_code=500, json={"message": "Something went wrong"}),
    "502 without a message": first_response(status_code=502),
    "503 without a time to wait": first_response(status_code=503),
    "429 for a minute": first_response(**throttled(429, 60)),
    "200 that is no JSON": first_response(text="<!doctype html>"),
    "200 with other JSON": first_response(json=[]),
    "response that is too large": first_response(content=b" " * 7_000_000),
    "response that is too slow": first_response(exc=TOO_SLOW),
    "read timeout": first_response(exc=requests.ReadTimeout("Read timed out.")),
    "connect timeout": first_response(exc=requests.ConnectTimeout("timed out")),
    "connection reset": first_response(exc=CONNECTION("Connection aborted.")),
    "connection refused": first_response(exc=CONNECTION("Failed to establish a connection")),
    "bad certificate": first_response(exc=requests.exceptions.SSLError("VERIFY_FAILED")),
}


def reading(stream: str, *responses: Response, state: Json | None = None) -> Callable[[Stage], str]:
    return lambda stage: stage.read(stream, {ANY: list(responses)}, state)


def replacing(stream: str, *responses: Response) -> Callable[[Stage], str]:
    """What a read says that replaces the table in the destination."""
    return lambda stage: stage.read(
        stream, {ANY: list(responses)}, destination=DestinationSyncMode.overwrite
    )


def label_lists(spaces: int, failing: str) -> Callable[[Stage], str]:
    """What a read of space_labels says if Confluence fails for the spaces with these ids."""
    listed = page_of_results("", *({"id": str(n), "status": "current"} for n in range(spaces)))
    return lambda stage: stage.read(
        "space_labels",
        {
            re.compile("/api/v2/spaces"): [listed],
            re.compile("/labels"): [EMPTY_LIST],
            re.compile(f"/{failing}/labels"): [{"status_code": 500}],
        },
    )


def page_of_results(next_url: str, *results: Json) -> Response:
    return {"json": {"results": list(results), "_links": {"next": next_url} if next_url else {}}}


def poisoned_page(request: Any, context: Any) -> Json:
    """A list of three pages, of which the second cannot be served with its body."""
    start = 0 if "cursor" not in request.qs else int(request.qs["cursor"][0])
    following = range(start, min(3, start + int(request.qs["limit"][0])))
    if 1 in following and "body-format" in request.qs:
        context.status_code = 500
        return {}
    links = {} if following.stop == 3 else {"next": f"/wiki?cursor={following.stop}"}
    return {"results": [{"id": str(n)} for n in following], "_links": links}


READ: Table = {
    "unknown stream": reading("pagez"),
    "unknown keys in a state": reading("pages", EMPTY_LIST, state={"next_page_token": 7}),
    "bad value in a state": reading("pages", EMPTY_LIST, state={"lastModifiedAt": "yesterday"}),
    "state ahead of the server": reading(
        "pages", EMPTY_LIST, state={"lastModifiedAt": "9999-01-01T00:00:00.000Z"}
    ),
    "denied stream": reading("labels", DENIED),
    "denied stream that would replace its table": replacing("labels", DENIED),
    "stream that is denied halfway": reading(
        "labels", page_of_results("/wiki/api/v2/labels?cursor=1", {"id": "1"}), DENIED
    ),
    "denied type of custom content": lambda stage: stage.read(
        "custom_content",
        {
            ANY: [EMPTY_LIST],
            re.compile("type=ac%3Aapp%3Akind"): [NOT_FOUND],
        },
        custom_content_types=["ac:app:kind", "ac:app:other"],
    ),
    "types of custom content that no answer lists": reading("custom_content", EMPTY_LIST),
    "failing type of custom content": lambda stage: stage.read(
        "custom_content",
        {ANY: [EMPTY_LIST], re.compile("type=ac%3Aapp%3Akind"): [{"status_code": 500}]},
        custom_content_types=["ac:app:kind", "ac:app:other"],
    ),
    "search that is short": lambda stage: stage.read(
        "folders",
        {
            ANY: [EMPTY_LIST],
            re.compile("/rest/api/search"): [{"json": {"results": [], "totalSize": 7}}],
        },
    ),
    "record that cannot be read": lambda stage: stage.read(
        "pages", {re.compile("/pages"): [{"json": poisoned_page}], re.compile("/spaces"): [SPACE]}
    ),
    "parent that fails": label_lists(2, "0"),
    "parents that all fail": label_lists(20, r"\d+"),
    "list of spaces that is denied": lambda stage: stage.read(
        "pages", {ANY: [EMPTY_LIST], re.compile("/api/v2/spaces"): [DENIED]}
    ),
    "space that denies a right": lambda stage: stage.read(
        "space_permissions",
        {
            re.compile("/api/v2/spaces"): [TWO_SPACES, EMPTY_LIST],
            re.compile("/permissions"): [EMPTY_LIST],
            re.compile("/spaces/1/permissions"): [DENIED],
        },
    ),
    "trashed page without a list": lambda stage: stage.read(
        "page_watchers",
        {
            re.compile("/pages"): [page_of_results("", {"id": "7", "status": "trashed"})],
            re.compile("/child-created"): [NOT_FOUND],
        },
        content_statuses=["trashed"],
    ),
    "missing scope": reading(
        "labels", {"status_code": 401, "json": {"message": "Unauthorized; scope does not match"}}
    ),
    "rejected credentials": reading(
        "labels", {"status_code": 401, "json": {"code": 401, "message": "Unauthorized"}}
    ),
    "server that always fails": reading("labels", {"status_code": 500}),
    "connection that always breaks": reading("labels", {"exc": CONNECTION("Connection aborted.")}),
    "quota that is renewed in two hours": reading("labels", throttled(429, 7200)),
    "next that repeats": reading(
        "labels", page_of_results("/wiki/api/v2/labels?cursor=1", {"id": "1"})
    ),
    "next without a cursor": reading("labels", page_of_results("/wiki/api/v2/labels", {"id": "1"})),
}
