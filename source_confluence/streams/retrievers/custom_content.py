"""All custom content of a site, type by type."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from typing_extensions import override

from source_confluence.confluence.client import ATTEMPTS
from source_confluence.confluence.errors import (
    UNAVAILABLE,
    ConfigError,
    ConfluenceError,
    NotFound,
    RequestRefused,
)
from source_confluence.confluence.records import Record
from source_confluence.streams.kinds import BLOG_POST, PAGE
from source_confluence.streams.retrievers.by_space import MAX_SPACES_PER_REQUEST
from source_confluence.streams.retrievers.contained import Contained
from source_confluence.streams.retrievers.endpoint import cql_search, v2
from source_confluence.streams.sync.run import Slice, StreamRun

Element = TypeVar("Element")

NO_SUCH_TYPE = "no-such-type"
APP_TYPE = re.compile(r"[A-Za-z][\w.-]*(?::[\w.-]+)+")
"""The types of apps consist of parts with colons between them; built-in ones are words."""


class CustomContent(Contained):
    """Reads all custom content of all types.

    `type` is required, and no endpoint lists the types; but a CQL search for a type that does not
    exist is refused with a message that names all that do. A type that is denied (its app was
    removed, or the account may not see it) is skipped, unless all are.
    """

    reads_elements = True

    def __init__(self) -> None:
        super().__init__(v2("custom-content", has_bodies=True), PAGE, BLOG_POST, stable_order="id")
        self._search = cql_search()
        self.endpoints = (str(self.endpoint), str(self._search))

    @override
    def slices(self, run: StreamRun) -> Iterator[Slice]:
        return ({**part, **run.bounds} for part in self.light_slices(run))

    @override
    def light_slices(self, run: StreamRun) -> Iterator[Slice]:
        """Yield a slice for each type, within the selected spaces if those are few."""
        spaces = run.sync.spaces
        is_few = spaces.is_active and spaces.selects_at_most(MAX_SPACES_PER_REQUEST)
        few = {"spaceIds": spaces.ids()} if is_few else {}
        return ({"type": name, **few} for name in self._types(run))

    @override
    def read(self, run: StreamRun, part: Slice) -> Iterator[Record]:
        return self._unless_denied(run, part["type"], super().read(run, part))

    @override
    def pages(self, run: StreamRun, part: Slice, *, light: bool = False) -> Iterator[list[Record]]:
        pages = super().pages(run, part, light=light)
        return self._unless_denied(run, part["type"], pages) if light else pages

    @override
    def params(self, run: StreamRun, part: Slice) -> dict[str, Any]:
        params = {"type": part.get("type")}
        if "spaceIds" in part:
            params["space-id"] = ",".join(part["spaceIds"])
        return params

    @override
    def is_contained(self, run: StreamRun, record: Record) -> bool:
        return run.sync.spaces.has(record.get("spaceId")) and (
            run.config.cql is None or super().is_contained(run, record)
        )

    @override
    def probe(self, run: StreamRun) -> None:
        """Request the types, or one record of each that the config names.

        Raises ConfigError if the site has none of these.
        """
        if not run.config.custom_content_types:
            self._searched_types(run, attempts=1)
        for name in run.config.custom_content_types:
            self._probe_type(run, name)

    def _probe_type(self, run: StreamRun, name: str) -> None:
        try:
            self.endpoint.first_record(run, self.all_params(run, {"type": name}))
        except NotFound as error:
            raise ConfigError(
                f"The config's custom_content_types names {name}, "
                "but the site has no custom content of that type."
            ) from error

    def _unless_denied(
        self, run: StreamRun, name: str, elements: Iterable[Element]
    ) -> Iterator[Element]:
        """Yield what there is of a type; nothing if Confluence denies it, unless it denies all.

        Raises the last denial if all types are denied, and that of a type that it began to send.
        """
        has_begun = False
        try:
            for element in elements:
                if not has_begun:
                    has_begun = True
                    run.health.element_succeeded()
                yield element
        except UNAVAILABLE as denial:
            if has_begun:
                raise
            self._skip(run, name, denial)
        else:
            run.health.element_succeeded()

    def _skip(self, run: StreamRun, name: str, denial: ConfluenceError) -> None:
        is_new = run.health.place_denied(name)
        if run.health.denied_places >= set(self._types(run)):
            raise denial
        if is_new:
            run.logger.warning(f"Skipped custom content of type {name}: {denial.message}")

    def _types(self, run: StreamRun) -> list[str]:
        if run.config.custom_content_types:
            return list(run.config.custom_content_types)
        return run.sync.memo.once(
            "types of custom content", lambda: self._searched_types(run, ATTEMPTS)
        )

    def _searched_types(self, run: StreamRun, attempts: int) -> list[str]:
        """GET /wiki/rest/api/content/search for a type that does not exist."""
        try:
            self._search.get(run, {"cql": f'type="{NO_SUCH_TYPE}"'}, attempts=attempts)
        except RequestRefused as refusal:
            return sorted(set(APP_TYPE.findall(refusal.details)))
        return []
