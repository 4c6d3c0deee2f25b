"""Pages, blog posts, and what lies next to them in a space."""

from __future__ import annotations

from source_confluence.streams.cursor_field import LAST_MODIFIED, UPDATED
from source_confluence.streams.facts import Facts
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
        "⌈P/250⌉",
        ("read:page",),
        "⌊ΔP/250⌋ + 1",
        list_cost="⌈P/250⌉",
        counted_as=PAGE.cql_type,
    )


class BlogPosts(ConfluenceStream):
    """Every blog post. GET /wiki/api/v2/blogposts; blog posts cannot be archived."""

    name = "blog_posts"
    incremental_by = LAST_MODIFIED
    cloud = BySpace(BLOG_POST)
    facts = Facts(
        "⌈B/250⌉",
        ("read:page",),
        "⌊ΔB/250⌋ + 1",
        list_cost="⌈B/250⌉",
        counted_as=BLOG_POST.cql_type,
    )


class Attachments(ConfluenceStream):
    """Every attachment. GET /wiki/api/v2/attachments."""

    name = "attachments"
    incremental_by = LAST_MODIFIED
    cloud = AttachmentList()
    facts = Facts(
        "⌈A/250⌉",
        ("read:attachment",),
        "⌊ΔA/250⌋ + 1",
        list_cost="⌈A/250⌉",
        counted_as="attachment",
    )


class CustomContent(ConfluenceStream):
    """All custom content of all types. GET /wiki/api/v2/custom-content?type=..."""

    name = "custom_content"
    incremental_by = LAST_MODIFIED
    cloud = CustomContentList()
    facts = Facts(
        "⌈K/250⌉ + 2·Y",
        ("read:custom-content", "read:content-details"),
        "⌊ΔK/250⌋ + 2·Y + 1",
        list_cost="⌈K/250⌉ + Y",
    )


class Whiteboards(ConfluenceStream):
    """Every whiteboard that a search or a page names. GET /wiki/api/v2/whiteboards/{id}."""

    name = "whiteboards"
    cloud = SearchThenGet(WHITEBOARD)
    facts = Facts("⌈W/200⌉ + W", ("read:content-details", "read:whiteboard"))


class Databases(ConfluenceStream):
    """Every database that a search or a page names. GET /wiki/api/v2/databases/{id}."""

    name = "databases"
    cloud = SearchThenGet(DATABASE)
    facts = Facts("⌈W/200⌉ + W", ("read:content-details", "read:database"))


class Folders(ConfluenceStream):
    """Every folder that a search or a page names. GET /wiki/api/v2/folders/{id}."""

    name = "folders"
    cloud = SearchThenGet(FOLDER)
    facts = Facts("⌈W/200⌉ + W", ("read:content-details", "read:folder"))


class Embeds(ConfluenceStream):
    """Every smart link that a search or a page names. GET /wiki/api/v2/embeds/{id}."""

    name = "embeds"
    cloud = SearchThenGet(EMBED)
    facts = Facts("⌈W/200⌉ + W", ("read:content-details", "read:embed"))


class Tasks(ConfluenceStream):
    """Every task. GET /wiki/api/v2/tasks."""

    name = "tasks"
    incremental_by = UPDATED
    cloud = TaskList()
    facts = Facts(
        "⌈T/250⌉",
        ("read:page", "read:task"),
        "⌊ΔT/250⌋ + ⌊ΔP/250⌋ + ⌈ΔP/250⌉ + ⌊ΔB/250⌋ + ⌈ΔB/250⌉ + 4",
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
