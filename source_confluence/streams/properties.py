"""Content properties: what apps have stored with content and comments."""

from __future__ import annotations

from abc import ABC

from source_confluence.streams.children import CursorChildren


class ContentProperties(CursorChildren, ABC):
    """The properties of each parent, whatever their values are."""

    section = "properties"
    wants_every_parent = True


class PageContentProperties(ContentProperties):
    """The properties of every page. GET /wiki/api/v2/pages/{id}/properties."""

    name = "page_content_properties"
    parents = ("pages",)
    parent_key = "pageId"
    endpoint = "pages/{pageId}/properties"
    key = ("pageId", "id")


class BlogPostContentProperties(ContentProperties):
    """The properties of every blog post. GET /wiki/api/v2/blogposts/{id}/properties."""

    name = "blog_post_content_properties"
    parents = ("blog_posts",)
    parent_key = "blogPostId"
    endpoint = "blogposts/{blogPostId}/properties"
    key = ("blogPostId", "id")


class AttachmentContentProperties(ContentProperties):
    """The properties of every attachment. GET /wiki/api/v2/attachments/{id}/properties."""

    name = "attachment_content_properties"
    parents = ("attachments",)
    parent_key = "attachmentId"
    endpoint = "attachments/{attachmentId}/properties"
    key = ("attachmentId", "id")


class CustomContentContentProperties(ContentProperties):
    """The properties of all custom content. GET /wiki/api/v2/custom-content/{id}/properties."""

    name = "custom_content_content_properties"
    parents = ("custom_content",)
    parent_key = "customContentId"
    endpoint = "custom-content/{customContentId}/properties"
    key = ("customContentId", "id")


class CommentContentProperties(ContentProperties):
    """The properties of every comment. GET /wiki/api/v2/comments/{id}/properties."""

    name = "comment_content_properties"
    parents = ("footer_comments", "inline_comments")
    parent_key = "commentId"
    endpoint = "comments/{commentId}/properties"
    key = ("commentId", "id")
