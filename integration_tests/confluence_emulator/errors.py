"""The error answers of both APIs, as Confluence words them."""

from dataclasses import dataclass

from integration_tests.confluence_emulator.jsontypes import Json


class BadRequestError(Exception):
    """A request whose parameters Confluence refuses; the message says why."""


class NotFoundError(Exception):
    """A request for something that is not there; the message names it."""


class NotPermittedError(Exception):
    """A request for something that only an administrator may see."""


@dataclass(frozen=True)
class ErrorBody:
    """A status with the JSON that goes with it."""

    status: int
    body: Json


def v2(status: int, code: str, title: str) -> ErrorBody:
    """Return an error of the v2 API."""
    error = {"status": status, "code": code, "title": title, "detail": None}
    return ErrorBody(status, {"errors": [error]})


def v1(status: int, message: str) -> ErrorBody:
    """Return an error of the v1 API."""
    data = {"authorized": status != 403, "valid": status != 400, "errors": [], "successful": False}
    return ErrorBody(status, {"statusCode": status, "data": data, "message": message})


def bad_request(path: str, message: str) -> ErrorBody:
    """Return the 400 of the API that the path belongs to."""
    if is_v2(path):
        return v2(400, "INVALID_REQUEST_PARAMETER", message)
    return v1(
        400, f"com.atlassian.confluence.api.service.exceptions.BadRequestException: {message}"
    )


def not_found(path: str, message: str) -> ErrorBody:
    """Return the 404 of something that does not exist, which names it."""
    if is_v2(path):
        return v2(404, "NOT_FOUND", message)
    return v1(404, f"com.atlassian.confluence.api.service.exceptions.NotFoundException: {message}")


def bad_credentials(path: str) -> ErrorBody:
    """Return what wrong or missing credentials get: a bare 404 from v2, a 403 from v1."""
    if is_v2(path):
        return v2(404, "NOT_FOUND", "Not Found")
    return v1(403, "Request rejected because caller cannot access Confluence")


def not_permitted() -> ErrorBody:
    """Return the 403 of an account that lacks a role."""
    return v1(
        403,
        "com.atlassian.confluence.api.service.exceptions.PermissionException: "
        "The calling user does not have permission to view this resource.",
    )


def scope_does_not_match() -> ErrorBody:
    """Return the 401 of a token without the endpoint's scope."""
    return ErrorBody(401, {"code": 401, "message": "Unauthorized; scope does not match"})


def is_v2(path: str) -> bool:
    """Tell whether the path belongs to the v2 API."""
    return path.startswith("/wiki/api/v2/")


def too_many_requests() -> ErrorBody:
    """Return the body of a 429."""
    return ErrorBody(429, {"code": 429, "message": "Rate limit exceeded"})
