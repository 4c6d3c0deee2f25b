"""The error responses of both APIs in Confluence's own words."""

from dataclasses import dataclass

from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.missing_titles import missing_title

TOMCAT_401 = (
    b'<!doctype html><html lang="en"><head><title>HTTP Status 401 \xe2\x80\x93 Unauthorized'
    b"</title></head><body><h1>HTTP Status 401 \xe2\x80\x93 Unauthorized</h1></body></html>"
)
"""What a token with scopes gets at the site's own address (measured by mozilla/markfluence)."""


class BadRequestError(Exception):
    """Confluence rejects the request's parameters; the message says why."""


class NotFoundError(Exception):
    """The requested object doesn't exist; the message names it."""


class NotPermittedError(Exception):
    """Only an administrator may see the requested object."""


class PurgedError(NotFoundError):
    """The requested object was there once, and was deleted permanently."""


@dataclass(frozen=True)
class ErrorBody:
    """An HTTP status and its JSON body."""

    status: int
    body: Json


def v2(status: int, code: str, title: str) -> ErrorBody:
    """Return an error of the v2 API; some of its services give the status as a string."""
    as_text = title.startswith("Content with id: ")
    shown = str(status) if as_text else status
    error = {"status": shown, "code": code, "title": title, "detail": None}
    return ErrorBody(status, {"errors": [error]})


def v1(status: int, message: str) -> ErrorBody:
    """Return an error of the v1 API; a 403 has no `data`."""
    body = {"statusCode": status, "message": message}
    if status != 403:
        is_fine = status == 400  # Confluence says so of an invalid CQL
        data = {"authorized": is_fine, "valid": True, "errors": [], "successful": is_fine}
        body["data"] = data
    return ErrorBody(status, body)


def bad_request(path: str, message: str) -> ErrorBody:
    """Return a 400 in the form of the path's API."""
    if is_v2(path):
        return v2(400, "INVALID_REQUEST_PARAMETER", message)
    return v1(
        400, f"com.atlassian.confluence.api.service.exceptions.api.BadRequestException: {message}"
    )


def not_found(path: str, message: str) -> ErrorBody:
    """Return a 404 that names the missing object, in the form of the path's API."""
    if is_v2(path):
        return v2(404, "NOT_FOUND", missing_title(path, message))
    return v1(404, f"com.atlassian.confluence.api.service.exceptions.NotFoundException: {message}")


def of_status(path: str, status: int, title: str) -> ErrorBody:
    """Return an error of any status, in the form of the path's API."""
    if is_v2(path):
        return v2(status, "NOT_FOUND" if status == 404 else "ERROR", title)
    return v1(status, title)


def bare_not_found() -> ErrorBody:
    """Return v2's 404 that names no object: bad credentials, no permission, or purged content."""
    return v2(404, "NOT_FOUND", "Not Found")


def bad_credentials(path: str) -> ErrorBody:
    """Return the response to wrong or missing credentials: v2's bare 404 or one of v1's 403s."""
    if is_v2(path):
        return bare_not_found()
    if path.endswith(("/search", "/search/user")):
        return v1(403, "Current user not permitted to use Confluence")
    return v1(
        403,
        "com.atlassian.confluence.mvc.rest.common.exception.StacklessResponseStatusException: "
        '403 FORBIDDEN "Request rejected because caller cannot access Confluence"',
    )


def purged(path: str, message: str) -> ErrorBody:
    """Return the 404 about an object that was deleted permanently."""
    return bare_not_found() if is_v2(path) else not_found(path, message)


def no_permission(path: str) -> ErrorBody:
    """Return the response to an account that lacks a permission: v2's bare 404 or v1's 403."""
    return bare_not_found() if is_v2(path) else not_permitted()


def not_permitted() -> ErrorBody:
    """Return the 403 for an account that lacks a permission, as v1 does."""
    return v1(
        403,
        "com.atlassian.confluence.api.service.exceptions.PermissionException: "
        "The calling user does not have permission to view this resource.",
    )


def scope_does_not_match() -> ErrorBody:
    """Return the 401 for a token without the endpoint's scope."""
    return ErrorBody(401, {"code": 401, "message": "Unauthorized; scope does not match"})


def denial(path: str, status: int) -> ErrorBody:
    """Return the response at a denied path, by its status as in Settings.forbidden."""
    if status == 401:
        return scope_does_not_match()
    return no_permission(path) if status == 404 else not_permitted()


def is_v2(path: str) -> bool:
    """Return whether the path belongs to the v2 API."""
    return path.startswith("/wiki/api/v2/")


def too_many_requests() -> ErrorBody:
    """Return a 429."""
    return ErrorBody(429, {"code": 429, "message": "Rate limit exceeded"})
