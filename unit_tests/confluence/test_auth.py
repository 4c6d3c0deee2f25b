"""Credentials go to the configured site, and nowhere else."""

from __future__ import annotations

from base64 import b64encode

import pytest
import requests
from requests import PreparedRequest

from source_confluence.confluence.auth import authenticator
from source_confluence.confluence.site import Site
from unit_tests.fakes import API_TOKEN, EMAIL, make_config


def signed(url: str, domain_name: str = "your-domain", **credentials: str) -> PreparedRequest:
    config = make_config(domain_name=domain_name, **credentials)
    signer = authenticator(config, Site.named(config.domain_name))
    return requests.Session().prepare_request(requests.Request("GET", url, auth=signer))


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
    request = signed(
        "https://your-domain.atlassian.net/", email="zoë@example.com", api_token="päss:wörd"
    )

    assert request.headers["Authorization"] == basic("zoë@example.com", "päss:wörd")
