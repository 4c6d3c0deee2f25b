"""What is read: every stream, and the lists that only streams read."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from math import ceil

from source_confluence.config.config import Config
from source_confluence.confluence.connection import Connection
from source_confluence.streams import (
    attachment_children,
    blog_post_children,
    comment_children,
    comments,
    content,
    custom_content_children,
    page_children,
    people,
    site,
    spaces,
)
from source_confluence.streams.facts import NO_REQUEST, B, Facts, P
from source_confluence.streams.kinds import BLOG_POST, PAGE
from source_confluence.streams.retrievers.search_then_get import ConfigSearch
from source_confluence.streams.stream import ConfluenceStream
from source_confluence.streams.sync.run import Declaration, Registry, Selected, Sync, search_of

STREAMS: tuple[type[ConfluenceStream], ...] = (
    *content.STREAMS,
    *comments.STREAMS,
    *spaces.STREAMS,
    *page_children.STREAMS,
    *blog_post_children.STREAMS,
    *attachment_children.STREAMS,
    *custom_content_children.STREAMS,
    *comment_children.STREAMS,
    *site.STREAMS,
    *people.STREAMS,
)
"""In the order in which they are read."""

LISTS: tuple[Declaration, ...] = (
    *comments.LISTS,
    *(
        Declaration(
            search_of(kind),
            ConfigSearch(kind),
            Facts(NO_REQUEST, ("read:content-details",), list_cost=ceil(found / 200)),
        )
        for kind, found in ((PAGE, P), (BLOG_POST, B))
    ),
)
"""What only other streams read."""


def open_sync(
    config: Config,
    connection: Connection,
    logger: logging.Logger,
    selected: Mapping[str, Selected],
) -> Sync:
    """Return a sync of the site, before any request.

    `selected` holds the streams of the configured catalog by name.
    """
    registry = Registry([stream.declaration() for stream in STREAMS], LISTS)
    return Sync(config, connection, logger, registry, selected)


def streams_of(sync: Sync) -> list[ConfluenceStream]:
    """Return every stream, in the order in which they are read."""
    return [stream(sync.runs[stream.name]) for stream in STREAMS]
