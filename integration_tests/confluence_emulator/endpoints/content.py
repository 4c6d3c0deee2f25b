"""Pages and blog posts. GET /wiki/api/v2/pages, /blogposts, and each by id."""

from collections.abc import Collection
from dataclasses import dataclass

from integration_tests.confluence_emulator.endpoint import V2, Answer, Call, Endpoint
from integration_tests.confluence_emulator.errors import NotFoundError
from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.listing import (
    Filter,
    List,
    choice_filter,
    choices_filter,
    id_filter,
    text_filter,
)
from integration_tests.confluence_emulator.model import Content
from integration_tests.confluence_emulator.rendering import render_content

_LIST_FORMATS = ("storage", "atlas_doc_format")
_SINGLE_FORMATS = (
    *_LIST_FORMATS,
    "view",
    "export_view",
    "anonymous_export_view",
    "styled_view",
    "editor",
)
_DATES = {
    "created-date": lambda content: content.created,
    "modified-date": lambda content: content.modified,
}


@dataclass(frozen=True)
class ContentById:
    """One page or blog post. GET /wiki/api/v2/pages/{id} and /blogposts/{id}.

    Without `status`, trashed content is not found.
    """

    path: str
    kind: str
    entity: str
    statuses: Collection[str]
    default_statuses: Collection[str]

    def answer(self, call: Call) -> Answer:
        """Return the content with `_links.base`; raises BadRequestError and NotFoundError."""
        body_format = call.query.choice("body-format", _SINGLE_FORMATS)
        statuses = call.query.choices("status", self.statuses) or self.default_statuses
        number = call.parts["id"]
        content = call.site.content(self.kind).get(int(number)) if number.isdecimal() else None
        if content is None or content.status not in statuses:
            raise NotFoundError(f"{self.entity} with id {number} not found")
        record = render_content(content, call.site, body_format)
        record.pop("subtype", None)
        record["_links"]["base"] = call.base
        return Answer(record)


def _render(content: Content, call: Call) -> Json:
    return render_content(content, call.site, call.query.text("body-format"))


def _selection() -> tuple[Filter[Content], ...]:
    return (
        id_filter("id", 250, lambda content: content.id),
        id_filter("space-id", 100, lambda content: content.space_id),
        text_filter("title", lambda content: content.title),
    )


CONTENT: tuple[Endpoint, ...] = (
    List[Content](
        path=f"{V2}/pages",
        rows=lambda call: call.site.pages,
        identity=lambda page: page.id,
        render=_render,
        sorts={"id": lambda page: page.id, **_DATES, "title": lambda page: page.title},
        filters=(
            *_selection(),
            choices_filter(
                "status",
                ("current", "archived", "deleted", "trashed"),
                lambda page: page.status,
                default=("current", "archived"),
            ),
            choice_filter("subtype", ("live", "page"), lambda page: page.subtype or "page"),
        ),
        choices={"body-format": _LIST_FORMATS},
    ),
    List[Content](
        path=f"{V2}/blogposts",
        rows=lambda call: call.site.blog_posts,
        identity=lambda blog_post: blog_post.id,
        render=_render,
        sorts={"id": lambda blog_post: blog_post.id, **_DATES},
        filters=(
            *_selection(),
            choices_filter(
                "status",
                ("current", "deleted", "trashed"),
                lambda blog_post: blog_post.status,
                default=("current",),
            ),
        ),
        choices={"body-format": _LIST_FORMATS},
    ),
    ContentById(
        path=f"{V2}/pages/{{id}}",
        kind="page",
        entity="Page",
        statuses=("current", "archived", "trashed", "deleted", "historical", "draft"),
        default_statuses=("current", "archived"),
    ),
    ContentById(
        path=f"{V2}/blogposts/{{id}}",
        kind="blogpost",
        entity="BlogPost",
        statuses=("current", "trashed", "deleted", "historical", "draft"),
        default_statuses=("current",),
    ),
)
