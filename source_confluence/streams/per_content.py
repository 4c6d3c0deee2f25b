"""What REST v1 tells of one page or one space at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from source_confluence.confluence.listing import ATTEMPTS_AT_SMALLEST_SIZE, Record
from source_confluence.confluence.responses import UNAVAILABLE, NotFound, payload
from source_confluence.streams.base import OffsetList, Slice
from source_confluence.streams.children import Children


class Watchers(Children, OffsetList):
    """Who watches each parent."""

    page_size = 200

    def record(self, element: Record) -> Record:
        """Return the watch with the watcher's account on top: it belongs to the key."""
        watcher = element.get("watcher") or {}
        element["accountId"] = watcher.get("accountId")
        return element


class PageWatchers(Watchers):
    """Who watches which page. GET /wiki/rest/api/content/{id}/notification/child-created."""

    name = "page_watchers"
    needs_a_right_of_its_own = True
    parents = ("pages",)
    parent_key = "pageId"
    endpoint = "content/{pageId}/notification/child-created"
    key = ("pageId", "accountId")


class SpaceWatchers(Watchers):
    """Who watches which space. GET /wiki/rest/api/space/{key}/watch."""

    name = "space_watchers"
    needs_a_right_of_its_own = True
    parents = ("space",)
    parent_key = "spaceId"
    endpoint = "space/{key}/watch"
    key = ("spaceId", "accountId")

    def bounds_of(self, parent: Record) -> Slice:
        """Return the key of the space: this endpoint does not know its id."""
        return {"key": _key_of(parent)}


class PageViews(Children, OffsetList):
    """How often each page was viewed. GET /wiki/rest/api/analytics/content/{id}/views."""

    name = "page_views"
    needs_a_right_of_its_own = True
    parents = ("pages",)
    parent_key = "pageId"
    endpoint = "analytics/content/{pageId}/views"
    key = ("pageId",)

    def children_of(self, parent: Record, *_: Any) -> Iterator[Record]:
        """Yield the one record of a page."""
        url = self.url_base + self.endpoint.format(pageId=parent["id"])
        response = self._connection.client.get(
            url, {}, stream=self.name, attempts=ATTEMPTS_AT_SMALLEST_SIZE
        )
        yield payload(response)


class Templates(OffsetList):
    """Templates and blueprints, of the site and of every space.

    GET /wiki/rest/api/template/page and /template/blueprint. Spaces repeat the site's blueprints:
    each is read once. A space that is gone meanwhile, or that the account may not ask, is passed
    over; the site's own lists decide whether the stream can be read.
    """

    name = "templates"
    endpoint = "template/page"
    key = ("templateId",)
    page_size = 100

    def stream_slices(self, **_: Any) -> Iterator[Slice]:
        """Yield one slice: what was read before is not read again."""
        yield {}

    def request_params(
        self,
        stream_state: Mapping[str, Any] | None,  # noqa: ARG002  # the CDK's contract
        stream_slice: Slice | None = None,
        next_page_token: Mapping[str, Any] | None = None,  # noqa: ARG002  # the CDK's contract
    ) -> dict[str, Any]:
        """Return the parameters of a list of templates, with their bodies."""
        key = (stream_slice or {}).get("spaceKey")
        return {"expand": "body", **({"spaceKey": key} if key else {})}

    def path(self, *, stream_slice: Slice | None = None, **_: Any) -> str:
        """Return the endpoint of one kind of templates."""
        return f"template/{(stream_slice or {}).get('kind', 'page')}"

    def read_records(self, *_: Any, **__: Any) -> Iterator[Record]:
        """Yield the templates. Raises what `Listing.pages` raises for the site's own."""
        seen: set[str | None] = set()
        spaces: list[Record] = []
        for page in self._shared.list_of("space").pages():
            spaces += self._shared.stream("space").select(page, {})
        yield from self._fresh(None, seen)
        for space in spaces:
            yield from self._of(space, seen)

    def _of(self, space: Record, seen: set[str | None]) -> Iterator[Record]:
        try:
            yield from self._fresh(_key_of(space), seen)
        except UNAVAILABLE as refusal:
            self._shared.parents.gone("space", str(space.get("id")), refusal)

    def _fresh(self, space_key: str | None, seen: set[str | None]) -> Iterator[Record]:
        for kind in ("page", "blueprint"):
            for page in self.listing({"kind": kind, "spaceKey": space_key}).pages():
                for template in page:
                    template_id = template.get("templateId")
                    if template_id is None or template_id not in seen:
                        seen.add(template_id)
                        yield {"spaceKey": space_key, **template}


def _key_of(space: Record) -> str:
    """Return what REST v1 knows a space by. Raises NotFound if it has none."""
    key: str | None = space.get("key")
    if not key:
        raise NotFound("Confluence names no key to ask for it by.")
    return key
