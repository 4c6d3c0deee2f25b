"""Who likes what."""

from __future__ import annotations

from abc import ABC

from source_confluence.streams.children import CursorChildren


class Likes(CursorChildren, ABC):
    """The accounts that like each parent."""

    section = "likes"
    wants_every_parent = True


class PageLikes(Likes):
    """Who likes which page. GET /wiki/api/v2/pages/{id}/likes/users."""

    name = "page_likes"
    parents = ("pages",)
    parent_key = "pageId"
    endpoint = "pages/{pageId}/likes/users"
    key = ("pageId", "accountId")


class BlogPostLikes(Likes):
    """Who likes which blog post. GET /wiki/api/v2/blogposts/{id}/likes/users."""

    name = "blog_post_likes"
    parents = ("blog_posts",)
    parent_key = "blogPostId"
    endpoint = "blogposts/{blogPostId}/likes/users"
    key = ("blogPostId", "accountId")


class FooterCommentLikes(Likes):
    """Who likes which footer comment. GET /wiki/api/v2/footer-comments/{id}/likes/users."""

    name = "footer_comment_likes"
    parents = ("footer_comments",)
    parent_key = "commentId"
    endpoint = "footer-comments/{commentId}/likes/users"
    key = ("commentId", "accountId")


class InlineCommentLikes(Likes):
    """Who likes which inline comment. GET /wiki/api/v2/inline-comments/{id}/likes/users."""

    name = "inline_comment_likes"
    parents = ("inline_comments",)
    parent_key = "commentId"
    endpoint = "inline-comments/{commentId}/likes/users"
    key = ("commentId", "accountId")
