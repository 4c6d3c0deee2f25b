"""Content as CQL search returns it, with the fields that `expand` requests."""

from collections.abc import Collection
from dataclasses import dataclass

from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.kinds import COMMENT_KINDS, KINDS
from integration_tests.confluence_emulator.links import webui
from integration_tests.confluence_emulator.model import (
    Contained,
    Content,
    CustomContent,
    Placed,
    Versioned,
)
from integration_tests.confluence_emulator.rendering_v1 import (
    MAX_PRINCIPALS,
    OPERATIONS,
    nested_list,
    render_restriction,
    render_user,
    render_v1_space,
)
from integration_tests.confluence_emulator.site import Site
from integration_tests.confluence_emulator.timestamps import iso

MAX_LABELS = 200


def cql_type(item: Versioned) -> str:
    """Return the item's type in CQL."""
    if isinstance(item, CustomContent):
        return item.type
    return "comment" if item.kind in COMMENT_KINDS else item.kind


@dataclass(frozen=True)
class SearchResult:
    """An item that a search found."""

    item: Versioned
    site: Site
    base: str

    def render(self, expand: Collection[str]) -> Json:
        """Return a Content."""
        record = self._unexpanded()
        if "version" in expand:
            record["version"] = self._version()
        if "space" in expand and (space := self.site.space_of(self.item)) is not None:
            record["space"] = render_v1_space(space, self.base)
        if "container" in expand:
            record["container"] = self._container()
        if any(name.split(".")[0] == "history" for name in expand):
            record["history"] = self._history("history.lastUpdated" in expand)
        if any(name.split(".")[0] == "metadata" for name in expand):
            record["metadata"] = self._metadata(expand)
        if any(name.split(".")[0] == "ancestors" for name in expand):
            record["ancestors"] = self._ancestors()
        if any(name.split(".")[0] == "restrictions" for name in expand):
            record["restrictions"] = self._restrictions(expand)
        for name in expand:
            if name.startswith("body."):
                record.setdefault("body", {})[name[5:]] = self._body(name[5:])
        return record

    def _unexpanded(self) -> Json:
        item, number = self.item, KINDS[self.item.kind].api_id(self.item.id)
        position = item.position if isinstance(item, Placed) else None
        return {
            "id": number,
            "type": cql_type(item),
            "status": item.status,
            "title": item.title,
            "macroRenderedOutput": {},
            "extensions": {"position": "none" if position is None else position},
            "_expandable": {
                "container": f"/rest/api/space/{self.site.space_id(item)}",
                "version": "",
                "body": "",
            },
            "_links": {
                "self": f"{self.base}/rest/api/content/{number}",
                "webui": webui(item, self.site),
                "tinyui": f"/x/{item.id:x}",
            },
        }

    def _version(self) -> Json:
        return {
            "when": iso(self.item.modified),
            "number": self.item.version,
            "minorEdit": self.item.minor_edit,
            "message": self.item.version_message,
        }

    def _container(self) -> Json | None:
        if isinstance(self.item, Contained):
            container = self.site.container(self.item)
            if isinstance(container, Versioned):
                return SearchResult(container, self.site, self.base).render(())
        space = self.site.space_of(self.item)
        return None if space is None else render_v1_space(space, self.base)

    def _history(self, last_updated: bool) -> Json:
        author = self.site.person(self.item.author)
        history: Json = {
            "latest": True,
            "createdBy": None if author is None else render_user(author, self.base),
            "createdDate": iso(self.item.created),
            "_expandable": {"lastUpdated": "", "contributors": ""},
            "_links": {"self": f"{self.base}/rest/api/content/{self.item.id}/history"},
        }
        return {**history, "lastUpdated": self._version()} if last_updated else history

    def _metadata(self, expand: Collection[str]) -> Json:
        path = f"/rest/api/content/{self.item.id}"
        metadata: Json = {"_expandable": {"currentuser": "", "frontend": ""}}
        if "metadata.labels" in expand:
            labels = [
                {"id": str(one.id), "name": one.name, "label": one.name, "prefix": one.prefix}
                for number in self.site.label_links.get(self.item.id, ())
                if (one := self.site.labels.get(number)) is not None
            ]
            metadata["labels"] = nested_list(labels, self.base, f"{path}/label", MAX_LABELS)
        if "metadata.properties" in expand:
            properties = self.site.properties.get(self.item.id, ())
            keys = {one.key: f"{path}/property/{one.key}" for one in properties}
            metadata["properties"] = {"_expandable": keys}
        return metadata

    def _ancestors(self) -> list[Json]:
        found: list[Json] = []
        item: Versioned | None = self.item
        while isinstance(item, Placed) and item.parent_id is not None:
            item = self.site.table(item.parent_type or "page").get(item.parent_id)
            if item is not None:
                found.insert(0, SearchResult(item, self.site, self.base).render(()))
        return found

    def _restrictions(self, expand: Collection[str]) -> Json:
        path = f"/rest/api/content/{self.item.id}/restriction/byOperation"
        found: Json = {"_links": {"self": self.base + path}, "_expandable": {}}
        for operation in OPERATIONS:
            wanted = [
                name
                for name in ("user", "group")
                if f"restrictions.{operation}.restrictions.{name}" in expand
            ]
            if not wanted:
                found["_expandable"][operation] = f"{path}/{operation}"
                continue
            restriction = render_restriction(
                self.item, operation, self.site, self.base, limit=MAX_PRINCIPALS
            )
            lists = restriction["restrictions"]
            missing = {name: "" for name in ("user", "group") if name not in wanted}
            kept = {name: lists[name] for name in wanted}
            found[operation] = {**restriction, "restrictions": {**kept, "_expandable": missing}}
        return found

    def _body(self, representation: str) -> Json:
        bodies = self.site.bodies if isinstance(self.item, Content) else self.site.short_bodies
        value = bodies.value(self.item, representation)
        return {"value": value, "representation": representation}
