"""Versioned objects as the v2 API returns them, with the fields that only the live API has."""

from collections.abc import Callable, Mapping
from typing import Any

from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.kinds import KINDS
from integration_tests.confluence_emulator.links import content_links, download, webui
from integration_tests.confluence_emulator.model import (
    Attachment,
    Comment,
    Content,
    CustomContent,
    TreeItem,
    Version,
    Versioned,
    current_version,
)
from integration_tests.confluence_emulator.site import Site
from integration_tests.confluence_emulator.timestamps import iso


def render(item: Versioned, site: Site, body_format: str | None = None) -> Json:
    """Return an item of any kind as its list returns it."""
    return _RENDERERS[item.kind](item, site, body_format)


def render_content(content: Content, site: Site, body_format: str | None) -> Json:
    """Return a page or blog post; its body is empty without a body format."""
    number = str(content.id)
    record: Json = {
        "id": number,
        "status": content.status,
        "title": content.title,
        "spaceId": str(content.space_id),
        "authorId": content.author,
        "createdAt": iso(content.created),
        "version": render_current_version(content),
        "body": _body(content, site, body_format),
        "_links": content_links(content, site),
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


def render_version(version: Version) -> Json:
    """Return a Version, as a list of versions returns it."""
    return {
        "number": version.number,
        "message": version.message,
        "minorEdit": version.minor_edit,
        "authorId": version.author,
        "createdAt": iso(version.created),
    }


def render_current_version(item: Versioned) -> Json:
    """Return the current Version of an item, with a field that lists of versions lack."""
    version = render_version(current_version(item))
    return {**version, "ncsStepVersion": str(item.version * 7) if item.id % 3 == 0 else None}


def _body(item: Versioned, site: Site, body_format: str | None) -> Json:
    if body_format is None:
        return {}
    bodies = site.bodies if isinstance(item, Content) else site.short_bodies
    value = bodies.value(item, body_format)
    return {body_format: {"representation": body_format, "value": value}}


def render_attachment(attachment: Attachment, _: Site, __: str | None) -> Json:
    """Return an AttachmentBulk; some files have no description of their media type."""
    api_id = KINDS["attachment"].api_id(attachment.id)
    container = str(attachment.container_id)
    link = download(attachment)
    page = f"/pages/viewpageattachments.action?pageId={container}&preview={attachment.id}"
    record: Json = {
        "id": api_id,
        "status": attachment.status,
        "title": attachment.title,
        "createdAt": iso(attachment.created),
        KINDS[attachment.container_kind].id_field: container,
        "mediaType": attachment.media_type,
        "comment": attachment.comment,
        "fileId": f"00000000-0000-4000-8000-{attachment.id:012}",
        "fileSize": attachment.file_size,
        "webuiLink": page,
        "downloadLink": link,
        "version": render_current_version(attachment),
        "_links": {"webui": page, "download": link},
    }
    if attachment.media_type.startswith("image/"):
        record["mediaTypeDescription"] = attachment.media_type.partition("/")[2].upper()
    return record


def render_custom_content(custom: CustomContent, site: Site, body_format: str | None) -> Json:
    """Return a CustomContentBulk; the container of custom content can be its space."""
    return {
        "id": str(custom.id),
        "type": custom.type,
        "status": custom.status,
        "title": custom.title,
        "spaceId": str(site.space_id(custom)),
        KINDS[custom.container_kind].id_field: str(custom.container_id),
        "authorId": custom.author,
        "createdAt": iso(custom.created),
        "version": render_current_version(custom),
        "body": _body(custom, site, body_format),
        "_links": {"webui": webui(custom, site)},
    }


def render_comment(comment: Comment, site: Site, body_format: str | None) -> Json:
    """Return a FooterCommentModel or InlineCommentModel; replies also have the container's id.

    Footer comments have a resolution, too. An open comment lacks the fields about who changed it.
    """
    kind = KINDS[comment.container_kind]
    record: Json = {
        "id": str(comment.id),
        "status": comment.status,
        "title": comment.title,
        kind.id_field: kind.api_id(comment.container_id),
        "version": render_current_version(comment),
        "body": _body(comment, site, body_format),
        "resolutionStatus": comment.resolution,
        "_links": {"webui": webui(comment, site)},
    }
    if comment.parent_id is not None:
        record["parentCommentId"] = str(comment.parent_id)
    if comment.kind == "inline_comment":
        reference, selection = f"marker-{comment.id}", f"selected text {comment.id}"
        record["properties"] = {
            "inlineMarkerRef": reference,
            "inlineOriginalSelection": selection,
            "inline-marker-ref": reference,
            "inline-original-selection": selection,
        }
    if comment.resolved is not None:
        record["resolutionLastModifierId"] = comment.resolver
        record["resolutionLastModifiedAt"] = iso(comment.resolved)
    return record


def render_tree_item(item: TreeItem, site: Site, _: str | None) -> Json:
    """Return a FolderSingle, WhiteboardSingle, DatabaseSingle or SmartLinkSingle."""
    record: Json = {
        "id": str(item.id),
        "type": item.kind,
        "status": item.status,
        "title": item.title,
        "parentId": None if item.parent_id is None else str(item.parent_id),
        "parentType": item.parent_type,
        "position": item.position,
        "authorId": item.author,
        "ownerId": item.owner,
        "createdAt": iso(item.created),
        "spaceId": str(item.space_id),
        "version": render_current_version(item),
        "_links": {"webui": webui(item, site)},
    }
    if item.kind == "embed":
        record["embedUrl"] = item.embed_url
    if item.kind == "whiteboard":
        record["_links"]["editui"] = f"{webui(item, site)}?mode=edit"
    return record


_RENDERERS: Mapping[str, Callable[[Any, Site, str | None], Json]] = {
    "page": render_content,
    "blogpost": render_content,
    "attachment": render_attachment,
    "custom_content": render_custom_content,
    "footer_comment": render_comment,
    "inline_comment": render_comment,
    "folder": render_tree_item,
    "whiteboard": render_tree_item,
    "database": render_tree_item,
    "embed": render_tree_item,
}
