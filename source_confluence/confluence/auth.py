"""Signs requests, and gets new credentials where that is possible.

The client calls `sign` before every attempt and `recover` after a 401. Both run in several workers
at once.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from requests import PreparedRequest

from source_confluence.confluence.credentials import ApiToken
from source_confluence.confluence.responses import Response
from source_confluence.confluence.site import Site


class Auth(Protocol):
    """One way to sign in; must be thread-safe."""

    @property
    def kind(self) -> str:
        """What to call the credentials in a message, such as "API token"."""
        ...

    @property
    def fields(self) -> str:
        """The config fields to check when Confluence rejects the credentials, for a message."""
        ...

    @property
    def html_401(self) -> str:
        """What a 401 that is not JSON means for these credentials, for a message."""
        ...

    @property
    def secrets(self) -> tuple[str, ...]:
        """The strings to mask in all output, in every form in which they are sent."""
        ...

    def sign(self, request: PreparedRequest) -> PreparedRequest:
        """Return `request` with the credentials."""
        ...

    def recover(self, response: Response) -> bool:
        """Return whether a request that got `response`, a 401, is worth sending once more.

        True if new credentials have been obtained, by this call or meanwhile by another worker.
        """
        ...


class BasicAuth:
    """HTTP Basic with an email and an API token.

    requests has a class of that name too, but encodes as Latin-1; Atlassian expects UTF-8.
    """

    def __init__(self, credentials: ApiToken) -> None:
        pair = f"{credentials.email}:{credentials.api_token}"
        self._encoded = base64.b64encode(pair.encode()).decode()
        self.kind = credentials.kind
        self.fields = credentials.fields
        self.html_401 = credentials.html_401
        self.secrets = (credentials.api_token, self._encoded)

    def sign(self, request: PreparedRequest) -> PreparedRequest:
        """Return `request` with an Authorization header."""
        request.headers["Authorization"] = f"Basic {self._encoded}"
        return request

    def recover(self, response: Response) -> bool:
        """Return False: an API token cannot be renewed by its holder."""
        del response
        return False


@dataclass(frozen=True)
class OnlyAt:
    """Uses `auth` at one origin; requests to any other go out without credentials."""

    origin: str
    """Scheme, host and port, as in `Site.origin`."""
    auth: Auth

    @property
    def kind(self) -> str:
        """What to call the credentials in a message."""
        return self.auth.kind

    @property
    def fields(self) -> str:
        """The config fields that hold the credentials, for a message."""
        return self.auth.fields

    @property
    def html_401(self) -> str:
        """What a 401 that is not JSON means, for a message."""
        return self.auth.html_401

    @property
    def secrets(self) -> tuple[str, ...]:
        """The strings to mask in all output."""
        return self.auth.secrets

    def sign(self, request: PreparedRequest) -> PreparedRequest:
        """Return `request`, with the credentials if it goes to the origin."""
        return self.auth.sign(request) if self._covers(request.url or "") else request

    def recover(self, response: Response) -> bool:
        """Return whether the credentials were renewed; never for a response of another origin."""
        return self._covers(response.url) and self.auth.recover(response)

    def _covers(self, url: str) -> bool:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc}" == self.origin


def authenticator(credentials: ApiToken, site: Site) -> Auth:
    """Return what signs the requests to `site`, and no others, with `credentials`."""
    return OnlyAt(site.origin, BasicAuth(credentials))
