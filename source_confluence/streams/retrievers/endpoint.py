"""Where a list or an entity is requested, and how the list is paged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from source_confluence.confluence.client import ATTEMPTS
from source_confluence.confluence.entity import entity
from source_confluence.confluence.errors import NotFound
from source_confluence.confluence.listing import Listing
from source_confluence.confluence.pagination import (
    USUAL_CAPS,
    CursorPagination,
    OffsetPagination,
    Pagination,
)
from source_confluence.confluence.records import Record
from source_confluence.confluence.responses import Response, Shape, is_object
from source_confluence.streams.sync.run import StreamRun

BODY_PARAM = "body-format"
UNESCAPED = "~@:"
"""What a part of a path may hold as it is, and ordinary keys do: `~name@example.com`."""
SHORTEST_TO_FOLLOW_UP = min(USUAL_CAPS)


@dataclass(frozen=True)
class Endpoint:
    """A path of one of Confluence's two APIs; `{id}` in it stands for an id."""

    api: str
    """`v1` or `v2`."""
    path: str
    pagination: Pagination
    page_size: int = 250
    params: Mapping[str, Any] = field(default_factory=dict)
    """The parameters of every request."""
    has_bodies: bool = False
    """Whether its records have bodies if `body-format` is given."""

    def __str__(self) -> str:
        """Return it as the documents name it, such as `v2 pages/{id}/labels`."""
        return f"{self.api} {self.path}"

    def at(self, **names: str) -> Endpoint:
        """Return the endpoint with its placeholders filled in, percent-encoded.

        Raises NotFound for a name that cannot be a part of a path, such as `..`.
        """
        return replace(
            self, path=self.path.format(**{name: _escaped(text) for name, text in names.items()})
        )

    def listing(
        self,
        run: StreamRun,
        params: Mapping[str, Any] | None = None,
        *,
        light: bool = False,
        reserves: bool = True,
    ) -> Listing:
        """Return the list to read on behalf of a stream.

        `light` leaves bodies out; a body format in `params` goes before the config's. `reserves`:
        whether its pages of results take part in the page budget, which light ones never do.
        """
        wanted = {**self.params, **(params or {})}
        if self.has_bodies and not light and run.config.body_format != "none":
            wanted.setdefault(BODY_PARAM, run.config.body_format)
        connection = run.sync.connection
        return Listing(
            client=connection.client,
            page_budget=connection.page_budget,
            logger=run.logger,
            stream=run.name,
            url=self.url(run),
            params=wanted,
            page_size=self.page_size,
            pagination=self.pagination,
            heavy_params=(BODY_PARAM,) if self.has_bodies else (),
            is_light=light or not reserves,
        )

    def first_record(
        self, run: StreamRun, params: Mapping[str, Any] | None = None
    ) -> Record | None:
        """Return the first record of the list, without its body; requested without retries."""
        page, _ = self.listing(run, params).first_page(limit=1, attempts=1)
        return next(iter(page), None)

    def get(
        self,
        run: StreamRun,
        params: Mapping[str, Any] | None = None,
        *,
        shape: Shape = is_object,
        attempts: int = ATTEMPTS,
    ) -> Response:
        """Return the response to one GET on behalf of a stream. Raises as `Client.get`."""
        client = run.sync.connection.client
        wanted = {**self.params, **(params or {})}
        return client.get(self.url(run), wanted, stream=run.name, shape=shape, attempts=attempts)

    def entity(self, run: StreamRun, params: Mapping[str, Any]) -> Iterator[Record]:
        """Yield the one entity at this address, within the page budget. Raises as `Client.get`."""
        connection = run.sync.connection
        return entity(
            connection.client,
            connection.page_budget,
            run.name,
            self.url(run),
            {**self.params, **params},
        )

    def url(self, run: StreamRun) -> str:
        """Return the URL at the site of the sync."""
        site = run.sync.connection.site
        return (site.v2 if self.api == "v2" else site.v1) + self.path


def v2(path: str, params: Mapping[str, Any] | None = None, *, has_bodies: bool = False) -> Endpoint:
    """Return an endpoint of REST v2, whose lists are paged by cursor."""
    return Endpoint("v2", path, CursorPagination(), params=params or {}, has_bodies=has_bodies)


def v1(
    path: str,
    params: Mapping[str, Any] | None = None,
    *,
    page_size: int = 250,
    follow_up: int | None = None,
) -> Endpoint:
    """Return an endpoint of REST v1, whose lists are paged by offset.

    `follow_up` says from how many rows on a page of results without a `next` is not believed to be
    the last; None for a list that is requested for every parent, as OffsetPagination describes.
    """
    return Endpoint("v1", path, OffsetPagination(follow_up), page_size, params or {})


def cql_search(path: str = "content/search", params: Mapping[str, Any] | None = None) -> Endpoint:
    """Return a CQL search of REST v1, paged by cursor. It finds current content only."""
    return Endpoint("v1", path, CursorPagination(), params=params or {})


def key_of(space: Record) -> str:
    """Return the key of a space, by which REST v1 knows it. Raises NotFound if it has none."""
    key = space.get("key")
    if not key or not isinstance(key, str):
        raise NotFound("The space has no key, which its requests need.")
    return key


def _escaped(text: object) -> str:
    """Return an id or a key as a part of a path.

    Confluence's own need no escaping, but nothing else may lead to another path.
    """
    escaped = quote(str(text), safe=UNESCAPED)
    if escaped in ("", ".", ".."):
        raise NotFound(f"Nothing has the id {text!r}.")
    return escaped
