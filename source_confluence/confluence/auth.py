"""Config and Site -> what signs a request."""

from __future__ import annotations

from urllib.parse import urlsplit

from airbyte_cdk.sources.streams.http.requests_native_auth import BasicHttpAuthenticator
from requests import PreparedRequest
from requests.auth import AuthBase

from source_confluence.config.config import Config
from source_confluence.confluence.site import Site


class OnlyAt(AuthBase):
    """Signs requests to one origin; a request to any other goes out without credentials."""

    def __init__(self, origin: str, signer: AuthBase) -> None:
        self._origin = origin
        self._signer = signer

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Return `request`, with an Authorization header if it goes to the origin."""
        parts = urlsplit(request.url or "")
        if f"{parts.scheme}://{parts.netloc}" != self._origin:
            return request
        signed: PreparedRequest = self._signer(request)
        return signed


def authenticator(config: Config, site: Site) -> AuthBase:
    """Return what signs the requests to `site` with the credentials of `config`."""
    return OnlyAt(
        site.origin,
        BasicHttpAuthenticator(config.credentials.email, config.credentials.api_token),
    )
