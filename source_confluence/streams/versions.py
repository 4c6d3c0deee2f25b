"""The versions of whatever has versions."""

from __future__ import annotations

from abc import ABC
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from source_confluence.confluence.listing import Record
from source_confluence.streams.base import Slice
from source_confluence.streams.children import CursorChildren
from source_confluence.streams.incremental import ModifiedList, ModifiedStream
from source_confluence.streams.retrievers.replayable_list import ReplayableList


class Versions(CursorChildren, ModifiedStream, ABC):
    """Incremental by the parents: only of those that changed are versions asked for.

    The only version of a parent at version 1 is in the parents' listing: it costs no request.
    """

    section = "versions"
    params: ClassVar[Mapping[str, Any]] = {"sort": "-modified-date"}

    def takes_part(self) -> bool:
        """Tell whether the versions of all parents are wanted."""
        return self.since is None

    def parent_list(self, kind: str) -> ReplayableList:
        """Return the parents that changed since the state, or all."""
        since, parent = self.since, self._shared.stream(kind)
        if since is None or not isinstance(parent, ModifiedList):
            return self._shared.list_of(kind)
        return self._shared.list_once((kind, since), lambda: parent.listed_since(since))

    def wants(self, parent: Record) -> bool:
        """Tell whether a parent has other versions than the one that is listed with it."""
        version = parent.get("version") or {}
        return version.get("number") != 1 and self._is_new(parent)

    def known(self, parent: Record) -> Iterable[Record]:
        """Return the only version of a parent, if it is new."""
        version = parent.get("version") or {}
        if version.get("number") == 1 and self._is_new(parent):
            yield self.record(dict(version))

    def record(self, element: Record) -> Record:
        """Return the version with its time under the name of the cursor."""
        element["lastModifiedAt"] = element.get("createdAt")
        return element

    def select(
        self,
        page: list[Record],
        stream_slice: Slice,  # noqa: ARG002  # all slices have the same bound
    ) -> Iterable[Record]:
        """Return the versions that are not older than wanted."""
        since = self.since
        return page if since is None else [v for v in page if not self.is_older(v, since)]

    def is_past(
        self,
        page: list[Record],
        stream_slice: Slice,  # noqa: ARG002  # all slices have the same bound
    ) -> bool:
        """Tell whether the page of results, newest first, ends with something too old."""
        since = self.since
        return since is not None and bool(page) and self.is_older(page[-1], since)

    def _is_new(self, parent: Record) -> bool:
        since = self.since
        return since is None or not self.is_older(parent, since)


class PageVersions(Versions):
    """Every version of every page. GET /wiki/api/v2/pages/{id}/versions."""

    name = "page_versions"
    parents = ("pages",)
    parent_key = "pageId"
    endpoint = "pages/{pageId}/versions"
    key = ("pageId", "number")


class BlogPostVersions(Versions):
    """Every version of every blog post. GET /wiki/api/v2/blogposts/{id}/versions."""

    name = "blog_post_versions"
    parents = ("blog_posts",)
    parent_key = "blogPostId"
    endpoint = "blogposts/{blogPostId}/versions"
    key = ("blogPostId", "number")


class AttachmentVersions(Versions):
    """Every version of every attachment. GET /wiki/api/v2/attachments/{id}/versions."""

    name = "attachment_versions"
    parents = ("attachments",)
    parent_key = "attachmentId"
    endpoint = "attachments/{attachmentId}/versions"
    key = ("attachmentId", "number")


class CustomContentVersions(Versions):
    """Every version of all custom content. GET /wiki/api/v2/custom-content/{id}/versions."""

    name = "custom_content_versions"
    parents = ("custom_content",)
    parent_key = "customContentId"
    endpoint = "custom-content/{customContentId}/versions"
    key = ("customContentId", "number")


class FooterCommentVersions(Versions):
    """Every version of every footer comment. GET /wiki/api/v2/footer-comments/{id}/versions."""

    name = "footer_comment_versions"
    parents = ("footer_comments",)
    parent_key = "commentId"
    endpoint = "footer-comments/{commentId}/versions"
    key = ("commentId", "number")


class InlineCommentVersions(Versions):
    """Every version of every inline comment. GET /wiki/api/v2/inline-comments/{id}/versions."""

    name = "inline_comment_versions"
    parents = ("inline_comments",)
    parent_key = "commentId"
    endpoint = "inline-comments/{commentId}/versions"
    key = ("commentId", "number")
