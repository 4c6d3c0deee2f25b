"""A response of Confluence, decoded once; and what is known where none came.

A 200 may carry something else than what was requested, such as a maintenance notice. Read as a page
of results, that would be an empty one and the end of the list: so a response says whether its JSON
has the shape that was requested, and a wrong shape counts as a server error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests
from requests.utils import parse_header_links

from source_confluence.confluence import timestamps
from source_confluence.confluence.body import ALWAYS_FITS, Body, NoMemory, require_memory
from source_confluence.confluence.transport import TooSlow

NOT_JSON: Any = object()
"""The `body` of a response that is not JSON."""
NO_MEMORY = "Not enough memory"
"""How orjson's error begins if the memory for its buffer cannot be allocated: at a limit of the
process. The response may be fine."""
BUFFER = 12
"""How many times the size of the JSON orjson allocates as its buffer. Where that fits and the
values do not, or not even a copy of the JSON for the error, it ends the process with SIGSEGV."""
NO_URL = "?"
"""The `next_url` of a response whose `next` is no text: more follows, nobody knows where."""
LONGEST_EXPLANATION = 300
PLAUSIBLE_YEARS = range(2004, 2100)
"""Of a server's own time: Confluence was first released in 2004."""
_JAVA_CLASS = re.compile(r"^(?:[a-z]\w*\.)+\w*Exception: ")
"""What v1 puts before some of its messages."""

Shape = Callable[[Any], bool]
"""Returns whether a body has the shape that was requested; takes any value, NOT_JSON too."""


def is_object(body: Any) -> bool:
    """Return whether a body is a JSON object."""
    return isinstance(body, dict)


def is_entity(body: Any) -> bool:
    """Return whether a body is one entity: a JSON object with an id."""
    return isinstance(body, dict) and body.get("id") is not None


def is_list(body: Any) -> bool:
    """Return whether a body is a page of results: an object with `results`, or a bare array."""
    return isinstance(body.get("results") if isinstance(body, dict) else body, list)


@dataclass(frozen=True)
class Response:
    """What Confluence answered to one request."""

    url: str
    status: int
    headers: Mapping[str, str]
    """Looked up without regard to case."""
    body: Any
    """The decoded JSON, or NOT_JSON."""
    size: int
    """The length of the body in bytes, after decompression."""
    cost: int = 0
    """The bytes that the body and its decoded JSON take in memory, as estimated."""
    text: str = ""
    """The body of an error as text; empty for a 2xx."""
    has_shape: bool = True
    """Whether the body has the shape that was requested."""
    results: list[Any] = field(init=False)
    """The elements of a page of results, or of a bare JSON array; empty for anything else."""
    next_url: str | None = field(init=False)
    """Where the next page of results is: `_links.next` of the body, else the Link header."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "results", _results_in(self.body))
        object.__setattr__(self, "next_url", _next_url_in(self.body, self.headers))

    @classmethod
    def decoded(cls, raw: requests.Response, read: Body, shape: Shape) -> Response:
        """Return `raw` with what was read of its body, as JSON if it is JSON.

        Raises NoMemory if there is not enough to decode it.
        """
        content = read.content
        if len(content) > ALWAYS_FITS:
            require_memory(BUFFER * len(content) + read.cost)
        try:
            body = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            if error.msg.startswith(NO_MEMORY):
                raise NoMemory(len(content)) from None
            body = NOT_JSON
        is_error = raw.status_code >= HTTPStatus.MULTIPLE_CHOICES
        text = bytes(content).decode(errors="replace") if is_error else ""
        fits = shape(body)
        return cls(raw.url, raw.status_code, raw.headers, body, len(content), read.cost, text, fits)

    @property
    def is_good(self) -> bool:
        """Whether it is what was requested: a 2xx of the requested shape."""
        return self.has_shape and self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def is_json(self) -> bool:
        """Whether the body is JSON."""
        return self.body is not NOT_JSON

    @property
    def explanation(self) -> str:
        """What Confluence says about an error, in one line; empty if it says nothing."""
        if not isinstance(self.body, dict):
            return ""
        errors = self.body.get("errors")
        first = errors[0] if isinstance(errors, list) and errors else self.body
        if not isinstance(first, dict):
            return _one_line([first])
        said = [first.get(key) for key in ("title", "message", "detail")]
        return _one_line(said)

    @property
    def date(self) -> datetime | None:
        """The server's own time (Date header), or None if it states none that can be right."""
        try:
            date = timestamps.parse_http_date(self.headers.get("Date", ""))
        except ValueError:
            return None
        return date if date.year in PLAUSIBLE_YEARS else None

    @property
    def path(self) -> str:
        """The path of the request, without its parameters."""
        return urlsplit(self.url).path

    @property
    def host(self) -> str:
        """The host, and the port if the URL has one."""
        return urlsplit(self.url).netloc


@dataclass(frozen=True)
class NoResponse:
    """A request that got no response, or only a part of one."""

    url: str
    error: requests.RequestException

    @classmethod
    def after(cls, url: str, error: requests.RequestException) -> NoResponse:
        """Return what is known after `error`, without its frames.

        They hold the body that was read so far, and an error may be kept until the sync ends.
        """
        cause: BaseException | None = error
        while cause is not None:
            cause.__traceback__ = None
            cause = cause.__cause__ or cause.__context__
        return cls(url, error)

    @property
    def path(self) -> str:
        """The path of the request, without its parameters."""
        return urlsplit(self.url).path

    @property
    def host(self) -> str:
        """The host, and the port if the URL has one."""
        return urlsplit(self.url).netloc

    @property
    def too_slow(self) -> TooSlow | None:
        """The deadline that the response missed, if that is why there is none."""
        cause: BaseException | None = self.error
        while cause is not None and not isinstance(cause, TooSlow):
            cause = cause.__cause__ or cause.__context__
        return cause

    @property
    def was_connected(self) -> bool:
        """Whether the connection was made before it failed."""
        if not isinstance(self.error, requests.ConnectionError):
            return True
        if isinstance(self.error, requests.exceptions.SSLError | requests.ConnectTimeout):
            return False
        # requests has no class for these two.
        return not (
            "Failed to establish" in str(self.error) or "NameResolution" in repr(self.error)
        )


def _results_in(body: Any) -> list[Any]:
    found = body.get("results") if isinstance(body, dict) else body
    return found if isinstance(found, list) else []


def _next_url_in(body: Any, headers: Mapping[str, str]) -> str | None:
    links = body.get("_links") if isinstance(body, dict) else None
    url = links.get("next") if isinstance(links, dict) else None
    if url:
        return url if isinstance(url, str) else NO_URL
    header = headers.get("Link")
    if not header:
        return None
    return next(
        (link["url"] for link in parse_header_links(header) if link.get("rel") == "next"), None
    )


def _one_line(said: list[Any]) -> str:
    """Return the texts and numbers of `said`, cut off where they are too long for a message."""
    parts = [str(part) for part in said if part and isinstance(part, str | int | float)]
    line = " ".join(" ".join(parts).split())
    return _JAVA_CLASS.sub("", line)[:LONGEST_EXPLANATION]
