"""Content as the v2 API writes it (PageBulk, BlogPostBulk), with the fields only seen live."""

from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.model import Content
from integration_tests.confluence_emulator.site import Site
from integration_tests.confluence_emulator.timestamps import iso


def render_content(content: Content, site: Site, body_format: str | None) -> Json:
    """Return a page or a blog post with its body in that format, or an empty body."""
    number = str(content.id)
    record: Json = {
        "id": number,
        "status": content.status,
        "title": content.title,
        "spaceId": str(content.space_id),
        "authorId": content.author,
        "createdAt": iso(content.created),
        "version": _version(content),
        "body": _body(content, site, body_format),
        "_links": _links(content, number),
    }
    if content.kind == "page":
        record |= {
            "parentId": None if content.parent_id is None else str(content.parent_id),
            "parentType": content.parent_type,
            "position": content.position,
            "ownerId": content.owner,
            "lastOwnerId": content.last_owner,
            "subtype": content.subtype,
            "sourceTemplateEntityId": None if content.id % 5 else "1572867",
        }
    return record


def _version(content: Content) -> Json:
    return {
        "number": content.version,
        "message": content.version_message,
        "minorEdit": content.minor_edit,
        "authorId": content.version_author,
        "createdAt": iso(content.modified),
        "ncsStepVersion": str(content.version * 7) if content.id % 3 == 0 else None,
    }


def _body(content: Content, site: Site, body_format: str | None) -> Json:
    if body_format is None:
        return {}
    value = site.bodies.value(content, body_format)
    return {body_format: {"representation": body_format, "value": value}}


def _links(content: Content, number: str) -> Json:
    return {
        "webui": f"/spaces/{content.space_id}/{content.kind}s/{number}",
        "editui": f"/pages/resumedraft.action?draftId={number}",
        "edituiv2": f"/spaces/{content.space_id}/{content.kind}s/edit-v2/{number}",
        "tinyui": f"/x/{content.id:x}",
    }
