"""What the streams of one sync share: lists that several need, each asked for once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from source_confluence.confluence.errors import ConfluenceError
from source_confluence.confluence.listing import ATTEMPTS_AT_SMALLEST_SIZE, Record
from source_confluence.confluence.responses import payload
from source_confluence.confluence.shapes import is_entity, is_list, is_object
from source_confluence.connection import Connection
from source_confluence.streams.family import Details, Family
from source_confluence.streams.retrievers.recent_keys import RecentKeys
from source_confluence.streams.retrievers.replayable_list import ReplayableList

if TYPE_CHECKING:
    from source_confluence.streams.base import ConfluenceStream

DEFAULT_STATUSES = ("current", "archived")
"""What a GET of a page or a blog post by its id finds without being told a status."""
TAKE_A_STATUS = ("pages", "blog_posts")
"""The kinds whose GET by id knows the parameter."""


class Shared:
    """The streams of a sync by name, and what they have listed so far; thread-safe."""

    def __init__(self, connection: Connection, logger: logging.Logger) -> None:
        self._connection = connection
        self._streams: dict[str, ConfluenceStream] = {}
        self._lists: dict[object, ReplayableList] = {}
        self._families: dict[str, Family] = {}
        self._lock = threading.Lock()
        self.parents = ParentTroubles(logger)

    def add(self, stream: ConfluenceStream) -> None:
        """Make a stream known to the others."""
        self._streams[stream.name] = stream

    def stream(self, name: str) -> ConfluenceStream:
        """Return a stream by its name."""
        return self._streams[name]

    def list_of(self, name: str) -> ReplayableList:
        """Return the whole list of a stream, without what makes its records heavy."""
        return self.list_once(name, lambda: _each_once(self._streams[name].listed()))

    def list_once(self, key: object, pages: Callable[[], Iterable[list[Record]]]) -> ReplayableList:
        """Return the list that goes by `key`, made of `pages` if it is not there yet."""
        with self._lock:
            if key not in self._lists:
                self._lists[key] = ReplayableList(_lazily(pages))
            return self._lists[key]

    def family(self, kind: str) -> Family:
        """Return the streams that want lists of the parents of a kind."""

        def get(parent: Record, sections: list[str]) -> Details:
            return self._details(kind, parent, sections)

        with self._lock:
            return self._families.setdefault(kind, Family(get))

    def _details(self, kind: str, parent: Record, sections: list[str]) -> Details:
        """GET /wiki/api/v2/{kind}/{id} with include-*: the lists that the answer does include."""
        params = {f"include-{section}": "true" for section in sections}
        if kind in TAKE_A_STATUS and parent.get("status") not in (None, *DEFAULT_STATUSES):
            params["status"] = parent["status"]
        response = self._connection.client.get(
            f"{self._connection.site.v2}{self._streams[kind].endpoint}/{parent['id']}",
            params,
            stream=kind,
            attempts=ATTEMPTS_AT_SMALLEST_SIZE,
            shape=is_entity,
        )
        details: Details = payload(response)
        included = {section: details.get(section) for section in sections}
        return {
            section: one for section, one in included.items() if is_object(one) and is_list(one)
        }


class ParentTroubles:
    """Parents whose children cannot be read: each is named once, however many streams notice."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._named: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def gone(self, kind: str, parent_id: str, error: ConfluenceError) -> None:
        """Take note of a parent that is gone, or not to be seen: its children are passed over."""
        if self._is_news(kind, parent_id):
            self._logger.info(f"Record {parent_id} of {kind} is passed over: {error.sentence}")

    def troubled(self, kind: str, parent_id: str, error: ConfluenceError) -> None:
        """Take note of a parent whose children Confluence fails to answer for."""
        if self._is_news(kind, parent_id):
            self._logger.error(
                f"What hangs on record {parent_id} of {kind} cannot be read: {error.sentence}"
            )

    def __len__(self) -> int:
        """Return how many parents were named."""
        return len(self._named)

    def _is_news(self, kind: str, parent_id: str) -> bool:
        with self._lock:
            is_news = (kind, parent_id) not in self._named
            self._named.add((kind, parent_id))
            return is_news


def _each_once(pages: Iterable[list[Record]]) -> Iterator[list[Record]]:
    recent = RecentKeys(("id",))
    for page in pages:
        yield list(recent.fresh(page))


def _lazily(pages: Callable[[], Iterable[list[Record]]]) -> Iterator[list[Record]]:
    yield from pages()
