"""The emulator's responses against Atlassian's OpenAPI documents, and that check itself."""

import re
from collections.abc import Iterator

import pytest
import requests

from integration_tests.confluence_emulator import Emulator, SiteSpec
from integration_tests.confluence_emulator.client import EmulatorClient
from integration_tests.confluence_emulator.endpoints import all_endpoints
from integration_tests.confluence_emulator.kinds import CUSTOM_TYPES, KINDS
from integration_tests.openapi import OpenApi, open_api

LIVE_ONLY = {
    "/wiki/api/v2/spaces": {"spaceOwnerId"},
    "/wiki/api/v2/pages": {"sourceTemplateEntityId"},
    "/wiki/api/v2/blogposts": set(),
    "/wiki/api/v2/attachments": set(),
    "/wiki/api/v2/tasks": set(),
    "/wiki/api/v2/labels": set(),
    "/wiki/api/v2/footer-comments": {"resolutionStatus"},
    "/wiki/api/v2/spaces/{spaces}/properties": {"authorId"},
    "/wiki/api/v2/spaces/{spaces}/permissions": set(),
    "/wiki/api/v2/spaces/{spaces}/role-assignments": set(),
    "/wiki/api/v2/pages/{pages}/versions": set(),
    "/wiki/api/v2/pages/{pages}/properties": set(),
    "/wiki/rest/api/group": set(),
    "/wiki/rest/api/audit": set(),
}
"""Fields that Confluence sends although its documents do not know them, by list."""
NOT_SENT = {
    "/wiki/rest/api/group": {"usageType", "managedBy"},
    # Only in the response to a GET by id that includes them.
    "/wiki/api/v2/footer-comments": {"properties", "operations", "likes", "versions"},
}
"""Fields that recorded responses lack although the documents declare them, by list."""
_PERMISSIONS = {
    r"principal\.type: 'access-class' is not one of": "who has a grant can be a class of accounts",
    r"operation\.key: '(manage_\w+|archive_space|export_content)' is not one of": "an open list",
}
CONTRADICTED = {
    "/wiki/api/v2/spaces/{id}/permissions": _PERMISSIONS,
    "/wiki/api/v2/spaces/{id}": _PERMISSIONS,
}
"""What recorded responses contain although the documents forbid it: patterns of the problems that
the check finds in them, with the reason, by endpoint."""

INCLUDED = ("labels", "properties", "operations", "likes", "versions", "permissions")
QUERIES: dict[str, dict[str, object]] = {
    "/wiki/api/v2/custom-content": {"type": CUSTOM_TYPES[0]},
    "/wiki/rest/api/search": {"cql": "type=page", "expand": "content.version,content.space"},
    "/wiki/rest/api/search/user": {"cql": "type=user"},
    "/wiki/rest/api/content/search": {
        "cql": "type in (page, blogpost, comment, attachment, folder)",
        "expand": "space,version,container,history.lastUpdated,metadata.labels,ancestors,"
        "restrictions.read.restrictions.user,restrictions.update.restrictions.group",
    },
    "/wiki/rest/api/template/page": {"expand": "body"},
    "/wiki/api/v2/spaces": {"include_icon": "true"},
}
ALSO_BY_ENDING: dict[str, dict[str, object]] = {
    "/custom-content": {"type": CUSTOM_TYPES[0]},
    "/byOperation": {"expand": "restrictions.user,restrictions.group"},
    "/byOperation/{operation}": {"expand": "restrictions.user,restrictions.group", "limit": 10},
}


def filled(emulator: Emulator, path: str) -> str:
    """Return a path whose placeholders name the first objects of their kinds that are current."""

    def first(kind: str) -> str:
        table = emulator.site.table(kind)
        found = next(one for one in table if getattr(one, "status", "current") == "current")
        return KINDS[kind].api_id(found.id)

    by_path = {kind.path: name for name, kind in KINDS.items()}
    names = {**by_path, "comments": "inline_comment", "content": "page"}

    def replacement(match: re.Match[str]) -> str:
        if match[1] == "labels":
            return f"labels/{next(iter(emulator.site.labels)).id}"
        if match[1] == "group":
            return f"group/{emulator.site.groups[0].id}"
        return f"{match[1]}/{first(names[match[1]])}"

    path = re.sub(r"([\w-]+)/\{(?:id|spaces|pages)\}", replacement, path)
    return path.replace("{operation}", "read").replace(
        "{key}", next(iter(emulator.site.spaces)).key
    )


@pytest.fixture(scope="module")
def documents() -> OpenApi:
    return open_api()


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(SiteSpec(pages=150, blog_posts=40, spaces=15)) as running:
        yield running


def response_to(emulator: Emulator, path: str, **query: object) -> dict[str, object]:
    parameters = {name.replace("_", "-"): str(value) for name, value in query.items()}
    response = requests.get(
        emulator.url + path, parameters, auth=(emulator.email, emulator.token), timeout=10
    )
    assert response.status_code == 200, response.text
    content: dict[str, object] = response.json()
    return content


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/wiki/api/v2/spaces", {"status": "archived", "include_icon": "true"}),
        ("/wiki/api/v2/pages", {"limit": 250, "body_format": "storage"}),
        ("/wiki/api/v2/pages", {"limit": 100, "body_format": "atlas_doc_format"}),
        ("/wiki/api/v2/pages", {"status": "trashed,archived", "sort": "-modified-date"}),
        ("/wiki/api/v2/blogposts", {"limit": 10, "body_format": "storage"}),
        ("/wiki/rest/api/content/search", {"cql": "type=page", "expand": "version,body.storage"}),
    ],
)
def test_lists_with_parameters_fit_their_schema(
    documents: OpenApi, emulator: Emulator, path: str, query: dict[str, object]
) -> None:
    body = response_to(emulator, path, **query)

    assert body.get("results") != []
    assert documents.check_response("GET", path, body) == []


@pytest.mark.parametrize("path", [endpoint.path for endpoint in all_endpoints()])
def test_every_response_fits_its_schema(documents: OpenApi, emulator: Emulator, path: str) -> None:
    query = {**QUERIES.get(path, {})}
    for ending, more in ALSO_BY_ENDING.items():
        query |= more if path.endswith(ending) else {}
    if path.endswith("{id}"):
        query |= {f"include_{name}": "true" for name in INCLUDED}
    allowed = CONTRADICTED.get(path, {})
    path = filled(emulator, path)

    body = response_to(emulator, path, **query)

    found = documents.check_response("GET", path, body)
    assert [one for one in found if not any(re.search(known, one) for known in allowed)] == []
    for known in allowed:
        assert any(re.search(known, one) for one in found), f"no longer contradicted: {known}"


def test_users_by_id_fit_their_schema(documents: OpenApi, emulator: Emulator) -> None:
    people = [*emulator.site.people[:3], *emulator.site.former_people]
    with EmulatorClient(emulator) as client:
        wanted = {"accountIds": [person.account_id for person in people]}
        body = client.post("/wiki/api/v2/users-bulk", wanted)

    assert len(body["results"]) == len(people) - 1
    assert documents.check_response("POST", "/wiki/api/v2/users-bulk", body) == []


@pytest.mark.parametrize("path", LIVE_ONLY)
def test_records_have_every_declared_field_and_known_others(
    documents: OpenApi, emulator: Emulator, path: str
) -> None:
    live_only, not_sent = LIVE_ONLY[path], NOT_SENT.get(path, set())
    query, path = QUERIES.get(path, {}), filled(emulator, path)
    records = response_to(emulator, path, limit=250, **query)["results"]
    assert isinstance(records, list)

    declared = documents.item_fields(path)
    assert not_sent <= declared
    assert {name for record in records for name in record} == declared - not_sent | live_only


@pytest.mark.parametrize(
    ("path", "body", "problem"),
    [
        ("/wiki/api/v2/pages", {"results": [{"id": 7}]}, "$.results[0].id"),
        ("/wiki/api/v2/pages", {"results": [{"status": "no-such-status"}]}, "$.results[0].status"),
        ("/wiki/api/v2/pages", {"results": [{"createdAt": "yesterday"}]}, "createdAt"),
        ("/wiki/api/v2/pages/1", {"version": {"number": "1"}}, "$.version.number"),
        ("/wiki/rest/api/group", {"results": []}, "'limit' is a required property"),
    ],
)
def test_a_wrong_response_is_found(
    documents: OpenApi, path: str, body: dict[str, object], problem: str
) -> None:
    problems = documents.check_response("GET", path, body)

    assert any(problem in found for found in problems), problems


def test_null_passes_where_a_field_is_not_required(documents: OpenApi) -> None:
    body = {"results": [{"id": "1", "parentId": None, "version": None}]}

    assert documents.check_response("GET", "/wiki/api/v2/pages", body) == []


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/wiki/api/v2/pages", {"space-id": ["1,2,3"], "limit": ["250"], "sort": ["id"]}),
        ("/wiki/api/v2/pages", {"status": ["current,archived"], "body-format": ["storage"]}),
        ("/wiki/api/v2/pages/98305", {"body-format": ["export_view"], "status": ["trashed"]}),
        ("/wiki/api/v2/spaces", {"keys": ["A,B"], "include-icon": ["true"]}),
        ("/wiki/rest/api/audit", {"startDate": ["0"], "limit": ["1000"], "start": ["5"]}),
        ("/wiki/rest/api/content/search", {"cql": ["type=page"], "cursor": ["x"]}),
    ],
)
def test_a_right_request_passes(documents: OpenApi, path: str, query: dict[str, list[str]]) -> None:
    assert documents.check_request("GET", path, query) == []


@pytest.mark.parametrize(
    ("path", "query", "problem"),
    [
        ("/wiki/api/v2/pages", {"expand": ["body"]}, "expand: is not declared"),
        ("/wiki/api/v2/pages", {"limit": ["251"]}, "limit: 251 is out of range"),
        ("/wiki/api/v2/pages", {"limit": ["many"]}, "limit: 'many' is not an integer"),
        ("/wiki/api/v2/pages", {"sort": ["version"]}, "sort: 'version' is none of"),
        ("/wiki/api/v2/pages", {"status": ["current,draft"]}, "status: 'draft' is none of"),
        ("/wiki/api/v2/pages", {"space-id": ["1", "2"]}, "space-id: is given 2 times"),
        ("/wiki/api/v2/pages", {"space-id": ["1,x"]}, "space-id: 'x' is not an integer"),
        ("/wiki/api/v2/pages", {"space-id": [",".join("1" * 101)]}, "space-id: has 101 elements"),
        ("/wiki/api/v2/pages/abc", {}, "id: 'abc' is not an integer"),
        ("/wiki/api/v2/spaces", {"include-icon": ["yes"]}, "include-icon: 'yes' is not a boolean"),
        ("/wiki/rest/api/content/search", {}, "cql: is required"),
        ("/wiki/api/v2/nothing", {}, "is in no document"),
    ],
)
def test_a_wrong_request_is_found(
    documents: OpenApi, path: str, query: dict[str, list[str]], problem: str
) -> None:
    problems = documents.check_request("GET", path, query)

    assert any(problem in found for found in problems), problems


def test_the_documents_may_be_absent(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("CONFLUENCE_OPENAPI_DIR", str(tmp_path_factory.mktemp("empty")))

    with pytest.raises(pytest.skip.Exception, match="CONFLUENCE_OPENAPI_DIR"):
        open_api()
