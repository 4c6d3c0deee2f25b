"""The kinds of objects that the v2 API serves by id, and their names in the API."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of object."""

    name: str
    path: str
    """The collection's name in v2 paths."""
    entity: str
    """Its name in error messages."""
    id_field: str
    """The field in other records that refers to it."""
    prefix: str = ""
    """The prefix of its ids, before the number."""

    def api_id(self, number: int) -> str:
        """Return an id in the API's form."""
        return f"{self.prefix}{number}"

    def number(self, text: str) -> int | None:
        """Return the number in an id, or None if the id isn't of this kind."""
        digits = text.removeprefix(self.prefix)
        return int(digits) if text.startswith(self.prefix) and digits.isdecimal() else None


_ALL = (
    Kind("space", "spaces", "Space", "spaceId"),
    Kind("page", "pages", "Page", "pageId"),
    Kind("blogpost", "blogposts", "BlogPost", "blogPostId"),
    Kind("attachment", "attachments", "Attachment", "attachmentId", "att"),
    Kind("custom_content", "custom-content", "CustomContent", "customContentId"),
    Kind("footer_comment", "footer-comments", "Comment", "commentId"),
    Kind("inline_comment", "inline-comments", "Comment", "commentId"),
    Kind("folder", "folders", "Folder", "folderId"),
    Kind("whiteboard", "whiteboards", "Whiteboard", "whiteboardId"),
    Kind("database", "databases", "Database", "databaseId"),
    Kind("embed", "embeds", "Embed", "embedId"),
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ALL}

TREE_KINDS = ("folder", "whiteboard", "database", "embed")
COMMENT_KINDS = ("footer_comment", "inline_comment")

CUSTOM_TYPES = (
    "ac:com.mxgraph.confluence.plugins.diagramly:drawio-diagram",
    "com.atlassian.confluence.extra.team-calendars:calendar-content-type",
    "forge:2c0f6c9e-0a0f-4c58-9a3e-5d3e1f1c6b77:8b0c1f6f-8f4e-4a55-b5a4-1d3b5b0c9e42:kanban-board",
    "ac:com.example.never-used:thing",
)
"""The custom content types that the site's apps declare; the last one has no instances."""

TYPE_NOT_IN_V2 = "ac:com.example.not-in-v2:thing"
"""A type that search names and for which v2's lists answer 400."""
