"""What a response other than a good one means, and the sentences that tell a user.

The same status means different things in v1, in v2 and at the gateway: for bad credentials v2
answers a bare 404 "Not Found", which has other causes as well, v1 a 403 and the gateway a 401; a
missing scope is a 401 that names it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from http import HTTPStatus

import requests

from source_confluence.confluence.auth import Auth
from source_confluence.confluence.body import MEGABYTE, NoMemory, TooLarge
from source_confluence.confluence.errors import (
    ConfluenceError,
    CredentialsRejected,
    NotConfluence,
    NotFound,
    NotPermitted,
    RequestRefused,
    ResponseTooLarge,
    ServerError,
    Throttled,
    Unreachable,
)
from source_confluence.confluence.responses import NoResponse, Response


@dataclass(frozen=True)
class RateLimited:
    """Confluence wants fewer requests (429), or none for now (503)."""

    response: Response


@dataclass(frozen=True)
class Failed:
    """No usable response came; the same request may succeed later."""

    reason: str
    error: ServerError | Unreachable
    """What to raise if there are no more attempts."""
    worth_attempts: float = math.inf
    """More attempts than these are a waste, whatever the caller allows."""


@dataclass(frozen=True)
class Refused:
    """Confluence answered, and would answer the same again."""

    response: Response
    error: ConfluenceError


@dataclass(frozen=True)
class Ambiguous:
    """Either the entity is not there, or nothing is: no account, or no site."""

    response: Response
    if_known: NotFound
    """What to raise if Confluence knows the account."""
    if_unknown: CredentialsRejected | NotConfluence


Verdict = RateLimited | Failed | Refused | Ambiguous


def judge(outcome: Response | NoResponse, auth: Auth) -> Verdict:
    """Return what the outcome of a request means that got no good response."""
    if isinstance(outcome, NoResponse):
        return _without_response(outcome)
    status = outcome.status
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        return RateLimited(outcome)
    is_refusal = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    is_refusal = is_refusal or status == HTTPStatus.NOT_IMPLEMENTED
    if _is_bare_404(outcome):
        return Ambiguous(outcome, _not_found(outcome), _rejected(outcome, auth))
    if _is_html_404(outcome) and not outcome.path.endswith("/user/current"):
        return Ambiguous(outcome, _not_found(outcome), _no_site(outcome))
    if is_refusal and status != HTTPStatus.REQUEST_TIMEOUT:
        return Refused(outcome, refusal(outcome, auth))
    return failed(outcome)


def failed(response: Response) -> Failed:
    """Return the verdict on a response that the server could not serve properly."""
    if response.status >= HTTPStatus.MULTIPLE_CHOICES:
        reason = f"Confluence answered {response.status} {response.explanation}".rstrip()
    elif response.is_json:
        reason = "Confluence answered with JSON of an unknown form"
    else:
        reason = "Confluence answered with something that is not JSON"
    return Failed(reason, _server_error(reason, response))


def throttled(wait: float, waited: float) -> Throttled:
    """Return the error for a wait that is longer than the connector accepts, in seconds."""
    return Throttled(
        f"Confluence limits the rate of requests and requires a wait of {wait:.0f} s more, "
        f"after {waited:.0f} s: run the sync again later."
    )


def refusal(response: Response, auth: Auth) -> ConfluenceError:
    """Return the error for a response with a status of 3xx or 4xx."""
    where, said, status = response.path, response.explanation, response.status
    if status < HTTPStatus.BAD_REQUEST:
        target = response.headers.get("Location", "").partition("://")[2].partition("/")[0]
        return NotConfluence(
            f"{response.host} redirects to {target or 'another address'}: domain_name must be "
            "the site's own address, like your-domain.atlassian.net."
        )
    if status == HTTPStatus.UNAUTHORIZED and "scope" in said.lower():
        return NotPermitted(f"The {auth.kind} lacks the scope that {where} needs.")
    if _rejects_credentials(response):
        return _rejected(response, auth)
    if status in (HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN):
        return NotPermitted(
            f"The account may not read {where}: {said or 'Confluence gives no reason'}"
        )
    if status == HTTPStatus.GONE:
        return NotPermitted(f"Confluence no longer offers {where}: {said or status}")
    if status != HTTPStatus.NOT_FOUND:
        return RequestRefused(
            f"Confluence refused {where} with status {status}: {said}", said, response.text
        )
    return _no_site(response) if _is_html_404(response) else _not_found(response)


def _rejects_credentials(response: Response) -> bool:
    if response.status == HTTPStatus.FORBIDDEN:
        text = response.explanation.lower()
        return "cannot access confluence" in text or "not permitted to use confluence" in text
    return response.status == HTTPStatus.UNAUTHORIZED


def _is_bare_404(response: Response) -> bool:
    """Return whether a 404 of v2 does not name what it is about."""
    is_v2 = response.path.startswith("/wiki/api/v2/")
    return is_v2 and response.status == HTTPStatus.NOT_FOUND and response.explanation == "Not Found"


def _is_html_404(response: Response) -> bool:
    """Return whether a 404 is a page for people: of no site at all, or for an unknown route.

    Sites were recorded to send their own page for paths that the API does not serve.
    """
    is_html = "html" in response.headers.get("Content-Type", "").lower()
    return is_html and response.status == HTTPStatus.NOT_FOUND


def _no_site(response: Response) -> NotConfluence:
    return NotConfluence(
        f"There is no Confluence site at {response.host}: domain_name is misspelled, "
        "or the site was deleted."
    )


def _not_found(response: Response) -> NotFound:
    said = response.explanation or response.status
    return NotFound(f"{response.path} does not exist, or the account may not see it: {said}")


def _rejected(response: Response, auth: Auth) -> CredentialsRejected:
    if response.status == HTTPStatus.UNAUTHORIZED and not response.is_json:
        return CredentialsRejected(
            f"{response.host} does not accept the {auth.kind}: {auth.html_401}, "
            f"or check {auth.fields}."
        )
    return CredentialsRejected(
        f"{response.host} does not accept the credentials: check {auth.fields}, "
        "that the token has not expired, and that the account may use Confluence."
    )


def _without_response(outcome: NoResponse) -> Failed:
    if isinstance(outcome.error, TooLarge):
        return _too_large(outcome.error, outcome)
    if outcome.too_slow is not None:
        seconds = outcome.too_slow.seconds
        reason = f"Confluence did not complete its response within {seconds:.0f} s"
        return Failed(reason, _server_error(reason, outcome), worth_attempts=2)
    if isinstance(outcome.error, requests.Timeout):
        reason = "Confluence did not answer in time"
    else:
        reason = "The connection to Confluence broke"
    if outcome.was_connected:
        return Failed(reason, _server_error(reason, outcome))
    if isinstance(outcome.error, requests.exceptions.SSLError):
        sentence = f"The TLS certificate of {outcome.host} could not be verified."
    else:
        sentence = f"{outcome.host} cannot be reached: check domain_name and the network."
    return Failed(reason, Unreachable(sentence))


def _too_large(error: TooLarge, outcome: NoResponse) -> Failed:
    """The same request would get the same response again; a smaller page of results fits."""
    reason = f"Confluence sent a response of more than {error.most // MEGABYTE} MB"
    if isinstance(error, NoMemory):
        reason = "The memory is too small for a response of Confluence"
    too_large = ResponseTooLarge(f"{reason} for {outcome.path}.", error.complete)
    return Failed(reason, too_large, worth_attempts=1)


def _server_error(reason: str, outcome: Response | NoResponse) -> ServerError:
    return ServerError(f"{reason} for {outcome.path}, even after retries.")
