"""What Confluence calls the things that have children or contain others: one table.

A page is listed by stream `pages`, lives at `/wiki/api/v2/pages/{id}`, is `page` in CQL, and is
named by `pageId` in the records of its children.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of thing, and its names everywhere."""

    name: str
    """The stream, or the list shared by several streams, that lists it."""
    path: str
    """Its path under the API's base URL; followed by `/{id}`, one of them."""
    id_field: str = ""
    """The field that holds its id in the records of its children and of what it contains."""
    cql_type: str = ""
    """What CQL and REST v1 call it."""
    statuses: tuple[str, ...] = ()
    """The statuses it can have that the config selects from."""
    by_id_takes_status: bool = False
    """Whether its GET by id finds trashed content only if the status is given."""


SPACE = Kind("space", "spaces", "spaceId")
PAGE = Kind(
    "pages",
    "pages",
    "pageId",
    cql_type="page",
    statuses=("current", "archived", "trashed"),
    by_id_takes_status=True,
)
BLOG_POST = Kind(
    "blog_posts",
    "blogposts",
    "blogPostId",
    cql_type="blogpost",
    statuses=("current", "trashed"),
    by_id_takes_status=True,
)
ATTACHMENT = Kind("attachments", "attachments", "attachmentId")
CUSTOM_CONTENT = Kind("custom_content", "custom-content", "customContentId")
FOOTER_COMMENT = Kind("footer_comments", "footer-comments", "commentId")
INLINE_COMMENT = Kind("inline_comments", "inline-comments", "commentId")
WHITEBOARD = Kind("whiteboards", "whiteboards", cql_type="whiteboard")
DATABASE = Kind("databases", "databases", cql_type="database")
FOLDER = Kind("folders", "folders", cql_type="folder")
EMBED = Kind("embeds", "embeds", cql_type="embed")
GROUP = Kind("group", "group", "groupId")
LABEL = Kind("labels", "labels", "labelId")
