"""Which fields hold the keys of which streams, for the diagrams in docs/streams.md.

The fields that hold the id of a parent are not listed: the parents' kinds say so.
"""

from __future__ import annotations

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
