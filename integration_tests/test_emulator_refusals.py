"""Credentials, denied requests, invalid parameters, limits and throttling as in Confluence."""

from collections.abc import Iterator
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

import pytest
import requests

from integration_tests.confluence_emulator import Emulator, Settings, SiteSpec, TokenBucket
from integration_tests.confluence_emulator.client import V1, V2, EmulatorClient

NOW = datetime(2031, 5, 17, 12, 30, 15, 250_000, tzinfo=timezone.utc)
BARE_404 = {"errors": [{"status": 404, "code": "NOT_FOUND", "title": "Not Found", "detail": None}]}


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    spec = SiteSpec(spaces=6, pages=60, blog_posts=10)
    with Emulator(spec, Settings(clock=lambda: NOW)) as running:
        yield running


@pytest.fixture
def client(emulator: Emulator) -> Iterator[EmulatorClient]:
    with EmulatorClient(emulator) as visiting:
        yield visiting


@pytest.mark.parametrize("path", ["pages", "pages/1", "spaces", "nothing"])
def test_bad_credentials_get_a_bare_404_from_v2(emulator: Emulator, path: str) -> None:
    with EmulatorClient(emulator, token="wrong") as stranger:
        response = stranger.get(V2 + path)

    assert (response.status_code, response.json()) == (404, BARE_404)


REJECTED = (
    "com.atlassian.confluence.mvc.rest.common.exception.StacklessResponseStatusException: "
    '403 FORBIDDEN "Request rejected because caller cannot access Confluence"'
)
NOT_PERMITTED = "Current user not permitted to use Confluence"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("group", REJECTED),
        ("audit", REJECTED),
        ("user/current", REJECTED),
        ("content/search", NOT_PERMITTED),
        ("search", NOT_PERMITTED),
        ("search/user", NOT_PERMITTED),
    ],
)
def test_bad_credentials_get_a_403_from_v1(emulator: Emulator, path: str, message: str) -> None:
    with EmulatorClient(emulator, token="") as stranger:
        response = stranger.get(V1 + path)

    assert response.status_code == 403
    assert response.json() == {"statusCode": 403, "message": message}


def test_missing_credentials_are_bad_ones(emulator: Emulator) -> None:
    response = requests.get(emulator.url + V2 + "pages", timeout=10)

    assert (response.status_code, response.json()) == (404, BARE_404)
    assert [record.authorized for record in emulator.requests] == [False]


def test_a_token_with_scopes_gets_html(emulator: Emulator) -> None:
    with EmulatorClient(emulator, token=emulator.settings.scoped_token) as scoped:
        responses = [scoped.get(V1 + "user/current"), scoped.get(V2 + "pages")]

    assert [response.status_code for response in responses] == [401, 401]
    assert all(response.text.startswith("<!doctype html>") for response in responses)


def test_only_purged_content_gets_a_bare_404(emulator: Emulator, client: EmulatorClient) -> None:
    page_id = emulator.expected("pages")[0]["id"]
    emulator.mutations.purge("page", page_id)

    for path in (f"pages/{page_id}", f"pages/{page_id}/labels"):
        response = client.get(V2 + path)
        assert (response.status_code, response.json()) == (404, BARE_404)
    assert client.get(f"{V2}pages/999999999").json() != BARE_404


def test_a_missing_permission_is_a_bare_404_of_v2(
    emulator: Emulator, client: EmulatorClient
) -> None:
    emulator.forbid({"/tasks$": 404, "/group$": 404})

    response = client.get(V2 + "tasks")

    assert (response.status_code, response.json()) == (404, BARE_404)
    assert client.get(V1 + "group").status_code == 403


def test_the_audit_log_is_for_administrators(emulator: Emulator, client: EmulatorClient) -> None:
    emulator.set_admin(False)

    response = client.get(V1 + "audit")

    assert response.status_code == 403
    assert "does not have permission" in response.json()["message"]
    assert client.get(V1 + "group").status_code == 200


def test_paths_can_be_forbidden(emulator: Emulator, client: EmulatorClient) -> None:
    emulator.forbid({"/blogposts": 401, "/group$": 403})

    scope = client.get(V2 + "blogposts")
    group = client.get(V1 + "group")

    assert scope.status_code == 401
    assert scope.json() == {"code": 401, "message": "Unauthorized; scope does not match"}
    assert group.status_code == 403
    assert client.get(V2 + "pages").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": 251},
        {"limit": "many"},
        {"limit": ""},
        {"status": "draft"},
        {"status": "current,any"},
        {"sort": "version"},
        {"body-format": "view"},
        {"subtype": "wiki"},
        {"space-id": "SP1"},
        {"space-id": ",".join(["1"] * 101)},
        {"id": ",".join(["1"] * 251)},
        {"cursor": "garbled"},
        {"cursor": "eyJpZCI6IjEifQ=="},
        {"cursor": ""},
    ],
)
def test_v2_rejects_invalid_parameters(client: EmulatorClient, query: dict[str, object]) -> None:
    response = client.get(V2 + "pages", query)

    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error["code"] == "INVALID_REQUEST_PARAMETER"
    assert next(iter(query)) in error["title"]


def test_a_cursor_fits_the_sort_that_it_was_made_for(client: EmulatorClient) -> None:
    link = client.content(V2 + "pages", {"limit": 5, "sort": "-id"})["_links"]["next"]

    changed = client.get(link.replace("sort=-id", "sort=-modified-date"))
    dropped = client.get(link.replace("sort=-id&", ""))
    other_limit = client.get(link.replace("limit=5", "limit=9"))

    assert (changed.status_code, dropped.status_code) == (400, 400)
    assert other_limit.status_code == 200


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("blogposts", {"status": "archived"}),
        ("blogposts", {"sort": "title"}),
        ("spaces", {"status": "current,archived"}),
        ("spaces", {"include-icon": "1"}),
        ("spaces", {"type": "team"}),
        ("spaces", {"description-format": "storage"}),
    ],
)
def test_values_of_one_list_only(
    client: EmulatorClient, path: str, query: dict[str, object]
) -> None:
    assert client.get(V2 + path, query).status_code == 400


@pytest.mark.parametrize("query", [{"limit": "x"}, {"start": -1}, {"startDate": "2024-01-01"}])
def test_v1_rejects_invalid_parameters(client: EmulatorClient, query: dict[str, object]) -> None:
    response = client.get(V1 + "audit", query)

    assert response.status_code == 400
    assert "BadRequestException" in response.json()["message"]


def test_v1_clips_a_limit_that_is_too_large(emulator: Emulator, client: EmulatorClient) -> None:
    for number in range(300):
        emulator.mutations.add_group(f"group {number}")

    page = client.content(V1 + "group", {"limit": 1000})

    assert (page["limit"], page["size"], len(page["results"])) == (200, 200, 200)
    assert len(client.records(V1 + "group", {"limit": 1000})) == len(emulator.site.groups)


def test_audit_dates_are_inclusive_milliseconds(emulator: Emulator, client: EmulatorClient) -> None:
    records = emulator.expected("audit")
    newest, oldest = records[10]["creationDate"], records[40]["creationDate"]

    query = {"startDate": oldest, "endDate": newest, "searchString": "ignored"}
    found = client.records(V1 + "audit", query)

    assert found == [one for one in records if oldest <= one["creationDate"] <= newest]
    assert len(found) > 30


def test_other_requests_are_rejected(emulator: Emulator, client: EmulatorClient) -> None:
    auth = (emulator.email, emulator.token)

    posted = requests.post(emulator.url + V2 + "pages", auth=auth, timeout=10)

    assert posted.status_code == 405
    assert client.get(V2 + "pages", {"title": "x" * 9_000}).status_code == 414


@pytest.mark.parametrize(
    ("path", "accept", "content_type"),
    [
        (V1 + "nothing", "*/*", "application/xml"),
        (V1 + "nothing", "application/json", "application/json"),
        (V1 + "group/nothing/at/all", "application/json", "text/html;charset=UTF-8"),
        (V2 + "nothing", "application/json", "text/html;charset=UTF-8"),
        ("/wiki/rest/nothing", "application/json", "text/html;charset=UTF-8"),
    ],
)
def test_unknown_routes(emulator: Emulator, path: str, accept: str, content_type: str) -> None:
    auth = (emulator.email, emulator.token)

    response = requests.get(emulator.url + path, auth=auth, headers={"Accept": accept}, timeout=10)

    assert (response.status_code, response.headers["Content-Type"]) == (404, content_type)
    if path == V1 + "nothing":
        assert f"null for uri: {emulator.url}{path}" in response.text


def test_every_answer_has_the_headers_of_a_site(client: EmulatorClient) -> None:
    responses = [client.get(V2 + "pages"), client.get(V2 + "no"), client.get(V1 + "group")]

    for response in responses:
        assert {"Vary", "Content-Language", "X-Confluence-Request-Time", "Atl-Traceid"} <= set(
            response.headers
        )
    assert len({response.headers["Atl-Traceid"] for response in responses}) == len(responses)


def test_inline_comments_announce_their_deprecation(client: EmulatorClient) -> None:
    first = client.get(V2 + "inline-comments", {"limit": 1})
    last = client.get(V2 + "inline-comments", {"limit": 250})

    assert first.headers["Warning"].startswith("299 ")
    assert list(first.links) == ["deprecation", "next", "base"]
    assert list(last.links) == ["deprecation", "base"]
    assert "Warning" not in client.get(V2 + "footer-comments").headers


def test_every_answer_has_the_emulators_date(client: EmulatorClient) -> None:
    responses = [client.get(V2 + "pages"), client.get(V2 + "no"), client.get(V1 + "group")]

    for response in responses:
        date = parsedate_to_datetime(response.headers["Date"])
        assert date == NOW.replace(microsecond=0)


@pytest.mark.parametrize(
    ("style", "headers"),
    [
        ("seconds", {"Retry-After": "10"}),
        ("zero", {"Retry-After": "0"}),
        ("date", {"Retry-After": "Sat, 17 May 2031 12:30:26 GMT"}),
        ("reset", {"X-RateLimit-Reset": "2031-05-17T12:30:25Z"}),
        ("none", {}),
    ],
)
def test_too_many_requests(
    emulator: Emulator, client: EmulatorClient, style: str, headers: dict[str, str]
) -> None:
    emulator.settings.limit = TokenBucket(rate=0.1, burst=2, style=style, clock=lambda: 5.0)

    responses = [client.get(V2 + "pages") for _ in range(4)]

    assert [response.status_code for response in responses] == [200, 200, 429, 429]
    for name in ("Retry-After", "X-RateLimit-Reset"):
        assert responses[-1].headers.get(name) == headers.get(name)
    assert emulator.requests.counts(status=429) == {V2 + "pages": 2}
    emulator.remove_rate_limit()
    assert client.get(V2 + "pages").status_code == 200


def test_a_bucket_fills_with_time() -> None:
    now = 0.0
    bucket = TokenBucket(rate=2, clock=lambda: now)

    taken = [bucket.take() for _ in range(3)]
    now = 0.75

    assert taken == [None, None, 0.5]
    assert [bucket.take(), bucket.take()] == [None, 0.25]
