"""Details of content and spaces that only v1 has: restrictions, watchers, templates, views."""

from collections.abc import Sequence
from dataclasses import dataclass

from integration_tests.confluence_emulator.endpoint import V1, Answer, Call, Endpoint
from integration_tests.confluence_emulator.endpoints.lookup import find_object
from integration_tests.confluence_emulator.errors import NotFoundError, NotPermittedError
from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.offset import OffsetList
from integration_tests.confluence_emulator.organization import Person, Space, Template
from integration_tests.confluence_emulator.rendering_v1 import (
    MAX_PRINCIPALS,
    OPERATIONS,
    render_restriction,
    render_template,
    render_watch,
    views_of,
)


def _without_details(restriction: Json, call: Call) -> Json:
    """Return the restriction with only the lists that `expand` requests."""
    expand = call.query.texts("expand") or ()
    lists = dict(restriction["restrictions"])
    kept = {n: lists[n] for n in ("user", "group") if f"restrictions.{n}" in expand}
    if not kept:
        path = restriction["_links"]["self"].removeprefix(call.base)
        plain = {name: value for name, value in restriction.items() if name != "restrictions"}
        return {**plain, "_expandable": {**plain["_expandable"], "restrictions": path}}
    missing = {name: "" for name in ("user", "group") if name not in kept}
    return {**restriction, "restrictions": {**kept, "_expandable": missing}}


@dataclass(frozen=True)
class Restrictions:
    """All restrictions of one piece of content, keyed by operation.

    GET /wiki/rest/api/content/{id}/restriction/byOperation
    """

    path: str = f"{V1}/content/{{id}}/restriction/byOperation"

    def answer(self, call: Call) -> Answer:
        """Return at most 100 users and groups of each operation; raises NotFoundError."""
        item = find_object(call, "page", "blogpost")
        found: Json = {}
        for operation in OPERATIONS:
            restriction = render_restriction(
                item, operation, call.site, call.base, limit=MAX_PRINCIPALS
            )
            found[operation] = _without_details(restriction, call)
        links = {"self": f"{call.base}/rest/api/content/{item.id}/restriction/byOperation"}
        return Answer({**found, "_links": {**links, "base": call.base, "context": "/wiki"}})


@dataclass(frozen=True)
class RestrictionsForOperation:
    """The restrictions of one operation, with start and limit for its users and groups."""

    path: str = f"{V1}/content/{{id}}/restriction/byOperation/{{operation}}"

    def answer(self, call: Call) -> Answer:
        """Return users and groups; raises BadRequestError and NotFoundError."""
        operation = call.path_params["operation"]
        if operation not in OPERATIONS:
            raise NotFoundError(f"No operation {operation}")
        item = find_object(call, "page", "blogpost")
        limit = min(call.query.number("limit", MAX_PRINCIPALS), MAX_PRINCIPALS)
        start = call.query.number("start", 0)
        restriction = render_restriction(
            item, operation, call.site, call.base, limit=limit, start=start
        )
        return Answer(_without_details(restriction, call))


def _people(call: Call, ids: Sequence[str]) -> list[Person]:
    return [one for account_id in ids if (one := call.site.person(account_id)) is not None]


def _space_by_key(call: Call) -> Space:
    key = call.path_params["key"]
    space = next((one for one in call.site.spaces if one.key == key), None)
    if space is None:
        raise NotFoundError(f"No space with key : {key}")
    return space


def _space_watch(person: Person, space: Space) -> Json:
    return render_watch("space", person, spaceKey=space.key)


def _watchers_of_space(call: Call) -> list[tuple[Person, Space]]:
    space = _space_by_key(call)
    return [(one, space) for one in _people(call, call.site.space_watchers.get(space.id, ()))]


def _watchers_of_its_space(call: Call) -> list[tuple[Person, Space]]:
    space = call.site.space_of(find_object(call, "page", "blogpost"))
    ids = () if space is None else call.site.space_watchers.get(space.id, ())
    return [] if space is None else [(one, space) for one in _people(call, ids)]


def _page_watchers(call: Call) -> list[tuple[Person, int]]:
    item = find_object(call, "page", "blogpost")
    return [(one, item.id) for one in _people(call, call.site.page_watchers.get(item.id, ()))]


def _blueprints(call: Call) -> list[Template]:
    return _templates(call, blueprints=True)


def _page_templates(call: Call) -> list[Template]:
    return _templates(call, blueprints=False)


def _templates(call: Call, *, blueprints: bool) -> list[Template]:
    """Return the global or a space's templates; a space inherits the global blueprints."""
    key = call.query.text("spaceKey")
    wanted: set[int | None] = {None}
    if key is not None:
        spaces = [space.id for space in call.site.spaces if space.key == key]
        if not spaces:
            raise NotFoundError(f"No space with key : {key}")
        wanted = {spaces[0], None} if blueprints else {spaces[0]}
    return [
        template
        for template in call.site.templates
        if template.space_id in wanted and (template.blueprint is not None) == blueprints
    ]


def _render_template(template: Template, call: Call) -> Json:
    expand = call.query.texts("expand") or ()
    with_body = any(one in ("body", "body.storage") for one in expand)
    return render_template(template, call.site, call.base, with_body=with_body)


@dataclass(frozen=True)
class Views:
    """The number of views of content. GET /wiki/rest/api/analytics/content/{id}/views."""

    path: str = f"{V1}/analytics/content/{{id}}/views"

    def answer(self, call: Call) -> Answer:
        """Return the count; raises NotFoundError and NotPermittedError."""
        if "analytics" in call.missing_features:
            raise NotPermittedError
        item = find_object(call, "page", "blogpost")
        return Answer({"id": item.id, "count": views_of(item)})


CONTENT_V1: tuple[Endpoint, ...] = (
    Restrictions(),
    RestrictionsForOperation(),
    OffsetList[tuple[Person, Space]](
        path=f"{V1}/space/{{key}}/watch",
        rows=_watchers_of_space,
        render=lambda row, _: _space_watch(*row),
    ),
    OffsetList[tuple[Person, Space]](
        path=f"{V1}/content/{{id}}/notification/created",
        rows=_watchers_of_its_space,
        render=lambda row, _: _space_watch(*row),
    ),
    OffsetList[tuple[Person, int]](
        path=f"{V1}/content/{{id}}/notification/child-created",
        rows=_page_watchers,
        render=lambda row, _: render_watch("page", row[0], contentId=row[1]),
    ),
    *(
        OffsetList[Template](
            path=f"{V1}/template/{name}",
            rows=rows,
            render=_render_template,
            default_limit=25,
        )
        for name, rows in (("page", _page_templates), ("blueprint", _blueprints))
    ),
    Views(),
)
