"""The lists of pages, blog posts, attachments and custom content: site-wide, per space, per parent.

GET /wiki/api/v2/pages, /blogposts, /attachments, /custom-content, /labels/{id}/pages, ...
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from integration_tests.confluence_emulator.body_types import is_refused, served_format
from integration_tests.confluence_emulator.cursors import SortValue
from integration_tests.confluence_emulator.endpoint import V2, Call, Endpoint
from integration_tests.confluence_emulator.endpoints.children import LIST_FORMATS, child_path
from integration_tests.confluence_emulator.endpoints.lookup import find_object
from integration_tests.confluence_emulator.errors import BadRequestError, NotFoundError
from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.kinds import CUSTOM_TYPES, TYPE_NOT_IN_V2
from integration_tests.confluence_emulator.listing import (
    Filter,
    List,
    choice_filter,
    choices_filter,
    id_filter,
    in_spaces_filter,
    text_filter,
)
from integration_tests.confluence_emulator.model import (
    Attachment,
    Content,
    CustomContent,
    Versioned,
)
from integration_tests.confluence_emulator.rendering import render

DATES: Mapping[str, Callable[[Any], SortValue]] = {
    "created-date": lambda item: item.created,
    "modified-date": lambda item: item.place_in_lists or item.modified,
}
_BY_ID: Mapping[str, Callable[[Any], SortValue]] = {"id": lambda item: item.id, **DATES}
_WITH_TITLE: Mapping[str, Callable[[Any], SortValue]] = {
    **_BY_ID,
    "title": lambda item: item.title,
}
_IN_SPACES: Filter[Content] = id_filter("space-id", 100, lambda content: content.space_id)
_TITLE: Filter[Content] = text_filter("title", lambda content: content.title)


def render_row(item: Versioned, call: Call) -> Json:
    """Return an item with the body format that the query requests."""
    return render(item, call.site, served_format(item, call.query.text("body-format")))


def _status(statuses: tuple[str, ...], default: tuple[str, ...]) -> Filter[Any]:
    return choices_filter("status", statuses, lambda item: item.status, default)


_PAGE_FILTERS: tuple[Filter[Content], ...] = (
    _TITLE,
    _status(("current", "archived", "deleted", "trashed"), ("current", "archived")),
)
_SUBTYPE: Filter[Content] = choice_filter(
    "subtype", ("live", "page"), lambda page: page.subtype or "page"
)
_POST_FILTERS: tuple[Filter[Content], ...] = (
    _TITLE,
    _status(("current", "deleted", "trashed"), ("current",)),
)
_IDS: Filter[Content] = id_filter("id", 250, lambda content: content.id)


def _contents(
    path: str,
    rows: Callable[[Call], Iterable[Content]],
    filters: tuple[Filter[Content], ...],
    sorts: Mapping[str, Callable[[Content], SortValue]],
) -> List[Content]:
    return List[Content](
        path=path,
        rows=rows,
        identity=lambda content: content.id,
        render=render_row,
        sorts=sorts,
        filters=filters,
        choices={"body-format": LIST_FORMATS},
    )


def _of_space(kind: str) -> Callable[[Call], Iterable[Content]]:
    def rows(call: Call) -> Iterable[Content]:
        space = find_object(call, "space")
        return [one for one in call.site.content(kind) if one.space_id == space.id]

    return rows


def _with_label(kind: str) -> Callable[[Call], Iterable[Any]]:
    """Return a function that finds the items with a label, except trashed ones."""

    def rows(call: Call) -> Iterable[Any]:
        text = call.path_params["id"]
        if not text.isdecimal() or call.site.labels.get(int(text)) is None:
            raise NotFoundError(f"Label with id {text} not found")
        hidden = {"trashed"}
        if call.site.spec.archived_left_out_of_labels:
            hidden.add("archived")
        labelled = call.site.items_with_label(kind, int(text))
        return [item for item in labelled if item.status not in hidden]

    return rows


def _attachments(
    path: str,
    rows: Callable[[Call], Iterable[Attachment]],
    filters: tuple[Filter[Attachment], ...],
    default_limit: int = 50,
) -> List[Attachment]:
    return List[Attachment](
        path=path,
        rows=rows,
        identity=lambda attachment: attachment.id,
        render=render_row,
        sorts=DATES,
        filters=filters,
        default_limit=default_limit,
    )


_FILES: tuple[Filter[Attachment], ...] = (
    _status(("current", "archived", "trashed"), ("current", "archived")),
    text_filter("mediaType", lambda attachment: attachment.media_type),
    text_filter("filename", lambda attachment: attachment.title),
)


def _of_parent(kind: str, parent_kind: str) -> Callable[[Call], Iterable[Any]]:
    def rows(call: Call) -> Iterable[Any]:
        return call.site.items_in(kind, find_object(call, parent_kind).id)

    return rows


def _custom_contents(
    path: str,
    rows: Callable[[Call], Iterable[CustomContent]],
    filters: tuple[Filter[CustomContent], ...] = (),
) -> List[CustomContent]:
    return List[CustomContent](
        path=path,
        rows=lambda call: _of_type(call, rows(call)),
        identity=lambda custom: custom.id,
        render=render_row,
        sorts=_WITH_TITLE,
        filters=(text_filter("type", lambda custom: custom.type), *filters),
        choices={"body-format": ("raw", *LIST_FORMATS)},
    )


def _of_type(call: Call, found: Iterable[CustomContent]) -> Iterable[CustomContent]:
    """Return what isn't in the trash; raises BadRequestError and NotFoundError for the type."""
    wanted = call.query.text("type")
    if not wanted:
        raise BadRequestError("Required parameter 'type' is not present")
    if wanted == TYPE_NOT_IN_V2:
        raise BadRequestError(f"Custom content type {wanted} is not supported")
    body_format = call.query.text("body-format")
    if call.site.spec.raw_bodies_refused and is_refused(wanted, body_format):
        raise BadRequestError(f"Custom content of type {wanted} has no body in {body_format}")
    if wanted not in CUSTOM_TYPES:
        raise NotFoundError(f"Custom content type {wanted} not found")
    return [custom for custom in found if custom.status != "trashed"]


_CUSTOM_PARENTS = ("page", "blogpost", "space")

CONTENT: tuple[Endpoint, ...] = (
    _contents(
        f"{V2}/pages",
        lambda call: call.site.pages,
        (_IDS, _IN_SPACES, *_PAGE_FILTERS, _SUBTYPE),
        _WITH_TITLE,
    ),
    _contents(
        f"{V2}/blogposts",
        lambda call: call.site.blog_posts,
        (_IDS, _IN_SPACES, *_POST_FILTERS),
        _BY_ID,
    ),
    _contents(f"{V2}/spaces/{{id}}/pages", _of_space("page"), _PAGE_FILTERS, _WITH_TITLE),
    _contents(f"{V2}/spaces/{{id}}/blogposts", _of_space("blogpost"), _POST_FILTERS, _BY_ID),
    _contents(f"{V2}/labels/{{id}}/pages", _with_label("page"), (_IN_SPACES,), _WITH_TITLE),
    _contents(f"{V2}/labels/{{id}}/blogposts", _with_label("blogpost"), (_IN_SPACES,), _BY_ID),
    _attachments(f"{V2}/labels/{{id}}/attachments", _with_label("attachment"), (), 25),
    _attachments(f"{V2}/attachments", lambda call: call.site.attachments, _FILES),
    *(
        _attachments(child_path(kind, "attachments"), _of_parent("attachment", kind), _FILES)
        for kind in ("page", "blogpost", "custom_content")
    ),
    _custom_contents(
        f"{V2}/custom-content",
        lambda call: call.site.custom_content,
        (
            id_filter("id", 250, lambda custom: custom.id),
            in_spaces_filter(100, lambda site: site.custom_content),
        ),
    ),
    *(
        _custom_contents(child_path(kind, "custom-content"), _of_parent("custom_content", kind))
        for kind in _CUSTOM_PARENTS
    ),
    List[CustomContent](
        path=child_path("custom_content", "children"),
        rows=_of_parent("custom_content", "custom_content"),
        identity=lambda custom: custom.id,
        render=lambda custom, call: {
            name: value
            for name, value in render_row(custom, call).items()
            if name in ("id", "status", "title", "type", "spaceId")
        },
        sorts=_WITH_TITLE,
    ),
)
