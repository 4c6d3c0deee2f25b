"""Children of comments."""

from __future__ import annotations

from math import floor

from source_confluence.streams.cursor_field import LAST_MODIFIED
from source_confluence.streams.facts import C, Facts, I, edited
from source_confluence.streams.formula import changed
from source_confluence.streams.kinds import FOOTER_COMMENT, INLINE_COMMENT
from source_confluence.streams.retrievers.endpoint import v2
from source_confluence.streams.retrievers.per_parent import PerParent
from source_confluence.streams.retrievers.versions import versions_of
from source_confluence.streams.stream import ConfluenceStream


class CommentContentProperties(ConfluenceStream):
    """The properties of every comment. GET /wiki/api/v2/comments/{id}/properties."""

    name = "comment_content_properties"
    key = ("commentId", "id")
    cloud = PerParent(
        FOOTER_COMMENT,
        INLINE_COMMENT,
        section="properties",
        endpoint=v2("comments/{id}/properties"),
    )
    facts = Facts(C + I, ("read:comment",))


class FooterCommentLikes(ConfluenceStream):
    """Who likes which footer comment. GET /wiki/api/v2/footer-comments/{id}/likes/users."""

    name = "footer_comment_likes"
    key = ("commentId", "accountId")
    cloud = PerParent(FOOTER_COMMENT, section="likes")
    facts = Facts(C, ("read:comment",))


class FooterCommentVersions(ConfluenceStream):
    """Every version of every footer comment. GET /wiki/api/v2/footer-comments/{id}/versions."""

    name = "footer_comment_versions"
    key = ("commentId", "number")
    incremental_by = LAST_MODIFIED
    cloud = versions_of(FOOTER_COMMENT)
    facts = Facts(
        edited(FOOTER_COMMENT),
        ("read:comment",),
        floor(changed(C) / 250) + 1 + changed(edited(FOOTER_COMMENT)),
    )


class InlineCommentLikes(ConfluenceStream):
    """Who likes which inline comment. GET /wiki/api/v2/inline-comments/{id}/likes/users."""

    name = "inline_comment_likes"
    key = ("commentId", "accountId")
    cloud = PerParent(INLINE_COMMENT, section="likes")
    facts = Facts(I, ("read:comment",))


class InlineCommentVersions(ConfluenceStream):
    """Every version of every inline comment. GET /wiki/api/v2/inline-comments/{id}/versions."""

    name = "inline_comment_versions"
    key = ("commentId", "number")
    incremental_by = LAST_MODIFIED
    cloud = versions_of(INLINE_COMMENT)
    facts = Facts(
        edited(INLINE_COMMENT),
        ("read:comment",),
        floor(changed(I) / 250) + 1 + changed(edited(INLINE_COMMENT)),
    )


STREAMS = (
    CommentContentProperties,
    FooterCommentLikes,
    FooterCommentVersions,
    InlineCommentLikes,
    InlineCommentVersions,
)
"""In the order in which they are read."""
