"""What an answer of Confluence means.

The same status means different things in v1 and v2 and at the gateway; the error matrix is
section 5 of the API notes: v2 answers bad credentials with a bare 404 "Not Found", v1 with 403,
and a missing scope is a 401 that says so.
"""

from __future__ import annotations

import re
from enum import Enum
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import orjson
from requests import Response

from source_confluence.confluence.errors import ConfigError, ConfluenceError, TransientError
from source_confluence.confluence.shapes import Shape


class CredentialsRejected(ConfigError):
    """Confluence does not know the account, or the account may not use Confluence."""


class NotPermitted(ConfigError):
    """The account may not read this, or nobody may any more; it may well read the rest."""


class NotConfluence(ConfigError):
    """What answers there is not a Confluence site."""


class NotFound(ConfluenceError):
    """The entity does not exist, or the account may not see it."""


JAVA_CLASS = re.compile(r"^(?:[a-z]\w*\.)+\w*Exception: ")
"""What v1 puts before some of its messages."""
UNAVAILABLE = (NotPermitted, NotFound)
"""What a whole list answers that the account, or the site's plan, does not have."""


class RequestRefused(ConfluenceError):
    """Confluence takes the request for wrong: a defect of the connector, or a change of the API."""

    def __init__(self, sentence: str, said: str, details: str) -> None:
        """`said` is what Confluence says, in a line; `details` is all of it, uncut."""
        super().__init__(sentence)
        self.said = said
        self.details = details


class Unreachable(TransientError):
    """No connection could be made."""


class ServerTrouble(TransientError):
    """Confluence failed to answer properly, in spite of retries."""


class Throttled(TransientError):
    """Confluence wants us to wait for longer than we do."""


class Verdict(Enum):
    """What to do with an answer."""

    GOOD = "good"
    THROTTLED = "throttled"
    TROUBLE = "trouble"


def payload(response: Response) -> Any:
    """Return the decoded JSON body, decoded once per response.

    Raises ValueError if the body is not JSON.
    """
    memory = response.__dict__
    if "decoded_payload" not in memory:
        memory["decoded_payload"] = orjson.loads(response.content)
    return memory["decoded_payload"]


def is_json(response: Response) -> bool:
    """Tell whether the body is JSON."""
    try:
        payload(response)
    except ValueError:
        return False
    return True


def judge(response: Response, shape: Shape) -> Verdict:
    """Return what to do with `response`, or raise the error that it stands for.

    A success is good if its body is JSON of the given shape.
    """
    status = response.status_code
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        return Verdict.THROTTLED
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return Verdict.TROUBLE
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        raise refusal(response)
    is_good = is_json(response) and shape(payload(response))
    return Verdict.GOOD if is_good else Verdict.TROUBLE


def refusal(response: Response) -> ConfluenceError:
    """Return the error that an answer with a status of 3xx or 4xx stands for."""
    where = urlsplit(response.url).path
    said = explanation(response)
    status = response.status_code
    if status < HTTPStatus.BAD_REQUEST:
        elsewhere = response.headers.get("Location", "").partition("://")[2].partition("/")[0]
        return NotConfluence(
            f"{_host(response)} redirects to {elsewhere or 'another address'}: domain_name must be "
            "the site's own address, like your-domain.atlassian.net."
        )
    if status == HTTPStatus.UNAUTHORIZED and "scope" in said.lower():
        return NotPermitted(f"The API token lacks the scope that {where} needs.")
    if (
        status == HTTPStatus.UNAUTHORIZED
        or (status == HTTPStatus.FORBIDDEN and _is_about_the_account(said))
        or (status == HTTPStatus.NOT_FOUND and _is_bare_not_found(response))
    ):
        return CredentialsRejected(_credentials_sentence(response))
    if status in (HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN):
        return NotPermitted(
            f"The account may not read {where}: {said or 'Confluence says no more'}"
        )
    if status == HTTPStatus.NOT_FOUND and _is_page_of_html(response):
        return NotConfluence(
            f"There is no Confluence site at {_host(response)}: domain_name is misspelt, "
            "or the site is gone."
        )
    if status == HTTPStatus.GONE:
        return NotPermitted(f"Confluence no longer offers {where}: {said or status}")
    if status == HTTPStatus.NOT_FOUND:
        return NotFound(f"{where} does not exist, or the account may not see it: {said or status}")
    return RequestRefused(
        f"Confluence refused {where} with status {status}: {said}", said, details=response.text
    )


def explanation(response: Response) -> str:
    """Return what Confluence says of an error, in one line, or nothing if it says nothing."""
    body = payload(response) if is_json(response) else None
    if not isinstance(body, dict):
        return ""
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else body
    if not isinstance(first, dict):
        return str(first)
    said = [first.get(key) for key in ("title", "message", "detail")]
    line = " ".join(" ".join(str(part) for part in said if part).split())
    return JAVA_CLASS.sub("", line)[:300]


def _credentials_sentence(response: Response) -> str:
    return (
        f"{_host(response)} does not accept the credentials: check email and api_token, "
        "that the token has not expired, and that the account may use Confluence."
    )


def _is_about_the_account(said: str) -> bool:
    text = said.lower()
    return "cannot access confluence" in text or "not permitted to use confluence" in text


def _is_bare_not_found(response: Response) -> bool:
    """A genuine 404 of v2 names the entity; for bad credentials it does not."""
    return "/wiki/api/v2/" in response.url and explanation(response) == "Not Found"


def _is_page_of_html(response: Response) -> bool:
    return "html" in response.headers.get("Content-Type", "").lower()


def _host(response: Response) -> str:
    return urlsplit(response.url).netloc
