"""A simple HTTP client for tests of the emulator, without retries."""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

import requests

from integration_tests.confluence_emulator.controls import Controls
from integration_tests.confluence_emulator.jsontypes import Json

V2 = "/wiki/api/v2/"
V1 = "/wiki/rest/api/"


class EmulatorClient:
    """A session with the emulator's credentials, or with another token."""

    def __init__(self, emulator: Controls, token: str | None = None) -> None:
        self._url = emulator.url
        self._session = requests.Session()
        self._session.auth = (emulator.email, emulator.token if token is None else token)

    def __enter__(self) -> "EmulatorClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def get(
        self, path: str, query: Mapping[str, object] | None = None, timeout: float = 10
    ) -> requests.Response:
        """Return the response to a GET of a path or an absolute URL."""
        url = path if path.startswith("http") else self._url + path
        parameters = {name: str(value) for name, value in (query or {}).items()}
        return self._session.get(url, params=parameters, timeout=timeout, allow_redirects=False)

    def post(self, path: str, content: Json) -> Json:
        """Return the JSON of a 200 to a POST; raises requests.HTTPError for an error."""
        response = self._session.post(self._url + path, json=content, timeout=10)
        response.raise_for_status()
        answer: Json = response.json()
        return answer

    def content(self, path: str, query: Mapping[str, object] | None = None) -> Json:
        """Return the JSON of a 200; raises requests.HTTPError for an error."""
        response = self.get(path, query)
        response.raise_for_status()
        content: Json = response.json()
        return content

    def pages(self, path: str, query: Mapping[str, object] | None = None) -> list[Json]:
        """Return all pages of results of a list, following `_links.next` unchanged."""
        pages = [self.content(path, query)]
        while (link := next_link(pages[-1])) is not None:
            pages.append(self.content(link if link.startswith("/wiki") else f"/wiki{link}"))
        return pages

    def records(self, path: str, query: Mapping[str, object] | None = None) -> list[Json]:
        """Return all records of a list."""
        return [record for page in self.pages(path, query) for record in page["results"]]


def next_link(page: Json) -> str | None:
    """Return the link to the next page of results."""
    link: str | None = page["_links"].get("next")
    return link


def cursor(link: str | None) -> str:
    """Return the decoded cursor of a link."""
    assert link is not None
    return parse_qs(urlsplit(link).query)["cursor"][0]


def ids(records: list[Json]) -> list[str]:
    """Return the ids of records, in the same order."""
    return [record["id"] for record in records]
