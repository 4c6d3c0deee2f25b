"""What the schemas must declare: Atlassian's objects, and undocumented fields."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Documented(NamedTuple):
    """A schema in one of Atlassian's documents."""

    file_name: str
    pointer: tuple[str, ...]
    """The keys on the path to the schema."""
    at: str = ""
    """The field of our record with this object; empty if it is the record itself."""


def v1(name: str, at: str = "") -> Documented:
    return Documented("cloud-v1.json", ("components", "schemas", name), at)


def v2(name: str) -> Documented:
    return Documented("cloud-v2.json", ("components", "schemas", name))


def answer(file_name: str, path: str) -> Documented:
    content = ("get", "responses", "200", "content", "application/json", "schema")
    return Documented(file_name, ("paths", path, *content))


def below(field: str, names: Iterable[str]) -> set[str]:
    return {f"{field}.{name}" for name in names}


def listed(path: str) -> Documented:
    """Return the schema of an element of one of v2's lists."""
    content = ("get", "responses", "200", "content", "application/json", "schema")
    return Documented(
        "cloud-v2.json", ("paths", f"/{path}", *content, "properties", "results", "items")
    )


RESTRICTED_TO = (v1("User", at="user"), v1("Group", at="group"))
DOCUMENTED: dict[str, tuple[Documented, ...]] = {
    "attachment_content_properties": (v2("ContentProperty"),),
    "attachment_footer_comments": (v2("FooterCommentModel"), v2("AttachmentCommentModel")),
    "audit": (v1("AuditRecord"),),
    "blog_post_content_properties": (v2("ContentProperty"),),
    "blog_post_footer_comments": (v2("FooterCommentModel"), v2("BlogPostCommentModel")),
    "blog_post_inline_comments": (v2("InlineCommentModel"), v2("BlogPostInlineCommentModel")),
    "blog_post_restrictions": RESTRICTED_TO,
    "child_pages": (v2("ChildPage"), v2("ChildrenResponse")),
    "classification_levels": (v2("ClassificationLevel"),),
    "comment_content_properties": (v2("ContentProperty"),),
    "custom_content_content_properties": (v2("ContentProperty"),),
    "custom_content_footer_comments": (v2("FooterCommentModel"), v2("CustomContentCommentModel")),
    "custom_content_versions": (v2("CustomContentVersion"),),
    "databases": (answer("cloud-v2.json", "/databases/{id}"),),
    "embeds": (answer("cloud-v2.json", "/embeds/{id}"),),
    "folders": (answer("cloud-v2.json", "/folders/{id}"),),
    "group": (v1("Group"),),
    "group_members": (v1("User"),),
    "page_content_properties": (v2("ContentProperty"),),
    "page_footer_comments": (
        v2("FooterCommentModel"),
        v2("PageCommentModel"),
        v2("ChildrenCommentModel"),
    ),
    "page_inline_comments": (
        v2("InlineCommentModel"),
        v2("PageInlineCommentModel"),
        v2("InlineCommentChildrenModel"),
    ),
    "page_restrictions": RESTRICTED_TO,
    "page_views": (answer("cloud-v1.json", "/wiki/rest/api/analytics/content/{contentId}/views"),),
    "page_watchers": (v1("Watch"),),
    "space_properties": (v2("SpaceProperty"),),
    "space_watchers": (v1("SpaceWatch"),),
    "templates": (v1("ContentTemplate"), v1("BlueprintTemplate")),
    "users": (v1("User"), v2("User")),
    "whiteboards": (answer("cloud-v2.json", "/whiteboards/{id}"),),
}
"""By stream, if it is not what v2 documents as an element of the stream's first endpoint."""

# Confluence sends these only if a request expands them, and none of ours does. They are recursive:
# a space contains content and users, which contain spaces. Published as objects without fields.
NEVER_EXPANDED = {"Space", "WebResourceDependencies"}

VERSION_SEEN_LIVE = {"ncsStepVersion", "contributorIds", "contributorIds[]"}
VERSIONED = {"lastModifiedAt"} | below("version", VERSION_SEEN_LIVE)
WEB_LINKS_SEEN_LIVE = {"_links.base", "_links.self"}
CONTENT_LINKS_SEEN_LIVE = {"_links.edituiv2"} | WEB_LINKS_SEEN_LIVE

INCLUDED_PROPERTIES = {
    "properties",
    "properties.results",
    "properties.results[]",
    "properties.results[].id",
    "properties.results[].key",
    "properties.results[].value",
    "properties.results[].version",
    "properties.results[].version.createdAt",
    "properties.results[].version.message",
    "properties.results[].version.number",
    "properties.results[].version.minorEdit",
    "properties.results[].version.authorId",
    "properties.meta",
    "properties.meta.hasMore",
    "properties.meta.cursor",
    "properties._links",
    "properties._links.self",
} | below("properties.results[].version", VERSION_SEEN_LIVE)
INCLUDED_OPERATIONS = {
    "operations",
    "operations.results",
    "operations.results[]",
    "operations.results[].operation",
    "operations.results[].targetType",
    "operations.meta",
    "operations.meta.hasMore",
    "operations.meta.cursor",
    "operations._links",
    "operations._links.self",
}
TREE_CONTENT = VERSIONED | INCLUDED_PROPERTIES | INCLUDED_OPERATIONS | {"_links.self"}
COMMENT = (
    VERSIONED
    | WEB_LINKS_SEEN_LIVE
    | below("versions.results[]", VERSION_SEEN_LIVE)
    | below("properties.results[].version", VERSION_SEEN_LIVE)
)
FOOTER_COMMENT = COMMENT | {"resolutionStatus"}
INLINE_COMMENT = COMMENT | below("properties", ("inline-marker-ref", "inline-original-selection"))
VERSION = {"lastModifiedAt"} | VERSION_SEEN_LIVE
USER = {"accountStatus", "locale", "_links.self"}
WATCHER = below("watcher", USER) | {
    # Atlassian documents a watcher as a user without these fields; we share one definition.
    "watcher._links",
    "watcher._expandable",
    "watcher._expandable.details",
    "watcher._expandable.operations",
    "watcher._expandable.personalSpace",
}
RESTRICTION = {
    "operation",
    "principalType",
    "principalId",
    "user",
    "group",
    "group._links.self",
} | below("user", USER)
TEMPLATE_REPRESENTATIONS = (
    "storage",
    "atlas_doc_format",
    "view",
    "export_view",
    "styled_view",
    "anonymous_export_view",
    "editor",
    "editor2",
    "wiki",
)

BEYOND_THE_DOCUMENTS = {
    "attachment_content_properties": {"attachmentId"} | VERSIONED,
    "attachment_footer_comments": FOOTER_COMMENT,
    "attachment_labels": {"attachmentId"},
    "attachment_versions": {"attachmentId"} | VERSION,
    "attachments": VERSIONED | WEB_LINKS_SEEN_LIVE,
    "audit": {"id", "author.accountStatus", "author.locale"},
    "blog_post_content_properties": {"blogPostId"} | VERSIONED,
    "blog_post_footer_comments": FOOTER_COMMENT,
    "blog_post_inline_comments": INLINE_COMMENT,
    "blog_post_labels": {"blogPostId"},
    "blog_post_likes": {"blogPostId"},
    "blog_post_restrictions": {"blogPostId"} | RESTRICTION,
    "blog_post_versions": {"blogPostId"} | VERSION,
    "blog_posts": VERSIONED | CONTENT_LINKS_SEEN_LIVE,
    "child_pages": {"parentId"},
    "comment_content_properties": {"commentId"} | VERSIONED,
    "custom_content": VERSIONED | WEB_LINKS_SEEN_LIVE,
    "custom_content_content_properties": {"customContentId"} | VERSIONED,
    "custom_content_footer_comments": FOOTER_COMMENT,
    "custom_content_labels": {"customContentId"},
    "custom_content_versions": {"customContentId"} | VERSION,
    "databases": TREE_CONTENT,
    "embeds": TREE_CONTENT,
    "folders": TREE_CONTENT,
    "footer_comment_likes": {"commentId"},
    "footer_comment_versions": {"commentId"} | VERSION,
    "group": {"_links.self"},
    "group_members": {"groupId"} | USER,
    "inline_comment_likes": {"commentId"},
    "inline_comment_versions": {"commentId"} | VERSION,
    "page_content_properties": {"pageId"} | VERSIONED,
    "page_footer_comments": FOOTER_COMMENT,
    "page_inline_comments": INLINE_COMMENT,
    "page_labels": {"pageId"},
    "page_likes": {"pageId"},
    "page_restrictions": {"pageId"} | RESTRICTION,
    "page_versions": {"pageId"} | VERSION,
    "page_views": {"pageId"},
    "page_watchers": {"pageId", "accountId"} | WATCHER,
    "pages": {"sourceTemplateEntityId"} | VERSIONED | CONTENT_LINKS_SEEN_LIVE,
    "space": {"spaceOwnerId"} | WEB_LINKS_SEEN_LIVE,
    "space_labels": {"spaceId"},
    "space_permissions": {"spaceId"},
    "space_properties": {"spaceId", "lastModifiedAt", "authorId", "version.authorId"},
    "space_role_assignments": {"spaceId", "principalType", "principalId"},
    "space_watchers": {"spaceId", "accountId"} | WATCHER,
    "templates": {"spaceKey", "_links.self"}
    | {f"body.{name}._links.self" for name in TEMPLATE_REPRESENTATIONS},
    "users": USER - {"accountStatus"},
    "whiteboards": TREE_CONTENT | {"_links.edituiv2", "_links.tinyui"},
}
"""By stream, if there are any."""
