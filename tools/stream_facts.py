"""Facts in docs/streams.md that the stream classes do not state: costs, scopes, links.

This is their only place. unit_tests/test_docs.py finds missing and stale ones.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Facts:
    """How many requests a sync of one stream sends itself, and what it shares with others."""

    full: str
    """Requests of a full sync: a formula over the sizes that docs/streams.md explains."""
    later: str = ""
    """Requests of an incremental sync with a state. Empty if they are the same."""
    lists: tuple[str, ...] = ()
    """The lists that a full sync shares with other streams, apart from those of its parents."""
    endpoints: tuple[str, ...] = ()
    """The endpoints, if the attributes of the class do not name all of them."""


_SEARCH = "v1 content/search"
_RESTRICTIONS = (_SEARCH, "v1 content/{id}/restriction/byOperation/{operation}")
_FOOTER_COMMENTS = Facts(
    "⌈C/250⌉, once for all four",
    "⌊ΔC/250⌋ + 1, once for all four",
    endpoints=("v2 footer-comments", "v2 footer-comments/{id}/children", "v1 search"),
)
_INLINE_COMMENTS = Facts(
    "⌈I/250⌉, once for both",
    "⌊ΔI/250⌋ + 1, once for both",
    endpoints=("v2 inline-comments", "v2 inline-comments/{id}/children", "v1 search"),
)
_TREE_CONTENT = Facts("⌈W/100⌉ + W", lists=("space",))

GROUPS: dict[str, dict[str, Facts]] = {
    "Content": {
        "pages": Facts("⌈P/250⌉ + N", "⌊ΔP/250⌋ + 1", lists=("space",)),
        "blog_posts": Facts("⌈B/250⌉ + N", "⌊ΔB/250⌋ + 1", lists=("space",)),
        "attachments": Facts("⌈A/250⌉", "⌊ΔA/250⌋ + 1"),
        "custom_content": Facts(
            "⌈K/250⌉ + Y", "⌊ΔK/250⌋ + Y + 1", endpoints=("v2 custom-content", _SEARCH)
        ),
        "whiteboards": _TREE_CONTENT,
        "databases": _TREE_CONTENT,
        "folders": _TREE_CONTENT,
        "embeds": _TREE_CONTENT,
        "tasks": Facts(
            "⌈T/250⌉",
            "⌊ΔT/250⌋ + ⌊ΔP/250⌋ + ⌈ΔP/250⌉ + ⌊ΔB/250⌋ + ⌈ΔB/250⌉ + 4",
            endpoints=("v2 tasks", "v2 pages", "v2 blogposts"),
        ),
    },
    "Comments": {
        "page_footer_comments": _FOOTER_COMMENTS,
        "blog_post_footer_comments": _FOOTER_COMMENTS,
        "attachment_footer_comments": _FOOTER_COMMENTS,
        "custom_content_footer_comments": _FOOTER_COMMENTS,
        "page_inline_comments": _INLINE_COMMENTS,
        "blog_post_inline_comments": _INLINE_COMMENTS,
    },
    "Spaces and their children": {
        "space": Facts("0", lists=("space",)),
        "space_properties": Facts("S"),
        "space_permissions": Facts("S"),
        "space_role_assignments": Facts("S", lists=("space_roles",)),
        "space_labels": Facts("S"),
        "space_watchers": Facts("S"),
        "space_roles": Facts("0", lists=("space_roles",)),
    },
    "Children of pages": {
        "child_pages": Facts("0", lists=("pages",)),
        "page_labels": Facts("L + ⌊X/250⌋ + Z, or P", lists=("labels",)),
        "page_content_properties": Facts("P"),
        "page_likes": Facts("P"),
        "page_versions": Facts("V", "⌊ΔP/250⌋ + 1 + ΔV"),
        "page_restrictions": Facts("3·⌈P/250⌉ + 2·Z", endpoints=_RESTRICTIONS),
        "page_watchers": Facts("P"),
        "page_views": Facts("P"),
    },
    "Children of blog posts": {
        "blog_post_labels": Facts("L + ⌊X/250⌋ + Z, or B", lists=("labels",)),
        "blog_post_content_properties": Facts("B"),
        "blog_post_likes": Facts("B"),
        "blog_post_versions": Facts("V", "⌊ΔB/250⌋ + 1 + ΔV"),
        "blog_post_restrictions": Facts("3·⌈B/250⌉ + 2·Z", endpoints=_RESTRICTIONS),
    },
    "Children of attachments": {
        "attachment_labels": Facts("L + ⌊X/250⌋ + Z, or A", lists=("labels",)),
        "attachment_content_properties": Facts("A"),
        "attachment_versions": Facts("V", "⌊ΔA/250⌋ + 1 + ΔV"),
    },
    "Children of custom content": {
        "custom_content_labels": Facts("K"),
        "custom_content_content_properties": Facts("K"),
        "custom_content_versions": Facts("V", "⌊ΔK/250⌋ + Y + 1 + ΔV"),
    },
    "Children of comments": {
        "comment_content_properties": Facts("C + I"),
        "footer_comment_likes": Facts("C"),
        "footer_comment_versions": Facts("V", "⌊ΔC/250⌋ + 1 + ΔV"),
        "inline_comment_likes": Facts("I"),
        "inline_comment_versions": Facts("V", "⌊ΔI/250⌋ + 1 + ΔV"),
    },
    "The site": {
        "labels": Facts("0", lists=("labels",)),
        "classification_levels": Facts("1"),
        "templates": Facts(
            "2·(S + 1)",
            lists=("space",),
            endpoints=("v1 template/page", "v1 template/blueprint"),
        ),
    },
    "People and what they did": {
        "group": Facts("0", lists=("group",)),
        "group_members": Facts("G"),
        "users": Facts(
            "⌈U/200⌉ + ⌈O/250⌉",
            lists=("pages", "blog_posts"),
            endpoints=("v1 search/user", "v2 users-bulk"),
        ),
        "audit": Facts("⌈R/1000⌉", "⌈ΔR/1000⌉"),
    },
}
"""The streams, in the order in which `discover` lists them."""

HIDDEN = {"footer_comments": _FOOTER_COMMENTS, "inline_comments": _INLINE_COMMENTS}
"""Lists that only other streams read."""

LISTS = {
    "pages": "⌈P/250⌉",
    "blog_posts": "⌈B/250⌉",
    "attachments": "⌈A/250⌉",
    "custom_content": "⌈K/250⌉ + Y",
    "footer_comments": "⌈C/250⌉",
    "inline_comments": "⌈I/250⌉",
    "space": "⌈S/250⌉ + 1",
    "labels": "⌈L/250⌉",
    "group": "⌈G/200⌉",
    "space_roles": "1",
}
"""The requests of each list that streams share."""

SCOPES = {
    "v2 attachments": ("read:attachment",),
    "v2 blogposts": ("read:page",),
    "v2 classification-levels": ("read:configuration",),
    "v2 comments": ("read:comment",),
    "v2 custom-content": ("read:custom-content",),
    "v2 databases": ("read:database",),
    "v2 embeds": ("read:embed",),
    "v2 folders": ("read:folder",),
    "v2 footer-comments": ("read:comment",),
    "v2 inline-comments": ("read:comment",),
    "v2 labels": ("read:label",),
    "v2 labels/{id}/attachments": ("read:attachment",),
    "v2 labels/{id}/blogposts": ("read:page",),
    "v2 labels/{id}/pages": ("read:page",),
    "v2 pages": ("read:page",),
    "v2 space-roles": ("read:space.permission",),
    "v2 spaces": ("read:space",),
    "v2 spaces/{id}/role-assignments": ("read:space.permission",),
    "v2 tasks": ("read:task",),
    "v2 users-bulk": ("read:user",),
    "v2 whiteboards": ("read:whiteboard",),
    "v1 analytics": ("read:analytics.content",),
    "v1 audit": ("read:audit-log",),
    "v1 content/search": ("read:content-details",),
    "v1 content/{id}/notification": ("read:watcher", "read:user"),
    "v1 content/{id}/restriction": ("read:content-details",),
    "v1 group": ("read:group",),
    "v1 group/{id}/membersByGroupId": ("read:group", "read:user"),
    "v1 search": ("read:content-details",),
    "v1 space/{id}/watch": ("read:watcher", "read:user"),
    "v1 template": ("read:template", "read:content-details"),
}
"""Granular scopes, without `:confluence`, by prefix of the endpoint. The longest prefix wins."""

RIGHTS = {
    "audit": "Confluence administrator",
    "users": "may see user profiles",
}
"""The rights that an account needs beyond seeing the content."""

TARGETS = {
    "pageId": ("pages",),
    "blogPostId": ("blog_posts",),
    "attachmentId": ("attachments",),
    "customContentId": ("custom_content",),
    "spaceId": ("space",),
    "groupId": ("group",),
    "roleId": ("space_roles",),
    "homepageId": ("pages",),
    "personalSpaceId": ("space",),
    "accountId": ("users",),
    "authorId": ("users",),
    "ownerId": ("users",),
    "lastOwnerId": ("users",),
    "spaceOwnerId": ("users",),
    "createdBy": ("users",),
    "assignedTo": ("users",),
    "completedBy": ("users",),
    "resolutionLastModifierId": ("users",),
    "principalId": ("users", "group"),
}
"""The streams whose key a field holds, in every stream that has the field."""

TARGETS_IN_A_STREAM = {
    **{
        (stream, "parentId"): ("pages",)
        for stream in ("pages", "whiteboards", "databases", "folders", "embeds", "child_pages")
    },
    ("child_pages", "id"): ("pages",),
    ("footer_comments", "parentCommentId"): ("footer_comments",),
    ("inline_comments", "parentCommentId"): ("inline_comments",),
    **{
        (f"{parent}_labels", "id"): ("labels",)
        for parent in ("page", "blog_post", "attachment", "custom_content", "space")
    },
}
"""The streams whose key a field holds, for fields whose meaning depends on the stream."""
