"""Comments with their replies, by what they are on."""

from __future__ import annotations

from math import ceil, floor

from source_confluence.streams.cursor_field import LAST_MODIFIED, RESOLVED
from source_confluence.streams.facts import C, Facts, I
from source_confluence.streams.formula import changed
from source_confluence.streams.kinds import (
    ATTACHMENT,
    BLOG_POST,
    CUSTOM_CONTENT,
    FOOTER_COMMENT,
    INLINE_COMMENT,
    PAGE,
)
from source_confluence.streams.retrievers.comments import AllComments, CommentsOn
from source_confluence.streams.stream import ConfluenceStream
from source_confluence.streams.sync.run import Declaration

FOOTER_COMMENTS = AllComments(FOOTER_COMMENT, INLINE_COMMENT)
INLINE_COMMENTS = AllComments(INLINE_COMMENT, FOOTER_COMMENT, also_changed=RESOLVED)
SCOPES = ("read:comment", "read:content-details")
FOOTER = Facts(
    ceil(C / 250),
    SCOPES,
    floor(changed(C) / 250) + 1,
    list_cost=ceil(C / 250),
    once_for="all four",
    counted_as="comment",
)
INLINE = Facts(
    ceil(I / 250),
    SCOPES,
    ceil(I / 250),
    list_cost=ceil(I / 250),
    once_for="both",
    counted_as="comment",
)

LISTS = (
    Declaration(
        FOOTER_COMMENT.name,
        FOOTER_COMMENTS,
        FOOTER,
        cursor_field=LAST_MODIFIED,
    ),
    Declaration(
        INLINE_COMMENT.name,
        INLINE_COMMENTS,
        INLINE,
        cursor_field=LAST_MODIFIED,
    ),
)
"""The comments of one kind, whatever they are on."""


class PageFooterComments(ConfluenceStream):
    """Footer comments on pages. GET /wiki/api/v2/footer-comments."""

    name = "page_footer_comments"
    incremental_by = LAST_MODIFIED
    cloud = CommentsOn(PAGE, FOOTER_COMMENTS)
    facts = FOOTER


class BlogPostFooterComments(ConfluenceStream):
    """Footer comments on blog posts. GET /wiki/api/v2/footer-comments."""

    name = "blog_post_footer_comments"
    incremental_by = LAST_MODIFIED
    cloud = CommentsOn(BLOG_POST, FOOTER_COMMENTS)
    facts = FOOTER


class AttachmentFooterComments(ConfluenceStream):
    """Footer comments on attachments. GET /wiki/api/v2/footer-comments."""

    name = "attachment_footer_comments"
    incremental_by = LAST_MODIFIED
    cloud = CommentsOn(ATTACHMENT, FOOTER_COMMENTS)
    facts = FOOTER


class CustomContentFooterComments(ConfluenceStream):
    """Footer comments on custom content. GET /wiki/api/v2/footer-comments."""

    name = "custom_content_footer_comments"
    incremental_by = LAST_MODIFIED
    cloud = CommentsOn(CUSTOM_CONTENT, FOOTER_COMMENTS)
    facts = FOOTER


class PageInlineComments(ConfluenceStream):
    """Inline comments on pages. GET /wiki/api/v2/inline-comments."""

    name = "page_inline_comments"
    incremental_by = LAST_MODIFIED
    cloud = CommentsOn(PAGE, INLINE_COMMENTS)
    facts = INLINE


class BlogPostInlineComments(ConfluenceStream):
    """Inline comments on blog posts. GET /wiki/api/v2/inline-comments."""

    name = "blog_post_inline_comments"
    incremental_by = LAST_MODIFIED
    cloud = CommentsOn(BLOG_POST, INLINE_COMMENTS)
    facts = INLINE


STREAMS = (
    PageFooterComments,
    BlogPostFooterComments,
    AttachmentFooterComments,
    CustomContentFooterComments,
    PageInlineComments,
    BlogPostInlineComments,
)
"""In the order in which they are read."""
