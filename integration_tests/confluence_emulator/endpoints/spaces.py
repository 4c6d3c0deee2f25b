"""Spaces. GET /wiki/api/v2/spaces."""

from collections.abc import Collection

from integration_tests.confluence_emulator.endpoint import V2, Call, Endpoint
from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.listing import (
    Filter,
    List,
    choice_filter,
    id_filter,
    texts_filter,
)
from integration_tests.confluence_emulator.model import Space
from integration_tests.confluence_emulator.timestamps import iso

_TYPES = (
    "global",
    "collaboration",
    "knowledge_base",
    "personal",
    "system",
    "onboarding",
    "xflow_sample_space",
)


def render_space(space: Space, description_format: str | None, icon: bool) -> Json:
    """Return a SpaceBulk with the live-only `spaceOwnerId`."""
    description = None
    if description_format and space.description is not None:
        text = {"representation": description_format, "value": space.description}
        description = {description_format: text}
    return {
        "id": str(space.id),
        "key": space.key,
        "name": space.name,
        "type": space.type,
        "status": space.status,
        "authorId": space.author,
        "spaceOwnerId": space.author,
        "currentActiveAlias": space.alias,
        "createdAt": iso(space.created),
        "homepageId": None if space.homepage_id is None else str(space.homepage_id),
        "description": description,
        "icon": _icon(space) if icon else None,
        "_links": {"webui": f"/spaces/{space.key}"},
    }


def _icon(space: Space) -> Json:
    path = f"/wiki/aa-avatar/{space.author}" if space.type == "personal" else "/images/logo.png"
    return {"path": path, "apiDownloadLink": None if space.type == "personal" else path}


def _render(space: Space, call: Call) -> Json:
    return render_space(
        space, call.query.text("description-format"), call.query.flag("include-icon")
    )


def _wanted_statuses(call: Call) -> Collection[object] | None:
    status = call.query.choice("status", ("current", "archived"))
    if status is None:
        return None if call.site.spec.archived_spaces_by_default else ("current",)
    return (status,)


SPACES: tuple[Endpoint, ...] = (
    List[Space](
        path=f"{V2}/spaces",
        rows=lambda call: call.site.spaces,
        identity=lambda space: space.id,
        render=_render,
        sorts={
            "id": lambda space: space.id,
            "key": lambda space: space.key,
            "name": lambda space: space.name,
        },
        filters=(
            id_filter("ids", 250, lambda space: space.id),
            texts_filter("keys", 250, lambda space: space.key),
            choice_filter("type", _TYPES, lambda space: space.type),
            Filter(_wanted_statuses, lambda space: space.status),
        ),
        choices={"description-format": ("plain", "view"), "include-icon": ("true", "false")},
    ),
)
