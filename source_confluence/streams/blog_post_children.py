"""Children of blog posts."""

from __future__ import annotations

from math import ceil, floor

from source_confluence.streams.cursor_field import LAST_MODIFIED
from source_confluence.streams.facts import (
    B,
    Facts,
    L,
    edited,
    in_archived_spaces,
    labeled,
    not_current,
)
from source_confluence.streams.formula import changed
from source_confluence.streams.kinds import BLOG_POST
from source_confluence.streams.retrievers.by_label import LabelsOf
from source_confluence.streams.retrievers.per_parent import PerParent
from source_confluence.streams.retrievers.restrictions import Restrictions
from source_confluence.streams.retrievers.versions import versions_of
from source_confluence.streams.stream import ConfluenceStream


class BlogPostLabels(ConfluenceStream):
    """The labels of every blog post.

    GET /wiki/api/v2/labels/{id}/blogposts, or blogposts/{id}/labels.
    """

    name = "blog_post_labels"
    key = ("blogPostId", "id")
    cloud = LabelsOf(BLOG_POST)
    facts = Facts(
        (L + floor(labeled(BLOG_POST) / 250) + not_current(BLOG_POST)).unless_more(L, B, B),
        ("read:page",),
    )


class BlogPostContentProperties(ConfluenceStream):
    """The properties of every blog post. GET /wiki/api/v2/blogposts/{id}/properties."""

    name = "blog_post_content_properties"
    key = ("blogPostId", "id")
    cloud = PerParent(BLOG_POST, section="properties")
    facts = Facts(B, ("read:page",))


class BlogPostLikes(ConfluenceStream):
    """Who likes which blog post. GET /wiki/api/v2/blogposts/{id}/likes/users."""

    name = "blog_post_likes"
    key = ("blogPostId", "accountId")
    cloud = PerParent(BLOG_POST, section="likes")
    facts = Facts(B, ("read:page",))


class BlogPostVersions(ConfluenceStream):
    """Every version of every blog post. GET /wiki/api/v2/blogposts/{id}/versions."""

    name = "blog_post_versions"
    key = ("blogPostId", "number")
    incremental_by = LAST_MODIFIED
    cloud = versions_of(BLOG_POST)
    facts = Facts(
        edited(BLOG_POST),
        ("read:page",),
        floor(changed(B) / 250) + 1 + changed(edited(BLOG_POST)),
    )


class BlogPostRestrictions(ConfluenceStream):
    """Restrictions set on blog posts. GET /wiki/rest/api/content/search, expanding restrictions."""

    name = "blog_post_restrictions"
    key = ("blogPostId", "operation", "principalType", "principalId")
    cloud = Restrictions(BLOG_POST)
    facts = Facts(
        3 * ceil(B / 250) + not_current(BLOG_POST) + in_archived_spaces(BLOG_POST),
        ("read:content-details",),
    )


STREAMS = (
    BlogPostLabels,
    BlogPostContentProperties,
    BlogPostLikes,
    BlogPostVersions,
    BlogPostRestrictions,
)
"""In the order in which they are read."""
