"""The emulator's answers against Atlassian's documents, and the judge itself."""

from collections.abc import Iterator

import pytest
import requests

from integration_tests.confluence_emulator import Emulator, SiteSpec
from integration_tests.openapi import OpenApi, open_api

LIVE_ONLY = {
    "/wiki/api/v2/spaces": {"spaceOwnerId"},
    "/wiki/api/v2/pages": {"sourceTemplateEntityId"},
    "/wiki/api/v2/blogposts": set(),
    "/wiki/rest/api/group": set(),
    "/wiki/rest/api/audit": set(),
}
"""Fields that Confluence sends although its documents do not know them, by list."""


@pytest.fixture(scope="module")
def judge() -> OpenApi:
    return open_api()


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(SiteSpec(pages=150, blog_posts=40, spaces=15)) as running:
        yield running


def answer(emulator: Emulator, path: str, **query: object) -> dict[str, object]:
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
        ("/wiki/api/v2/spaces", {"limit": 10, "description_format": "view"}),
        ("/wiki/api/v2/spaces", {"status": "archived", "include_icon": "true"}),
        ("/wiki/api/v2/pages", {"limit": 250, "body_format": "storage"}),
        ("/wiki/api/v2/pages", {"limit": 100, "body_format": "atlas_doc_format"}),
        ("/wiki/api/v2/pages", {"status": "trashed,archived", "sort": "-modified-date"}),
        ("/wiki/api/v2/blogposts", {"limit": 10, "body_format": "storage"}),
        ("/wiki/api/v2/blogposts", {"status": "trashed"}),
        ("/wiki/rest/api/group", {"limit": 4}),
        ("/wiki/rest/api/audit", {"limit": 20, "start": 10}),
        ("/wiki/rest/api/user/current", {}),
        ("/wiki/rest/api/content/search", {"cql": "type=page", "limit": 30}),
        ("/wiki/rest/api/content/search", {"cql": "type=page", "expand": "version,body.storage"}),
    ],
)
def test_answers_fit_their_schema(
    judge: OpenApi, emulator: Emulator, path: str, query: dict[str, object]
) -> None:
    body = answer(emulator, path, **query)

    assert body.get("results") != []
    assert judge.check_response("GET", path, body) == []


@pytest.mark.parametrize("kind", ["pages", "blogposts"])
@pytest.mark.parametrize("body_format", ["storage", "view"])
def test_single_content_fits_its_schema(
    judge: OpenApi, emulator: Emulator, kind: str, body_format: str
) -> None:
    listed = answer(emulator, f"/wiki/api/v2/{kind}")["results"]
    assert isinstance(listed, list)
    path = f"/wiki/api/v2/{kind}/{listed[0]['id']}"

    body = answer(emulator, path, body_format=body_format)

    assert judge.check_response("GET", path, body) == []


@pytest.mark.parametrize("path", LIVE_ONLY)
def test_records_have_every_declared_field_and_known_others(
    judge: OpenApi, emulator: Emulator, path: str
) -> None:
    records = answer(emulator, path)["results"]
    assert isinstance(records, list)

    assert {name for record in records for name in record} == (
        judge.item_fields(path) | LIVE_ONLY[path]
    )


@pytest.mark.parametrize(
    ("path", "body", "problem"),
    [
        ("/wiki/api/v2/pages", {"results": [{"id": 7}]}, "$.results[0].id"),
        ("/wiki/api/v2/pages", {"results": [{"status": "gone"}]}, "$.results[0].status"),
        ("/wiki/api/v2/pages", {"results": [{"createdAt": "yesterday"}]}, "createdAt"),
        ("/wiki/api/v2/pages/1", {"version": {"number": "1"}}, "$.version.number"),
        ("/wiki/rest/api/group", {"results": []}, "'limit' is a required property"),
    ],
)
def test_a_wrong_answer_is_found(
    judge: OpenApi, path: str, body: dict[str, object], problem: str
) -> None:
    problems = judge.check_response("GET", path, body)

    assert any(problem in found for found in problems), problems


def test_null_passes_where_a_field_is_not_required(judge: OpenApi) -> None:
    body = {"results": [{"id": "1", "parentId": None, "version": None}]}

    assert judge.check_response("GET", "/wiki/api/v2/pages", body) == []


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
def test_a_right_request_passes(judge: OpenApi, path: str, query: dict[str, list[str]]) -> None:
    assert judge.check_request("GET", path, query) == []


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
    judge: OpenApi, path: str, query: dict[str, list[str]], problem: str
) -> None:
    problems = judge.check_request("GET", path, query)

    assert any(problem in found for found in problems), problems


def test_the_documents_may_be_absent(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("CONFLUENCE_OPENAPI_DIR", str(tmp_path_factory.mktemp("empty")))

    with pytest.raises(pytest.skip.Exception, match="CONFLUENCE_OPENAPI_DIR"):
        open_api()
