"""What an answer of Confluence means: the status alone does not tell."""

from __future__ import annotations

import json

import pytest
from airbyte_cdk.models import FailureType
from requests import Response

from source_confluence.confluence.errors import ConfluenceError
from source_confluence.confluence.responses import (
    CredentialsRejected,
    NotConfluence,
    NotFound,
    NotPermitted,
    RequestRefused,
    ServerTrouble,
    Throttled,
    Unreachable,
    Verdict,
    explanation,
    judge,
    payload,
)
from source_confluence.confluence.shapes import is_list, is_object

HOST = "your-domain.atlassian.net"
V1 = "/wiki/rest/api/user/current"
V2 = "/wiki/api/v2/pages"
HTML = b"<!doctype html><title>Page unavailable</title>"

CHECK_CREDENTIALS = (
    f"{HOST} does not accept the credentials: check email and api_token, "
    "that the token has not expired, and that the account may use Confluence."
)


def answer(status: int, body: object = None, path: str = V2, **headers: str) -> Response:
    """An answer with `body` as JSON, or as it is if it is bytes."""
    response = Response()
    response.status_code = status
    response.url = f"https://{HOST}{path}?limit=1"
    response._content = body if isinstance(body, bytes) else json.dumps(body).encode()
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response


def v2_error(status: int, title: str, detail: str | None = None) -> dict[str, object]:
    return {"errors": [{"status": status, "code": "CODE", "title": title, "detail": detail}]}


def v1_error(status: int, message: str) -> dict[str, object]:
    return {"statusCode": status, "data": {"authorized": False}, "message": message}


@pytest.mark.parametrize("body", [{"results": []}, {}, {"errors": [{"title": "not one"}]}])
def test_an_object_is_good(body: object) -> None:
    response = answer(200, body)

    assert judge(response, is_object) is Verdict.GOOD
    assert payload(response) == body


@pytest.mark.parametrize("body", [[], None, 7, "maintenance"])
def test_json_that_is_no_object_is_trouble(body: object) -> None:
    assert judge(answer(200, body), is_object) is Verdict.TROUBLE


@pytest.mark.parametrize("body", [{"results": []}, {"results": [7], "size": 1}, [], [7]])
def test_a_list_is_good_where_one_is_asked_for(body: object) -> None:
    assert judge(answer(200, body), is_list) is Verdict.GOOD


@pytest.mark.parametrize(
    "body", [{}, None, {"results": None}, {"results": {}}, {"message": "maintenance"}, 7, "x"]
)
def test_what_is_no_list_is_trouble_where_one_is_asked_for(body: object) -> None:
    assert judge(answer(200, body), is_list) is Verdict.TROUBLE


@pytest.mark.parametrize("status", [200, 203, 204])
@pytest.mark.parametrize(
    "body", [b"", HTML, b'{"results": [{"id": "1"}, {"i', b"\xff\xfe", b'{"a": NaN}']
)
def test_what_is_no_json_is_trouble(status: int, body: bytes) -> None:
    assert judge(answer(status, body), is_object) is Verdict.TROUBLE


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("body", [HTML, {"message": "Rate limit exceeded"}])
def test_throttled(status: int, body: object) -> None:
    assert judge(answer(status, body), is_object) is Verdict.THROTTLED


@pytest.mark.parametrize("status", [408, 500, 501, 502, 504, 520, 599])
@pytest.mark.parametrize("body", [HTML, v1_error(500, "Could not serve that")])
def test_trouble(status: int, body: object) -> None:
    assert judge(answer(status, body), is_object) is Verdict.TROUBLE


def test_a_body_is_decoded_once() -> None:
    response = answer(200, {"results": []})

    judge(response, is_object)
    first = payload(response)
    response._content = b"something else"

    assert payload(response) is first


def refused(response: Response) -> ConfluenceError:
    with pytest.raises(ConfluenceError) as caught:
        judge(response, is_object)
    return caught.value


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(answer(404, v2_error(404, "Not Found")), id="v2: a bare 404"),
        pytest.param(
            answer(403, v1_error(403, "Current user not permitted to use Confluence"), V1),
            id="v1: not permitted",
        ),
        pytest.param(
            answer(403, v1_error(403, "com.atlassian: caller cannot access Confluence"), V1),
            id="v1: caller cannot access",
        ),
        pytest.param(
            answer(403, v1_error(403, "Current User Not Permitted To Use Confluence"), V1),
            id="v1: in capitals",
        ),
        pytest.param(answer(401, v1_error(401, "Unauthorized")), id="gateway: 401"),
        pytest.param(answer(401, HTML), id="a 401 in HTML"),
        pytest.param(answer(401, b""), id="a 401 without a word"),
    ],
)
def test_bad_credentials(response: Response) -> None:
    error = refused(response)

    assert type(error) is CredentialsRejected
    assert error.sentence == CHECK_CREDENTIALS
    assert error.failure_type is FailureType.config_error


@pytest.mark.parametrize("message", ["Unauthorized; scope does not match", "Missing SCOPE"])
def test_a_missing_scope(message: str) -> None:
    error = refused(answer(401, {"code": 401, "message": message}))

    assert type(error) is NotPermitted
    assert error.sentence == f"The API token lacks the scope that {V2} needs."
    assert error.failure_type is FailureType.config_error


@pytest.mark.parametrize(
    ("response", "sentence"),
    [
        (
            answer(403, v1_error(403, "Only administrators may do that."), "/wiki/rest/api/audit"),
            "The account may not read /wiki/rest/api/audit: Only administrators may do that.",
        ),
        (answer(403, b""), f"The account may not read {V2}: Confluence says no more"),
        (
            answer(402, v2_error(402, "Payment Required", "A Premium plan is needed.")),
            f"The account may not read {V2}: Payment Required A Premium plan is needed.",
        ),
        (
            answer(410, v1_error(410, "This deprecated endpoint has been removed"), V1),
            f"Confluence no longer offers {V1}: This deprecated endpoint has been removed",
        ),
        (answer(410, HTML), f"Confluence no longer offers {V2}: 410"),
    ],
)
def test_what_the_account_may_not_read(response: Response, sentence: str) -> None:
    error = refused(response)

    assert type(error) is NotPermitted
    assert error.sentence == sentence
    assert error.failure_type is FailureType.config_error


@pytest.mark.parametrize(
    ("response", "said"),
    [
        (answer(404, v2_error(404, "Page not found", "No page 7")), "Page not found No page 7"),
        (answer(404, v2_error(404, "Not Found", "No page 7")), "Not Found No page 7"),
        (answer(404, v1_error(404, "Not Found"), "/wiki/rest/api/group/7"), "Not Found"),
    ],
)
def test_what_does_not_exist(response: Response, said: str) -> None:
    error = refused(response)

    assert type(error) is NotFound
    assert "does not exist, or the account may not see it: " in error.sentence
    assert error.sentence.endswith(said)
    assert error.failure_type is FailureType.system_error


@pytest.mark.parametrize("path", [V1, V2])
def test_a_404_in_html_is_no_confluence(path: str) -> None:
    error = refused(answer(404, HTML, path, Content_Type="text/html;charset=UTF-8"))

    assert type(error) is NotConfluence
    assert error.sentence == (
        f"There is no Confluence site at {HOST}: domain_name is misspelt, or the site is gone."
    )
    assert error.failure_type is FailureType.config_error


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("https://example.com/login?secret=1", "example.com"),
        ("/login", "another address"),
        (None, "another address"),
    ],
)
def test_redirects(status: int, location: str | None, target: str) -> None:
    headers = {"Location": location} if location else {}

    error = refused(answer(status, b"", **headers))

    assert type(error) is NotConfluence
    assert error.sentence == (
        f"{HOST} redirects to {target}: domain_name must be the site's own address, "
        "like your-domain.atlassian.net."
    )


@pytest.mark.parametrize("status", [400, 405, 409, 413, 414, 415, 418])
def test_everything_else_is_a_defect_of_ours_or_a_change_of_the_api(status: int) -> None:
    error = refused(answer(status, v2_error(status, "Invalid", "Provided value {x} is wrong")))

    assert type(error) is RequestRefused
    assert error.sentence == (
        f"Confluence refused {V2} with status {status}: Invalid Provided value {{x}} is wrong"
    )
    assert error.failure_type is FailureType.system_error


@pytest.mark.parametrize("kind", [Unreachable, ServerTrouble, Throttled])
def test_what_a_later_attempt_may_mend_is_transient(kind: type[ConfluenceError]) -> None:
    assert kind("It is broken.").failure_type is FailureType.transient_error


def test_no_sentence_gives_away_the_parameters() -> None:
    response = answer(400, b"")
    response.url = f"https://{HOST}{V2}?cursor=a-secret"

    assert "a-secret" not in refused(response).sentence


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (v2_error(400, "Bad Request", "No\n  such\tthing"), "Bad Request No such thing"),
        (v1_error(400, "Could not parse cql"), "Could not parse cql"),
        (v1_error(400, "com.atlassian.api.BadRequestException: No: x"), "No: x"),
        ({"code": 401, "message": "Unauthorized"}, "Unauthorized"),
        ({"errors": []}, ""),
        ({"errors": [], "message": "said"}, "said"),
        ({"errors": {"field": "wrong"}, "message": "said"}, "said"),
        ({"errors": ["said"]}, "said"),
        ({"errors": [{"title": 7}]}, "7"),
        ({"errors": [{"title": "first"}, {"title": "second"}]}, "first"),
        ({"message": "x" * 1000}, "x" * 300),
        ({}, ""),
        ([], ""),
        ("said", ""),
        (None, ""),
        (HTML, ""),
        (b"", ""),
    ],
)
def test_explanation(body: object, said: str) -> None:
    assert explanation(answer(400, body)) == said
