"""What we read: the catalogue of streams, in the order in which they are read."""

from __future__ import annotations

from source_confluence.connection import Connection
from source_confluence.streams.audit import Audit
from source_confluence.streams.base import ConfluenceStream
from source_confluence.streams.content import BlogPosts, Pages
from source_confluence.streams.groups import Groups
from source_confluence.streams.spaces import Spaces
from source_confluence.sync.spaces import SpaceSelection


def catalogue(connection: Connection) -> tuple[list[ConfluenceStream], SpaceSelection]:
    """Return every stream, and the selection of spaces that they share; makes no request."""
    spaces = Spaces(connection)
    selection = SpaceSelection(spaces.every, connection.config)
    streams: list[ConfluenceStream] = [
        Pages(connection, selection),
        BlogPosts(connection, selection),
        spaces,
        Groups(connection),
        Audit(connection),
    ]
    return streams, selection
