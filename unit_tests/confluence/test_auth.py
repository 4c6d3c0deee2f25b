"""Credentials go to the configured site, and nowhere else; and may be renewed."""

from __future__ import annotations

from base64 import b64encode

import pytest
import requests
from requests import PreparedRequest
from requests_mock import Mocker

from source_confluence.confluence.auth import OnlyAt, authenticator
from source_confluence.confluence.connection import Connection
from source_confluence.confluence.credentials import ApiToken
from source_confluence.confluence.errors import CredentialsRejected, NotPermitted
from source_confluence.confluence.responses import Response
from source_confluence.confluence.site import Site
from unit_tests.confluence.answers import BAD_GATEWAY, GOOD, UNAUTHORIZED, URL, get, response
from unit_tests.fakes import API_TOKEN, EMAIL

ORIGIN = "https://your-domain.atlassian.net"
TOKEN = ApiToken(EMAIL, API_TOKEN)


def signed(
    url: str, domain_name: str = "your-domain", credentials: ApiToken = TOKEN
) -> PreparedRequest:
    auth = authenticator(credentials, Site.named(domain_name))
    return auth.sign(requests.Request("GET", url).prepare())


def basic(email: str, token: str) -> str:
    return f"Basic {b64encode(f'{email}:{token}'.encode()).decode()}"


@pytest.mark.parametrize(
    ("domain_name", "url"),
    [
        ("your-domain", "https://your-domain.atlassian.net/wiki/api/v2/pages?limit=1"),
        ("Your-Domain", "https://Your-Domain.atlassian.net/wiki/rest/api/group"),
        ("http://127.0.0.1:8090", "http://127.0.0.1:8090/wiki/api/v2/pages"),
        ("http://[::1]:8090", "http://[::1]:8090/wiki/api/v2/pages"),
        ("https://127.0.0.1:8443/wiki", "https://127.0.0.1:8443/wiki/api/v2/pages"),
    ],
)
def test_signs_requests_to_the_site(domain_name: str, url: str) -> None:
    assert signed(url, domain_name).headers["Authorization"] == basic(EMAIL, API_TOKEN)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/wiki/api/v2/pages",
        "https://other-domain.atlassian.net/wiki/api/v2/pages",
        "https://your-domain.atlassian.net.example.com/wiki/api/v2/pages",
        "https://example.com/?https://your-domain.atlassian.net",
        "https://sub.your-domain.atlassian.net/wiki/api/v2/pages",
        "https://your-domain.atlassian.net:8443/wiki/api/v2/pages",
        "http://your-domain.atlassian.net/wiki/api/v2/pages",
        "https://your-domain.atlassian.net%2f@example.com/wiki/api/v2/pages",
    ],
)
def test_signs_nothing_else(url: str) -> None:
    assert "Authorization" not in signed(url).headers


def test_signs_for_a_name_beyond_ascii() -> None:
    request = signed(f"{ORIGIN}/", credentials=ApiToken("zoë@example.com", "päss:wörd"))

    assert request.headers["Authorization"] == basic("zoë@example.com", "päss:wörd")


def test_names_its_secrets_in_both_forms() -> None:
    auth = authenticator(TOKEN, Site.named("your-domain"))

    assert auth.secrets == (API_TOKEN, basic(EMAIL, API_TOKEN).removeprefix("Basic "))


def test_an_api_token_does_not_show_in_a_repr() -> None:
    assert API_TOKEN not in repr(TOKEN)


class RenewableAuth:
    """Has an expired token, and can get a number of new ones."""

    kind = "access token"
    fields = "credentials"
    html_401 = "sign in again"
    secrets = ()

    def __init__(self, renewals: int) -> None:
        self._left = renewals
        self._number = 0
        self.recovered_from: list[int] = []

    def sign(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._number}"
        return request

    def recover(self, response: Response) -> bool:
        self.recovered_from.append(response.status)
        self._left -= 1
        self._number += 1
        return self._left >= 0


def tokens(requests_mock: Mocker) -> list[str]:
    return [request.headers["Authorization"] for request in requests_mock.request_history]


class TestRecovery:
    @pytest.fixture
    def auth(self, connection: Connection) -> RenewableAuth:
        auth = RenewableAuth(renewals=1)
        connection.client.auth = OnlyAt(ORIGIN, auth)
        return auth

    def test_a_401_is_retried_once_with_new_credentials(
        self, connection: Connection, auth: RenewableAuth, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, [UNAUTHORIZED, GOOD])

        assert get(connection, attempts=1).body == {"results": []}

        assert tokens(requests_mock) == ["Bearer 0", "Bearer 1"]
        assert auth.recovered_from == [401]

    def test_failures_around_it_keep_their_attempts(
        self, connection: Connection, auth: RenewableAuth, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, [BAD_GATEWAY, UNAUTHORIZED, BAD_GATEWAY, GOOD])

        get(connection, attempts=3)

        assert tokens(requests_mock) == ["Bearer 0", "Bearer 0", "Bearer 1", "Bearer 1"]
        assert auth.recovered_from == [401]

    def test_new_credentials_that_are_rejected_too_are_an_error(
        self, connection: Connection, auth: RenewableAuth, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, [UNAUTHORIZED])

        with pytest.raises(CredentialsRejected):
            get(connection, attempts=6)

        assert tokens(requests_mock) == ["Bearer 0", "Bearer 1"]
        assert auth.recovered_from == [401]

    @pytest.mark.usefixtures("auth")
    def test_what_cannot_be_renewed_is_an_error(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, [UNAUTHORIZED, GOOD, UNAUTHORIZED])
        get(connection)

        with pytest.raises(CredentialsRejected):
            get(connection)

        assert tokens(requests_mock) == ["Bearer 0", "Bearer 1", "Bearer 1"]

    def test_a_missing_scope_is_not_renewed(
        self, connection: Connection, auth: RenewableAuth, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, status_code=401, json={"message": "scope does not match"})

        with pytest.raises(NotPermitted):
            get(connection)

        assert auth.recovered_from == []

    def test_neither_is_it_for_another_site(self, auth: RenewableAuth) -> None:
        elsewhere = response(401, b"", path=".example.com/wiki")

        assert not OnlyAt(ORIGIN, auth).recover(elsewhere)
        assert auth.recovered_from == []
