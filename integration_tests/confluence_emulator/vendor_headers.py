"""The headers that every response of a site was recorded to have, and those of single endpoints."""

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from integration_tests.confluence_emulator.timestamps import milliseconds

_DEPRECATED = "/inline-comments"
_NOTICE = '<https://developer.atlassian.com/cloud/confluence/changelog/>; rel="deprecation"'


def with_vendor_headers(path: str, now: datetime, own: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of a response to a request for `path` that has these of its own.

    Inline comments announce a deprecation in the same Link header that leads to the next page of
    results, and before it.
    """
    headers = {
        "Server": "AtlassianEdge",
        "Content-Type": "application/json",
        "Content-Language": "en-US",
        "Vary": "Accept-Encoding, Accept-Language",
        "X-Confluence-Request-Time": str(milliseconds(now)),
        "Atl-Traceid": uuid4().hex,
        **own,
    }
    if _DEPRECATED in path:
        headers["Warning"] = '299 - "This API is deprecated"'
        headers["Link"] = ", ".join(link for link in (_NOTICE, own.get("Link")) if link)
    return headers
