"""Child lists of one object: GET /wiki/api/v2/{kind}/{id}/labels, /versions, /properties, ..."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from integration_tests.confluence_emulator.endpoint import V2, Answer, Call, Endpoint
from integration_tests.confluence_emulator.endpoints.lookup import find_object, find_parent
from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.kinds import COMMENT_KINDS, KINDS, TREE_KINDS
from integration_tests.confluence_emulator.listing import List, choices_filter, text_filter
from integration_tests.confluence_emulator.model import (
    Label,
    Placed,
    Property,
    Version,
    Versioned,
    versions_of,
)
from integration_tests.confluence_emulator.rendering_details import (
    render_child,
    render_label,
    render_like,
    render_nested_version,
    render_property,
    render_space_property,
)

LIST_FORMATS = ("storage", "atlas_doc_format")
PREFIXES = ("my", "team", "global", "system")


def child_path(kind: str, part: str) -> str:
    """Return the path template of a child list."""
    return f"{V2}/{KINDS[kind].path}/{{id}}/{part}"


def labels_of(kind: str) -> List[Label]:
    """Return the list of an object's labels."""

    def rows(call: Call) -> Iterable[Label]:
        linked = call.site.label_links.get(find_parent(call, kind).id, ())
        return [label for number in linked if (label := call.site.labels.get(number)) is not None]

    return List[Label](
        path=child_path(kind, "labels"),
        rows=rows,
        identity=lambda label: label.id,
        render=lambda label, _: render_label(label),
        sorts={"id": lambda label: label.id, "name": lambda label: label.name},
        filters=(choices_filter("prefix", PREFIXES, lambda label: label.prefix),),
    )


def properties_of(*kinds: str, path: str | None = None) -> List[Property]:
    """Return the list of the properties of an object of these kinds.

    The default path is that of the first kind. Properties of spaces can't be sorted.
    """
    of_space = kinds == ("space",)

    def rows(call: Call) -> Iterable[Property]:
        return call.site.properties.get(find_parent(call, *kinds).id, [])

    return List[Property](
        path=path or child_path(kinds[0], "properties"),
        rows=rows,
        identity=lambda one: one.id,
        render=lambda one, _: render_space_property(one) if of_space else render_property(one),
        sorts={"key": lambda one: one.key},
        filters=(text_filter("key", lambda one: one.key),),
        sortable=not of_space,
    )


@dataclass(frozen=True)
class VersionOf:
    """A version and its object."""

    version: Version
    item: Versioned


def versions_list(kind: str) -> List[VersionOf]:
    """Return the list of an object's versions, by default oldest first."""

    def rows(call: Call) -> Iterable[VersionOf]:
        item = find_parent(call, kind)
        return [VersionOf(version, item) for version in versions_of(item)]

    def render(row: VersionOf, call: Call) -> Json:
        body_format = None if kind == "attachment" else call.query.text("body-format")
        return render_nested_version(row.version, row.item, call.site, body_format)

    formats = ("raw", *LIST_FORMATS) if kind == "custom_content" else LIST_FORMATS
    return List[VersionOf](
        path=child_path(kind, "versions"),
        rows=rows,
        identity=lambda row: row.version.number,
        render=render,
        sorts={"modified-date": lambda row: row.version.created},
        newest_first=lambda call: call.site.spec.versions_newest_first,
        choices={} if kind == "attachment" else {"body-format": formats},
    )


@dataclass(frozen=True)
class LikeAt:
    """A like and its position in the order of likes."""

    position: int
    account_id: str


def likes_of(kind: str) -> List[LikeAt]:
    """Return the list of an object's likes."""

    def rows(call: Call) -> Iterable[LikeAt]:
        likes = call.site.likes.get(find_parent(call, kind).id, ())
        return [LikeAt(position, account_id) for position, account_id in enumerate(likes)]

    return List[LikeAt](
        path=child_path(kind, "likes/users"),
        rows=rows,
        identity=lambda like: like.position,
        render=lambda like, _: render_like(like.account_id),
        sorts={"place": lambda like: like.position},
        sortable=False,
    )


@dataclass(frozen=True)
class LikeCount:
    """The number of likes. GET /wiki/api/v2/{kind}/{id}/likes/count."""

    kind: str

    @property
    def path(self) -> str:
        return child_path(self.kind, "likes/count")

    def answer(self, call: Call) -> Answer:
        """Return the count; raises NotFoundError."""
        return Answer({"count": len(call.site.likes.get(find_object(call, self.kind).id, ()))})


OPERATIONS = tuple(
    {"operation": operation, "targetType": target}
    for operation, target in (("read", "page"), ("update", "page"), ("create", "comment"))
)


@dataclass(frozen=True)
class Operations:
    """The operations that the account may perform. GET /wiki/api/v2/{kind}/{id}/operations."""

    kind: str

    @property
    def path(self) -> str:
        return child_path(self.kind, "operations")

    def answer(self, call: Call) -> Answer:
        """Return the operations; raises NotFoundError."""
        find_object(call, self.kind)
        return Answer({"operations": list(OPERATIONS)})


def tree_children_of(kind: str, part: str) -> List[Placed]:
    """Return the list of children: `direct-children` of all kinds, or `children` for pages only."""

    def rows(call: Call) -> Iterable[Placed]:
        found = call.site.children(find_object(call, kind).id)
        only_pages = part == "children"
        return [
            child
            for child in found
            if child.status != "trashed" and (child.kind == "page" or not only_pages)
        ]

    def render(child: Placed, _: Call) -> Json:
        record = render_child(child)
        return record if part != "children" else {k: v for k, v in record.items() if k != "type"}

    position: Callable[[Any], int] = lambda child: child.position or 0  # noqa: E731
    return List[Placed](
        path=child_path(kind, part),
        rows=rows,
        identity=lambda child: child.id,
        render=render,
        sorts={
            "child-position": position,
            "id": lambda child: child.id,
            "created-date": lambda child: child.created,
            "modified-date": lambda child: child.modified,
        },
    )


_LABELLED = ("page", "blogpost", "attachment", "custom_content", "space")
_WITH_PROPERTIES = (*_LABELLED[:4], "space", *TREE_KINDS)
_VERSIONED = ("page", "blogpost", "attachment", "custom_content", *COMMENT_KINDS)
_LIKED = ("page", "blogpost", *COMMENT_KINDS)

LABELS = {kind: labels_of(kind) for kind in _LABELLED}
PROPERTIES = {kind: properties_of(kind) for kind in _WITH_PROPERTIES}
VERSIONS = {kind: versions_list(kind) for kind in _VERSIONED}
LIKES = {kind: likes_of(kind) for kind in _LIKED}
COMMENT_PROPERTIES = properties_of(*COMMENT_KINDS, path=f"{V2}/comments/{{id}}/properties")
DIRECT_CHILDREN = {
    kind: tree_children_of(kind, "direct-children") for kind in ("page", *TREE_KINDS)
}

CHILDREN: tuple[Endpoint, ...] = (
    *LABELS.values(),
    *PROPERTIES.values(),
    *VERSIONS.values(),
    *LIKES.values(),
    COMMENT_PROPERTIES,
    *(LikeCount(kind) for kind in _LIKED),
    *(Operations(kind) for kind in (*_VERSIONED, "space", *TREE_KINDS)),
    *DIRECT_CHILDREN.values(),
    tree_children_of("page", "children"),
)
