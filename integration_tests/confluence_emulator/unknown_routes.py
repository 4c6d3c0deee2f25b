"""The responses to paths that neither API serves: XML, HTML, or JSON in a form of its own.

Measured by others: v1 answers in the form that `Accept` requests, with the whole address in its
message; a path below a resource that exists, and every unknown path of v2, gets the site's HTML
page.
"""

from collections.abc import Collection
from xml.sax.saxutils import escape

import orjson

from integration_tests.confluence_emulator.endpoint import V1
from integration_tests.confluence_emulator.http import Reply, Request

_HTML = (
    b"<!DOCTYPE html><html><head><title>Page Not Found - Confluence</title></head>"
    b"<body><p>This page could not be found.</p></body></html>"
)


def unknown_route(request: Request, base: str, resources: Collection[str]) -> Reply:
    """Return a 404; `resources` are the first segments of the paths that v1 serves."""
    segment, _, rest = request.path.removeprefix(f"{V1}/").partition("/")
    if not request.path.startswith(f"{V1}/") or (rest and segment in resources):
        return Reply(404, _HTML, {"Content-Type": "text/html;charset=UTF-8"})
    message = f"null for uri: {base.removesuffix('/wiki')}{request.target}"
    if "application/json" in request.headers.get("accept", ""):
        return Reply(404, orjson.dumps({"message": message, "status-code": 404}))
    body = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><status>'
        f"<status-code>404</status-code><message>{escape(message)}</message></status>"
    )
    return Reply(404, body.encode(), {"Content-Type": "application/xml"})
