"""An endpoint: a path template and a function from a request to an answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.query import Query
from integration_tests.confluence_emulator.site import Site

V2 = "/wiki/api/v2"
V1 = "/wiki/rest/api"


@dataclass(frozen=True)
class Call:
    """A request that reached an endpoint."""

    site: Site
    query: Query
    base: str
    """The site's URL with its context path: `https://host/wiki`."""
    path_params: Mapping[str, str] = field(default_factory=dict)
    """The path's values for the template's placeholders."""
    admin: bool = True
    """Whether the account is an administrator."""
    missing_features: frozenset[str] = frozenset()
    """The features that the site's plan lacks; see Settings.missing_features."""
    content: bytes = b""
    """The body of a POST."""
    embedded: bool = False
    """Whether a GET of an object by its id includes the list that is to be answered."""


@dataclass
class Answer:
    """A successful JSON answer. The body is an object or an array; the caller may change it."""

    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def results(self) -> list[Json]:
        """Return the records of a list, or [] if the answer isn't a list."""
        found: list[Json] = self.body.get("results", []) if isinstance(self.body, dict) else []
        return found


class Endpoint(Protocol):
    """One operation: a GET, or a POST that only reads."""

    @property
    def path(self) -> str:
        """Return the path template."""

    def answer(self, call: Call) -> Answer:
        """Return the answer; raises BadRequestError, NotFoundError, NotPermittedError."""


def pattern(template: str) -> re.Pattern[str]:
    """Return a pattern that matches the template's paths, with a group per placeholder."""
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template)))
