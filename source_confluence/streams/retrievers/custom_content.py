"""All custom content of a site, type by type."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import Any, TypeVar

import orjson
from typing_extensions import override

from source_confluence.confluence.client import ATTEMPTS
from source_confluence.confluence.errors import (
    UNAVAILABLE,
    ConfigError,
    ConfluenceError,
    NotFound,
    RequestRefused,
    ServerError,
    UnreadableRecords,
)
from source_confluence.confluence.records import Record
from source_confluence.streams.kinds import BLOG_POST, PAGE
from source_confluence.streams.retrievers.body_types import RAW, BodyTypes
from source_confluence.streams.retrievers.by_space import MAX_SPACES_PER_REQUEST, batches
from source_confluence.streams.retrievers.contained import Contained
from source_confluence.streams.retrievers.endpoint import BODY_PARAM, cql_search, v2
from source_confluence.streams.retrievers.newest_first import bounds_of_arrived
from source_confluence.streams.retrievers.orders import BY_ID
from source_confluence.streams.sync.run import Slice, StreamRun

Element = TypeVar("Element")

NO_SUCH_TYPE = "no-such-type"
BUILT_IN = frozenset({"page", "blogpost", "attachment"})
"""What a message that lists the types of a site names at least."""
REFUSED = (*UNAVAILABLE, RequestRefused)
"""What concerns one type only: its app was removed, is denied, or never had a list in v2."""


class CustomContent(Contained):
    """Reads all custom content of all types.

    `type` is required, and no endpoint lists the types; but a CQL search for a type that does not
    exist is refused with a message that names all that do. A type that is denied or refused is
    skipped, unless all are; one for which the server fails does not affect the others.
    """

    reads_elements = True

    def __init__(self) -> None:
        super().__init__(v2("custom-content", has_bodies=True), PAGE, BLOG_POST, stable_order=BY_ID)
        self._search = cql_search()
        self.endpoints = (str(self.endpoint), str(self._search))

    @override
    def slices(self, run: StreamRun) -> Iterator[Slice]:
        yield from ({**part, **run.bounds} for part in self.light_slices(run))
        yield from self.arrived_slices(run)

    @override
    def arrived_slices(self, run: StreamRun) -> Iterator[Slice]:
        for batch in batches(sorted(run.arrived)):
            for name in self._types(run):
                yield {"type": name, "spaceIds": batch, **bounds_of_arrived(run)}

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
    def light_pages(self, run: StreamRun, since: str | None = None) -> Iterator[list[Record]]:
        """Yield the pages of results of each type. Raises what any type raised, at the end."""
        failures: list[ConfluenceError] = []
        bounds = {} if since is None else {"modifiedSince": since}
        for part in self.light_slices(run):
            yield from _until_failure(self.pages(run, {**part, **bounds}, light=True), failures)
        if failures:
            raise failures[0]

    @override
    def light_pages_in(self, run: StreamRun, spaces: frozenset[str]) -> Iterator[list[Record]]:
        for batch in batches(sorted(spaces)):
            for name in self._types(run):
                yield from self.pages(run, {"type": name, "spaceIds": batch}, light=True)

    @override
    def pages(self, run: StreamRun, part: Slice, *, light: bool = False) -> Iterator[list[Record]]:
        if light:
            return self._unless_denied(run, part["type"], super().pages(run, part, light=True))
        if run.config.body_format == "none":
            return super().pages(run, part)
        return self._with_bodies(run, part)

    @override
    def params(self, run: StreamRun, part: Slice) -> dict[str, Any]:
        params = {"type": part.get("type")}
        if "bodyFormat" in part:
            params[BODY_PARAM] = part["bodyFormat"]
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

    def _with_bodies(self, run: StreamRun, part: Slice) -> Iterator[list[Record]]:
        """Yield the pages of a slice; a raw type's in the raw format."""
        name = part["type"]

        def listed(body_format: str | None) -> Generator[list[Record], None, None]:
            formatted = {**part, "bodyFormat": body_format} if body_format else part
            for page in super(CustomContent, self).pages(run, formatted):
                yield self.select(run, page, part)  # no body is missing where none is wanted

        def raw_of(ids: list[str]) -> Iterator[list[Record]]:
            params = {"type": name, "id": ",".join(ids), BODY_PARAM: RAW}
            return self.endpoint.listing(run, params, reserves=False).pages()

        types = run.sync.memo.once("body types", BodyTypes)
        return types.pages(name, listed, raw_of)

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

        Raises the last denial if all types are denied, and that of a type that it began to send;
        and ServerError, which names the type.
        """
        has_begun = False
        try:
            for element in elements:
                if not has_begun:
                    has_begun = True
                    run.health.element_succeeded()
                yield element
        except REFUSED as denial:
            if has_begun:
                raise
            self._skip(run, name, denial)
        except ServerError as failure:
            raise ServerError(f"Custom content of type {name}: {failure.message}") from failure
        else:
            run.health.element_succeeded()

    def _skip(self, run: StreamRun, name: str, denial: ConfluenceError) -> None:
        is_new = run.health.place_denied(name)
        if run.health.denied_places >= set(self._types(run)):
            raise denial if isinstance(denial, UNAVAILABLE) else NotFound(denial.message)
        if is_new:
            run.logger.warning(f"Skipped custom content of type {name}: {denial.message}")

    def _types(self, run: StreamRun) -> list[str]:
        if run.config.custom_content_types:
            return list(run.config.custom_content_types)
        return run.sync.memo.once(
            "types of custom content", lambda: self._searched_types(run, ATTEMPTS)
        )

    def _searched_types(self, run: StreamRun, attempts: int) -> list[str]:
        """GET /wiki/rest/api/content/search for a type that does not exist.

        Raises RequestRefused if the answer does not list the types of the site.
        """
        said = "it accepts a search for a type that does not exist"
        try:
            self._search.get(run, {"cql": f'type="{NO_SUCH_TYPE}"'}, attempts=attempts)
        except RequestRefused as refusal:
            names = _types_in(refusal)
            if names >= BUILT_IN:
                return sorted(name for name in names if ":" in name)
            said = f"it says: {refusal.said}"
        raise RequestRefused(
            "Confluence does not list the types of custom content, so set custom_content_types in "
            f"the config ({said})."
        )


def _until_failure(
    pages: Iterator[list[Record]], failures: list[ConfluenceError]
) -> Iterator[list[Record]]:
    """Yield the pages of one type; what it raises is added to `failures`."""
    try:
        yield from pages
    except (*REFUSED, ServerError, UnreadableRecords) as failure:
        failures.append(failure)


def _types_in(refusal: RequestRefused) -> set[str]:
    """Return the names in "Unsupported value for type, ... expected one of : [space, user]".

    The types of apps consist of parts with colons between them, and may hold any other character;
    built-in ones are words.
    """
    try:
        body = orjson.loads(refusal.details)
    except orjson.JSONDecodeError:
        body = None
    message = body.get("message") if isinstance(body, dict) else None
    text = message if isinstance(message, str) else refusal.details
    listed = text.partition("expected one of")[2].partition("[")[2].rpartition("]")[0]
    return {name.strip() for name in listed.split(",")}
