"""A site with comments on every kind of content that can have comments."""

from __future__ import annotations

from typing import Any

from unit_tests.fake_site import FakeSite, Json, page
from unit_tests.fakes import make_setup
from unit_tests.run_sync import Outcome, entry, run_sync

FOOTER = (
    "page_footer_comments",
    "blog_post_footer_comments",
    "attachment_footer_comments",
    "custom_content_footer_comments",
)
OLD, SINCE, NEW = (f"2025-0{month}-01T00:00:00.000Z" for month in (1, 5, 6))


def comment(comment_id: int, modified: str = OLD, **more: Any) -> Json:
    return {
        "id": str(comment_id),
        "status": "current",
        "version": {"number": 1, "createdAt": modified},
        **more,
    }


def add_comments(site: FakeSite) -> FakeSite:
    """Add a comment on every kind of content, and a reply."""
    site.pages, site.blogposts = [page(1)], [page(2)]
    site.lists["footer-comments"] = [
        comment(11, pageId="1"),
        comment(12, pageId="1", parentCommentId="11"),
        comment(13, blogPostId="2"),
        comment(14, attachmentId="att3"),
        comment(15, customContentId="4"),
    ]
    site.lists["inline-comments"] = [comment(21, pageId="1"), comment(22, blogPostId="2")]
    return site


def read(*names: str, states: dict[str, Json] | None = None, **config: Any) -> Outcome:
    setup = make_setup(**config)
    return run_sync(setup, [entry(name) for name in names], states)
