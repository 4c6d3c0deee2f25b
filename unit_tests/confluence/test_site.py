"""domain_name, in all the forms that people write, and those that are rejected."""

from __future__ import annotations

import pytest

from source_confluence.confluence.errors import ConfigError
from source_confluence.confluence.site import Site

CLOUD = "https://your-domain.atlassian.net"


@pytest.mark.parametrize(
    ("domain_name", "origin"),
    [
        ("your-domain", CLOUD),
        ("Your-Domain", CLOUD),
        ("7", "https://7.atlassian.net"),
        ("your-domain.atlassian.net", CLOUD),
        ("YOUR-DOMAIN.Atlassian.NET", CLOUD),
        ("  your-domain.atlassian.net\n", CLOUD),
        ("your-domain.atlassian.net/", CLOUD),
        ("your-domain.atlassian.net/wiki", CLOUD),
        ("your-domain.atlassian.net/wiki/spaces/DOCS", CLOUD),
        ("your-domain.atlassian.net?atlOrigin=abc", CLOUD),
        ("https://your-domain.atlassian.net", CLOUD),
        ("HTTPS://your-domain.atlassian.net", CLOUD),
        ("https://your-domain.atlassian.net/wiki/", CLOUD),
        ("https://your-domain.atlassian.net/wiki/spaces/DOCS/pages/7/A+b?focused=1#top", CLOUD),
        ("https://your-domain.atlassian.net/wiki/api/v2/pages", CLOUD),
        ("your-domain.atlassian-us-gov-mod.net", "https://your-domain.atlassian-us-gov-mod.net"),
        ("your-domain.atlassian.net:8443", f"{CLOUD}:8443"),
        ("your-domain:8443", "https://your-domain:8443"),
        ("localhost", "https://localhost"),
        ("LocalHost", "https://localhost"),
        ("http://localhost:8090", "http://localhost:8090"),
        ("HTTP://LOCALHOST:8090", "http://localhost:8090"),
        ("http://127.0.0.1:8090/wiki", "http://127.0.0.1:8090"),
        ("http://127.8.9.10", "http://127.8.9.10"),
        ("127.0.0.1:8090", "https://127.0.0.1:8090"),
        ("http://[::1]:8090", "http://[::1]:8090"),
        ("[::1]:8090", "https://[::1]:8090"),
    ],
)
def test_accepts(domain_name: str, origin: str) -> None:
    assert Site.named(domain_name).origin == origin


@pytest.mark.parametrize(
    "domain_name",
    [
        "",
        "  ",
        "your_domain",
        "your domain",
        "-your-domain",
        ".atlassian.net",
        "your-domain.atlassian.net.",
        "https://",
        "https:///wiki",
        "//your-domain.atlassian.net",
        "ftp://your-domain.atlassian.net",
        "file:///etc/passwd",
        "javascript://your-domain.atlassian.net",
        "https://your-domain.atlassian.net\\wiki",
        "https://wiki.example.com/confluence",
        "https://your-domain.atlassian.net/jira/projects",
        "a..b.net",
        f"{'a' * 64}.atlassian.net",
        "\u017fite.atlassian.net",
        "your-domain.atlassian.net:port",
        "your-domain.atlassian.net:99999",
        "https://[::1",
        "https://müller.atlassian.net",
        "https://example.com℀.atlassian.net",
    ],
)
def test_rejects_what_is_no_site(domain_name: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Site.named(domain_name)

    assert repr(domain_name) in refused.value.message


@pytest.mark.parametrize(
    "domain_name",
    [
        "http://your-domain.atlassian.net",
        "HTTP://your-domain.atlassian.net",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://0.0.0.0:8090",
        "http://192.168.0.1",
        "http://128.0.0.1",
        "http://2130706433",
    ],
)
def test_rejects_plain_http(domain_name: str) -> None:
    with pytest.raises(ConfigError, match="https://"):
        Site.named(domain_name)


@pytest.mark.parametrize(
    "domain_name",
    [
        "https://you:hunter2@your-domain.atlassian.net",
        "https://hunter2@your-domain.atlassian.net",
        "http://127.0.0.1@example.com",
        "hunter2@your-domain",
    ],
)
def test_rejects_credentials_in_the_address_without_repeating_them(domain_name: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Site.named(domain_name)

    assert "hunter2" not in refused.value.message


@pytest.mark.parametrize(
    "domain_name",
    [
        "ATATT3xFfGF0hunter2-and_more=1A2B3C4D",
        "https://ATATT3xFfGF0hunter2",
        "ATATT3xFfGF0hunter2",
        "hunter2AbCdEfGhIjKlMnOp8",
        "hunter2/AbCdEfGhIjKlMnOpQrStUv8",
        "https://example.com/hunter2abcdefghijklmnopqrstuv",
        "https://example.com/confluence?token=hunter2",
        "https://example.com/confluence#hunter2",
        "you@example.com hunter2",
        "hunter2" + " a" * 200,
        "http://hunter2abcdefghijklmnopqrstuvwx.example.com",
    ],
)
def test_a_secret_in_its_place_is_not_repeated(domain_name: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Site.named(domain_name)

    assert "hunter2" not in refused.value.message


def test_a_long_name_of_a_site_is_no_secret() -> None:
    name = "a-company-with-a-long-name-2024"

    assert Site.named(name).origin == f"https://{name}.atlassian.net"


def test_base_urls() -> None:
    site = Site.named("https://your-domain.atlassian.net/wiki/spaces/DOCS")

    assert site.v1 == "https://your-domain.atlassian.net/wiki/rest/api/"
    assert site.v2 == "https://your-domain.atlassian.net/wiki/api/v2/"
