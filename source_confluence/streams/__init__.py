"""What we read: the catalogue of streams, in the order in which they are read."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass

from source_confluence.connection import Connection
from source_confluence.streams import (
    attachments,
    audit,
    child_pages,
    comments,
    content,
    labels,
    likes,
    people,
    per_content,
    properties,
    restrictions,
    search,
    space_details,
    spaces,
    tasks,
    versions,
)
from source_confluence.streams.base import ConfluenceStream
from source_confluence.streams.children import Children
from source_confluence.streams.content_filter import ContentFilter
from source_confluence.streams.shared import Shared
from source_confluence.streams.space_filter import SpaceFilter

PLAIN: tuple[type[ConfluenceStream], ...] = (
    spaces.Spaces,
    space_details.SpaceProperties,
    space_details.SpacePermissions,
    space_details.SpaceRoleAssignments,
    labels.SpaceLabels,
    per_content.SpaceWatchers,
    space_details.SpaceRoles,
    child_pages.ChildPages,
    labels.PageLabels,
    properties.PageContentProperties,
    likes.PageLikes,
    versions.PageVersions,
    restrictions.PageRestrictions,
    per_content.PageWatchers,
    per_content.PageViews,
    labels.BlogPostLabels,
    properties.BlogPostContentProperties,
    likes.BlogPostLikes,
    versions.BlogPostVersions,
    restrictions.BlogPostRestrictions,
    labels.AttachmentLabels,
    properties.AttachmentContentProperties,
    versions.AttachmentVersions,
    labels.CustomContentLabels,
    properties.CustomContentContentProperties,
    versions.CustomContentVersions,
    properties.CommentContentProperties,
    likes.FooterCommentLikes,
    versions.FooterCommentVersions,
    likes.InlineCommentLikes,
    versions.InlineCommentVersions,
    labels.Labels,
    space_details.ClassificationLevels,
    per_content.Templates,
    people.Groups,
    people.GroupMembers,
    people.Users,
    audit.Audit,
)
SELECTED = (
    content.Pages,
    content.BlogPosts,
    attachments.Attachments,
    attachments.CustomContent,
    search.Whiteboards,
    search.Databases,
    search.Folders,
    search.Embeds,
    tasks.Tasks,
    comments.PageFooterComments,
    comments.BlogPostFooterComments,
    comments.AttachmentFooterComments,
    comments.CustomContentFooterComments,
    comments.PageInlineComments,
    comments.BlogPostInlineComments,
)
"""Those that the config's filters concern at first hand."""
FOUND = (search.FoundPages, search.FoundBlogPosts)
ALL_COMMENTS = (comments.AllFooterComments, comments.AllInlineComments)


@dataclass(frozen=True)
class Catalogue:
    """The streams, and what they share."""

    streams: list[ConfluenceStream]
    selection: ContentFilter
    shared: Shared


def catalogue(
    connection: Connection, logger: logging.Logger, configured: Collection[str] = ()
) -> Catalogue:
    """Return every stream, those that belong together next to each other; makes no request.

    `configured` names the streams that will be read, which may spare each other requests.
    """
    shared = Shared(connection, logger)
    selection = ContentFilter(
        SpaceFilter(lambda: shared.list_of("space").records(), connection.config),
        shared,
        connection.config,
    )
    streams: list[ConfluenceStream] = [
        *(stream(connection, shared, selection) for stream in SELECTED),
        *(stream(connection, shared) for stream in PLAIN),
    ]
    for hidden in ALL_COMMENTS:
        shared.add(hidden(connection, shared, selection))
    for found in FOUND:
        shared.add(found(connection, shared))
    for stream in streams:
        shared.add(stream)
        if stream.name in configured:
            _introduce(stream, shared)
    return Catalogue(streams, selection, shared)


def _introduce(stream: ConfluenceStream, shared: Shared) -> None:
    """Let the streams that will be read know of each other: they may spare requests."""
    if isinstance(stream, Children):
        for kind in stream.parents:
            shared.family(kind).join(stream)
    if isinstance(stream, comments.Comments):
        stream.every.readers.append(stream)
