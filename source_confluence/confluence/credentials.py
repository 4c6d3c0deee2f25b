"""How a user signs in to Confluence, as the config holds it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True)
class ApiToken:
    """An Atlassian account's email and its API token."""

    kind: ClassVar[str] = "API token"
    """What to call the credentials in a message."""
    fields: ClassVar[str] = "email and api_token"
    """The config fields that a user should check when Confluence rejects the credentials."""
    html_401: ClassVar[str] = (
        "a token with scopes works only at Atlassian's gateway, so create one without scopes"
    )
    """What a 401 means that is not JSON: Tomcat's HTML, for a token with scopes that is sent to the
    site itself (measured by mozilla/markfluence)."""

    email: str
    api_token: str = field(repr=False)
