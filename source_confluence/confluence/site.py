"""Where the site is: turns `domain_name`, in any form that users write, into base URLs."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from source_confluence.confluence.errors import ConfigError

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_SITE_NAME = re.compile(_LABEL, re.IGNORECASE | re.ASCII)
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*", re.IGNORECASE | re.ASCII)
_LONGEST_HOST = 253
_TOKEN = re.compile(r"\bAT[A-Z]TT", re.ASCII)
"""How the tokens of Atlassian begin; until 2022 they were 24 random letters and digits."""
_RUN = re.compile(r"[\w=-]{20,}", re.ASCII)
_PATH = re.compile(r"/?|/wiki(/.*)?")


@dataclass(frozen=True)
class Site:
    """A Confluence Cloud site."""

    origin: str
    """Scheme, host and port, such as `https://your-domain.atlassian.net`."""

    v1: str = field(init=False)
    """The base URL of REST v1, with a trailing slash."""
    v2: str = field(init=False)
    """The base URL of REST v2, with a trailing slash."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "v1", f"{self.origin}/wiki/rest/api/")
        object.__setattr__(self, "v2", f"{self.origin}/wiki/api/v2/")

    @classmethod
    def named(cls, domain_name: str) -> Site:
        """Return the site that `domain_name` names.

        Accepts `your-domain`, `your-domain.atlassian.net` and any URL of a page of the site.
        Raises ConfigError for anything else, and for plain http unless the host is this machine:
        the credentials would travel unencrypted.
        """
        text = domain_name.strip()
        if _TOKEN.search(text) or _is_random(text):
            raise ConfigError(_advice(domain_name))
        if _SITE_NAME.fullmatch(text) and text.lower() != "localhost":
            text = f"{text}.atlassian.net"
        parts = _split(text if "://" in text else f"https://{text}", domain_name)
        if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
            raise ConfigError(
                f"The config's domain_name must begin with https://, not {_quoted(domain_name)}: "
                "over plain http the credentials would travel unencrypted."
            )
        if not _PATH.fullmatch(parts.path):
            raise ConfigError(_advice(domain_name))
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        port = f":{parts.port}" if parts.port else ""
        return cls(origin=f"{parts.scheme}://{host}{port}")


def _split(url: str, domain_name: str) -> SplitResult:
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise ConfigError("The config's domain_name must not contain a user name or a password.")
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # reading it validates it
    except ValueError as error:
        raise ConfigError(_advice(domain_name)) from error
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not (_HOST.fullmatch(host) or _is_loopback(host)):
        raise ConfigError(_advice(domain_name))
    return parts


def _advice(domain_name: str) -> str:
    return (
        "The config's domain_name must be a Confluence Cloud site like "
        f"your-domain.atlassian.net, not {_quoted(domain_name)}."
    )


def _quoted(text: str) -> str:
    """Return `text` for a message, or only its length if somebody may have typed a secret."""
    shown = re.split("[?#]", text)[0]
    is_secret = "@" in shown or len(shown) > _LONGEST_HOST or _TOKEN.search(shown)
    if is_secret or any(_has_digits_and_letters(run) for run in _RUN.findall(shown)):
        return f"these {len(text)} characters, which may hold a secret"
    return repr(shown) + ("" if shown == text else " with parameters")


def _has_digits_and_letters(run: str) -> bool:
    return any(map(str.isdigit, run)) and any(map(str.isalpha, run))


def _is_random(text: str) -> bool:
    """Return whether it looks like an old token: a name of a site has no such mix of cases."""
    is_mixed = any(map(str.islower, text)) and any(map(str.isupper, text))
    return bool(_RUN.fullmatch(text)) and is_mixed and _has_digits_and_letters(text)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
