"""Pages, blog posts, and what lies next to them in a space."""

from __future__ import annotations

from math import ceil, floor

from source_confluence.streams.cursor_field import LAST_MODIFIED, UPDATED
from source_confluence.streams.facts import NO_REQUEST, A, B, Facts, K, P, T, Y, found
from source_confluence.streams.formula import changed
from source_confluence.streams.kinds import BLOG_POST, DATABASE, EMBED, FOLDER, PAGE, WHITEBOARD
from source_confluence.streams.retrievers.by_space import BySpace
from source_confluence.streams.retrievers.contained import Attachments as AttachmentList
from source_confluence.streams.retrievers.custom_content import CustomContent as CustomContentList
from source_confluence.streams.retrievers.search_then_get import SearchThenGet
from source_confluence.streams.retrievers.tasks import Tasks as TaskList
from source_confluence.streams.stream import ConfluenceStream


class Pages(ConfluenceStream):
    """Every page. GET /wiki/api/v2/pages."""

    name = "pages"
    incremental_by = LAST_MODIFIED
    cloud = BySpace(PAGE)
    facts = Facts(
        ceil(P / 150),
        ("read:page",),
        floor(changed(P) / 250) + 1,
        list_cost=ceil(P / 250),
        is_for_bodies=True,
        counted_as=PAGE.cql_type,
    )


class BlogPosts(ConfluenceStream):
    """Every blog post. GET /wiki/api/v2/blogposts; blog posts cannot be archived."""

    name = "blog_posts"
    incremental_by = LAST_MODIFIED
    cloud = BySpace(BLOG_POST)
    facts = Facts(
        ceil(B / 150),
        ("read:page",),
        floor(changed(B) / 250) + 1,
        list_cost=ceil(B / 250),
        is_for_bodies=True,
        counted_as=BLOG_POST.cql_type,
    )


class Attachments(ConfluenceStream):
    """Every attachment. GET /wiki/api/v2/attachments."""

    name = "attachments"
    incremental_by = LAST_MODIFIED
    cloud = AttachmentList()
    facts = Facts(
        NO_REQUEST,
        ("read:attachment",),
        floor(changed(A) / 250) + 1,
        list_cost=ceil(A / 250),
        counted_as="attachment",
    )


class CustomContent(ConfluenceStream):
    """All custom content of all types. GET /wiki/api/v2/custom-content?type=..."""

    name = "custom_content"
    incremental_by = LAST_MODIFIED
    cloud = CustomContentList()
    facts = Facts(
        ceil(K / 250) + 2 * Y,
        ("read:custom-content", "read:content-details"),
        floor(changed(K) / 250) + 2 * Y + 1,
        list_cost=ceil(K / 250) + Y,
    )


class Whiteboards(ConfluenceStream):
    """Every whiteboard that a search or a page names. GET /wiki/api/v2/whiteboards/{id}."""

    name = "whiteboards"
    cloud = SearchThenGet(WHITEBOARD)
    facts = Facts(
        ceil(found(WHITEBOARD) / 200) + found(WHITEBOARD),
        ("read:content-details", "read:whiteboard"),
    )


class Databases(ConfluenceStream):
    """Every database that a search or a page names. GET /wiki/api/v2/databases/{id}."""

    name = "databases"
    cloud = SearchThenGet(DATABASE)
    facts = Facts(
        ceil(found(DATABASE) / 200) + found(DATABASE),
        ("read:content-details", "read:database"),
    )


class Folders(ConfluenceStream):
    """Every folder that a search or a page names. GET /wiki/api/v2/folders/{id}."""

    name = "folders"
    cloud = SearchThenGet(FOLDER)
    facts = Facts(
        ceil(found(FOLDER) / 200) + found(FOLDER),
        ("read:content-details", "read:folder"),
    )


class Embeds(ConfluenceStream):
    """Every smart link that a search or a page names. GET /wiki/api/v2/embeds/{id}."""

    name = "embeds"
    cloud = SearchThenGet(EMBED)
    facts = Facts(
        ceil(found(EMBED) / 200) + found(EMBED),
        ("read:content-details", "read:embed"),
    )


class Tasks(ConfluenceStream):
    """Every task. GET /wiki/api/v2/tasks."""

    name = "tasks"
    incremental_by = UPDATED
    cloud = TaskList()
    facts = Facts(
        ceil(T / 250),
        ("read:page", "read:task"),
        floor(changed(T) / 250)
        + floor(changed(P) / 250)
        + ceil(changed(P) / 250)
        + floor(changed(B) / 250)
        + ceil(changed(B) / 250)
        + 4,
    )


STREAMS = (
    Pages,
    BlogPosts,
    Attachments,
    CustomContent,
    Whiteboards,
    Databases,
    Folders,
    Embeds,
    Tasks,
)
"""In the order in which they are read."""
