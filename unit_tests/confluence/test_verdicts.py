"""What a response means: the status alone does not say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import pytest
import requests

from source_confluence.confluence.auth import BasicAuth
from source_confluence.confluence.body import NoMemory, TooLarge
from source_confluence.confluence.credentials import ApiToken
from source_confluence.confluence.errors import (
    ConfluenceError,
    CredentialsRejected,
    NotConfluence,
    NotFound,
    NotPermitted,
    RequestRefused,
    ResponseTooLarge,
    ServerError,
    Unreachable,
)
from source_confluence.confluence.responses import (
    NoResponse,
    Response,
    Shape,
    is_entity,
    is_list,
    is_object,
)
from source_confluence.confluence.transport import TooSlow
from source_confluence.confluence.verdicts import (
    Ambiguous,
    Failed,
    RateLimited,
    Refused,
    Verdict,
    judge,
)
from unit_tests.confluence.answers import (
    BAD_CERTIFICATE,
    CUT_OFF,
    HOST,
    HTML,
    NO_ANSWER,
    PATH,
    REFUSED,
    RESET,
    TIMED_OUT,
    UNKNOWN_HOST,
    URL,
    response,
)

AUTH = BasicAuth(ApiToken("you@example.com", "made-up"))
V1 = "/wiki/rest/api/user/current"
HALF_JSON = b'{"results": [{"id": "1"}, {"i'


def v2_error(status: int, title: str, detail: str | None = None) -> dict[str, object]:
    return {"errors": [{"status": status, "code": "CODE", "title": title, "detail": detail}]}


def v1_error(status: int, message: str) -> dict[str, object]:
    return {"statusCode": status, "data": {"authorized": False}, "message": message}


def verdict(outcome: Response | NoResponse, shape: Shape = is_object) -> Verdict:
    return judge(_as_requested(outcome, shape), AUTH)


def _as_requested(outcome: Response | NoResponse, shape: Shape) -> Response | NoResponse:
    if isinstance(outcome, NoResponse) or outcome.status >= 300:
        return outcome
    return replace(outcome, has_shape=shape(outcome.body))


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        (is_object, {"results": []}),
        (is_object, {}),
        (is_object, {"errors": [{"title": "not one"}]}),
        (is_list, {"results": []}),
        (is_list, {"results": [7], "size": 1}),
        (is_list, []),
        (is_list, [7]),
        (is_entity, {"id": "1"}),
    ],
)
def test_json_of_the_requested_shape_is_good(shape: Shape, body: object) -> None:
    assert replace(response(200, body), has_shape=shape(body)).is_good


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        *product([is_object], [[], None, 7, "maintenance"]),
        *product([is_list], [{}, None, {"results": None}, {"results": {}}, 7, "x"]),
        *product([is_entity], [{}, {"id": None}, []]),
        *product([is_object, is_list, is_entity], [HALF_JSON]),
    ],
)
@pytest.mark.parametrize("status", [200, 203, 204])
def test_any_other_2xx_is_a_server_error(status: int, shape: Shape, body: object) -> None:
    found = verdict(response(status, body), shape)

    assert isinstance(found, Failed)
    assert type(found.error) is ServerError


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("body", [HTML, v1_error(429, "Rate limit exceeded")])
def test_a_rate_limit(status: int, body: object) -> None:
    limited = response(status, body)

    assert verdict(limited) == RateLimited(limited)


@pytest.mark.parametrize("status", [408, 500, 502, 504, 520, 599])
@pytest.mark.parametrize("body", [HTML, v1_error(500, "Could not serve that")])
def test_a_server_error(status: int, body: object) -> None:
    found = verdict(response(status, body))

    assert isinstance(found, Failed)
    assert type(found.error) is ServerError
    assert str(status) in found.reason


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        *((error, ServerError) for error in (TIMED_OUT, RESET, CUT_OFF)),
        *((error, Unreachable) for error in (REFUSED, UNKNOWN_HOST, NO_ANSWER, BAD_CERTIFICATE)),
    ],
)
def test_no_response(error: requests.RequestException, kind: type[ConfluenceError]) -> None:
    found = verdict(NoResponse(URL, error))

    assert isinstance(found, Failed)
    assert type(found.error) is kind


@pytest.mark.parametrize(
    ("refused", "kind"),
    [
        *(
            pytest.param(response(403, v1_error(403, said), V1), CredentialsRejected, id=said)
            for said in (
                "Current user not permitted to use Confluence",
                "com.atlassian: caller cannot access Confluence",
                "Current User Not Permitted To Use Confluence",
            )
        ),
        *((response(401, body), CredentialsRejected) for body in (v1_error(401, "No"), HTML, b"")),
        *(
            (response(401, {"code": 401, "message": message}), NotPermitted)
            for message in ("Unauthorized; scope does not match", "Missing SCOPE")
        ),
        (response(403, v1_error(403, "Only administrators may do that."), V1), NotPermitted),
        (response(403, b""), NotPermitted),
        (response(402, v2_error(402, "Payment Required", "Premium only.")), NotPermitted),
        (response(410, v1_error(410, "This endpoint has been removed"), V1), NotPermitted),
        (response(410, HTML), NotPermitted),
        (response(404, v2_error(404, "Page not found", "No page 7")), NotFound),
        (response(404, v2_error(404, "Not Found", "No page 7")), NotFound),
        (response(404, v1_error(404, "Not Found"), "/wiki/rest/api/group/7"), NotFound),
        (response(404, HTML, V1, Content_Type="TEXT/HTML"), NotConfluence),
        *((response(status, b""), NotConfluence) for status in (300, 301, 302, 303, 307, 308)),
        *(
            (response(status, v2_error(status, "Invalid")), RequestRefused)
            for status in (400, 405, 409, 413, 414, 415, 418)
        ),
    ],
)
def test_refusals(refused: Response, kind: type[ConfluenceError]) -> None:
    found = verdict(refused)

    assert isinstance(found, Refused)
    assert found.response is refused
    assert type(found.error) is kind


@pytest.mark.parametrize("path", ["/wiki/api/v2/pages", "/wiki/rest/api/group/1/nothing"])
def test_a_404_in_html_has_two_causes(path: str) -> None:
    found = verdict(response(404, HTML, path, Content_Type="text/html;charset=UTF-8"))

    assert isinstance(found, Ambiguous)
    assert type(found.if_known) is NotFound
    assert type(found.if_unknown) is NotConfluence


def test_a_404_that_names_nothing_has_two_causes() -> None:
    bare = response(404, v2_error(404, "Not Found"))

    found = verdict(bare)

    assert isinstance(found, Ambiguous)
    assert found.response is bare
    assert PATH in found.if_known.message
    assert "email and api_token" in found.if_unknown.message


def test_a_401_in_html_is_about_scopes() -> None:
    rejected = error_for(response(401, HTML))

    assert isinstance(rejected, CredentialsRejected)
    assert "API token" in rejected.message
    assert "scopes" in rejected.message
    assert "scopes" not in error_for(response(401, v1_error(401, "No"))).message


def test_a_response_that_is_too_large_is_not_worth_another_attempt() -> None:
    found = verdict(NoResponse(URL, TooLarge(7 << 20)))

    assert isinstance(found, Failed)
    assert type(found.error) is ResponseTooLarge
    assert "7 MB" in found.error.message
    assert found.worth_attempts == 1


def test_a_response_without_memory_for_it_is_not_called_too_large() -> None:
    found = verdict(NoResponse(URL, NoMemory(7 << 20)))

    assert isinstance(found, Failed)
    assert type(found.error) is ResponseTooLarge
    assert "7 MB" not in found.error.message


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_response_that_is_too_slow_is_worth_one_more(wrapped: bool) -> None:
    error = requests.ConnectionError("Read timed out.")
    error.__cause__ = ValueError() if wrapped else TooSlow(5)
    if wrapped:
        error.__cause__.__context__ = TooSlow(5)

    found = verdict(NoResponse(URL, error))

    assert isinstance(found, Failed)
    assert type(found.error) is ServerError
    assert "5 s" in found.reason
    assert found.worth_attempts == 2


def error_for(refused: Response) -> ConfluenceError:
    found = verdict(refused)
    assert isinstance(found, Refused)
    return found.error


def test_a_refused_request_says_why() -> None:
    error = error_for(response(400, v2_error(400, "Invalid", "Provided value {x} is wrong")))

    assert isinstance(error, RequestRefused)
    assert error.said == "Invalid Provided value {x} is wrong"
    assert '"code":"CODE"' in error.details
    assert error.said in error.message


@dataclass
class OtherAuth(BasicAuth):
    kind: str = "access token"
    fields: str = "client_id and client_secret"


def test_the_messages_about_credentials_name_what_the_user_gave() -> None:
    rejected = response(401, v1_error(401, "Unauthorized"))
    unscoped = response(401, v1_error(401, "scope does not match"))

    assert "email and api_token" in error_for(rejected).message
    assert "API token" in error_for(unscoped).message
    for refused, words in ((rejected, OtherAuth.fields), (unscoped, OtherAuth.kind)):
        found = judge(refused, OtherAuth())
        assert isinstance(found, Refused)
        assert words in found.error.message


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("https://example.com/login?secret=1", "example.com"),
        ("/login", "another address"),
        ("", "another address"),
    ],
)
def test_a_redirect_names_its_host_but_no_parameters(location: str, target: str) -> None:
    message = error_for(response(302, b"", Location=location)).message

    assert target in message
    assert "secret" not in message


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_no_message_shows_the_parameters(status: int) -> None:
    message = error_for(response(status, b"", f"{PATH}?cursor=a-secret")).message

    assert "a-secret" not in message
    assert (HOST if status == 401 else PATH) in message
