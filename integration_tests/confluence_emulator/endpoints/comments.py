"""Footer and inline comments: of the site, of one container, and replies.

GET /wiki/api/v2/footer-comments, /inline-comments, /pages/{id}/footer-comments,
/footer-comments/{id}/children, ...
"""

from collections.abc import Callable, Iterable

from integration_tests.confluence_emulator.endpoint import V2, Call, Endpoint
from integration_tests.confluence_emulator.endpoints.children import LIST_FORMATS, child_path
from integration_tests.confluence_emulator.endpoints.content import DATES, render_row
from integration_tests.confluence_emulator.endpoints.lookup import find_object
from integration_tests.confluence_emulator.kinds import COMMENT_KINDS, KINDS
from integration_tests.confluence_emulator.listing import Filter, List, choices_filter
from integration_tests.confluence_emulator.model import Comment

_CONTAINERS = {
    "footer_comment": ("page", "blogpost", "attachment", "custom_content"),
    "inline_comment": ("page", "blogpost"),
}
_STATUSES = {
    "page": ("current", "archived", "trashed", "deleted", "historical", "draft"),
    "blogpost": ("current", "deleted", "trashed", "historical", "draft"),
}
_RESOLUTIONS = ("resolved", "open", "dangling", "reopened")


def _comments(
    path: str, rows: Callable[[Call], Iterable[Comment]], filters: tuple[Filter[Comment], ...] = ()
) -> List[Comment]:
    return List[Comment](
        path=path,
        rows=rows,
        identity=lambda comment: comment.id,
        render=render_row,
        sorts=DATES,
        filters=filters,
        choices={"body-format": LIST_FORMATS},
    )


def _all(kind: str) -> Callable[[Call], Iterable[Comment]]:
    def rows(call: Call) -> Iterable[Comment]:
        spec = call.site.spec
        return [
            comment
            for comment in call.site.comments[kind]
            if not (spec.replies_left_out and comment.parent_id is not None)
            and not (spec.trash_left_out_of_comments and comment.status == "trashed")
        ]

    return rows


def _roots(kind: str, container: str) -> Callable[[Call], Iterable[Comment]]:
    def rows(call: Call) -> Iterable[Comment]:
        found = call.site.items_in(kind, find_object(call, container).id)
        return [comment for comment in found if comment.parent_id is None]

    return rows


def _replies(kind: str) -> Callable[[Call], Iterable[Comment]]:
    return lambda call: call.site.replies(find_object(call, kind))


def _filters(kind: str, container: str) -> tuple[Filter[Comment], ...]:
    filters: list[Filter[Comment]] = []
    if container in _STATUSES:
        statuses = _STATUSES[container]
        filters.append(choices_filter("status", statuses, lambda comment: comment.status))
    if kind == "inline_comment":
        filters.append(
            choices_filter("resolution-status", _RESOLUTIONS, lambda comment: comment.resolution)
        )
    return tuple(filters)


COMMENTS: tuple[Endpoint, ...] = (
    *(_comments(f"{V2}/{KINDS[kind].path}", _all(kind)) for kind in COMMENT_KINDS),
    *(_comments(child_path(kind, "children"), _replies(kind)) for kind in COMMENT_KINDS),
    *(
        _comments(
            child_path(container, KINDS[kind].path),
            _roots(kind, container),
            _filters(kind, container),
        )
        for kind, containers in _CONTAINERS.items()
        for container in containers
    ),
)
