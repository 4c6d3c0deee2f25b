"""Comments with their replies, by what they stand on."""

from __future__ import annotations

from abc import ABC
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from airbyte_cdk.models import SyncMode

from source_confluence.confluence.listing import ATTEMPTS_AT_SMALLEST_SIZE, Record
from source_confluence.confluence.responses import UNAVAILABLE, NotFound, payload
from source_confluence.confluence.shapes import is_entity
from source_confluence.streams.attachments import ContainedList
from source_confluence.streams.base import Slice
from source_confluence.streams.retrievers.recent_keys import RecentKeys

CONTAINER_FIELDS = ("pageId", "blogPostId", "attachmentId", "customContentId")


class AllComments(ContainedList, ABC):
    """The site's comments of one kind, replies included: one list for all streams of that kind.

    That the list holds replies is not documented. Where a whole list shows none although a search
    finds more comments, the replies are asked for comment by comment.
    """

    other_kind: ClassVar[str]
    is_read_by_several = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.readers: list[Comments] = []
        """The streams that will read from this one list."""

    def with_bodies(self) -> Iterator[list[Record]]:
        """Yield the pages of results of all that any reader wants."""
        since = [reader.since for reader in self.readers]
        known = [moment for moment in since if moment is not None]
        wanted: Slice = {"modifiedSince": min(known)} if known and len(known) == len(since) else {}
        yield from self._with_containers(self._pages(wanted, light=False))

    def select(self, page: list[Record], stream_slice: Slice) -> Iterable[Record]:
        """Return the comments of the slice in the statuses that the config names."""
        return self.with_wanted_status(super().select(page, stream_slice))

    def with_wanted_status(self, comments: Iterable[Record]) -> list[Record]:
        """Return the comments but for those trashed with their container, if not wanted."""
        if "trashed" in self._config.content_statuses:
            return list(comments)
        return [comment for comment in comments if comment.get("status") != "trashed"]

    def listed(self) -> Iterator[list[Record]]:
        """Yield the pages of results of the whole list, without bodies."""
        yield from self._with_containers(self._pages({}, light=True))

    def listed_since(self, since: str) -> Iterator[list[Record]]:
        """Yield the pages of results, light, of what changed since then."""
        yield from self._with_containers(super().listed_since(since))

    def is_contained(self, record: Record) -> bool:
        """Tell whether a comment stands on content that the config selects."""
        return (
            super().is_contained(record)
            or self._selection.has("attachments", record.get("attachmentId"))
            or self._selection.has("custom_content", record.get("customContentId"))
        )

    def _pages(self, wanted: Slice, *, light: bool) -> Iterator[list[Record]]:
        roots: list[Record] | None = []
        count = 0
        listing = self.listing(wanted, light=light)
        for page in listing.pages():
            yield page
            count += len(page)
            if roots is not None and any(comment.get("parentCommentId") for comment in page):
                roots = None
            if roots is not None:
                roots += [_only_place(comment) for comment in filter(_has_id, page)]
            if self.is_past(page, wanted):
                listing.require_readable()
                return
        if roots and self._are_there_more(count):
            for root in roots:
                yield from self._replies_to(root, light=light)

    def _replies_to(self, comment: Record, *, light: bool) -> Iterator[list[Record]]:
        """GET /wiki/api/v2/footer-comments/{id}/children, and theirs.

        A comment that was deleted since it was listed is passed over.
        """
        listing = self.listing({"repliesTo": comment["id"]}, light=light)
        given = {**comment, "id": None}
        try:
            for page in listing.pages():
                replies = [{**given, **reply, "parentCommentId": comment["id"]} for reply in page]
                yield replies
                for reply in filter(_has_id, replies):
                    yield from self._replies_to(_only_place(reply), light=light)
        except NotFound as gone:
            self._shared.parents.gone(self.name, comment["id"], gone)

    def path(self, *, stream_slice: Slice | None = None, **_: Any) -> str:
        """Return the endpoint of all comments, or of the replies to one."""
        replies_to = (stream_slice or {}).get("repliesTo")
        return f"{self.endpoint}/{replies_to}/children" if replies_to else self.endpoint

    def _are_there_more(self, count: int) -> bool:
        """GET /wiki/rest/api/search: compare its count of comments with those that were listed."""
        try:
            response = self._connection.client.get(
                f"{self._connection.site.v1}search",
                {"cql": "type=comment", "limit": 1, "excerpt": "none"},
                stream=self.name,
                attempts=ATTEMPTS_AT_SMALLEST_SIZE,
            )
            other_kind = self._shared.stream(self.other_kind).listing({}, light=True)
            others = sum(len(page) for page in other_kind.pages())
        except UNAVAILABLE as refusal:
            self.logger.info(f"Whether {self.name} lists replies is unknown: {refusal.sentence}")
            return False
        found: int = payload(response).get("totalSize") or 0
        return found > count + others

    def _with_containers(self, pages: Iterator[list[Record]]) -> Iterator[list[Record]]:
        """A reply need not say what it stands on: then its comment does."""
        places: dict[str, Record] = {}
        for page in pages:
            for comment in page:
                if _only_place(comment).keys() == {"id"} and comment.get("parentCommentId"):
                    comment.update(self._place_of(comment["parentCommentId"], places))
            yield page

    def _place_of(self, comment_id: str, places: dict[str, Record]) -> Record:
        if comment_id not in places:
            url = f"{self.url_base}{self.endpoint}/{comment_id}"
            try:
                response = self._connection.client.get(
                    url,
                    {},
                    stream=self.name,
                    attempts=ATTEMPTS_AT_SMALLEST_SIZE,
                    shape=is_entity,
                )
                comment = payload(response)
            except NotFound as gone:
                self._shared.parents.gone(self.name, comment_id, gone)
                comment = {"id": comment_id}
            place = _only_place(comment)
            if place.keys() == {"id"} and comment.get("parentCommentId"):
                place = self._place_of(comment["parentCommentId"], places)
            places[comment_id] = {name: v for name, v in place.items() if name != "id"}
        return places[comment_id]


class AllFooterComments(AllComments):
    """GET /wiki/api/v2/footer-comments."""

    name = "footer_comments"
    endpoint = "footer-comments"
    other_kind = "inline_comments"


class AllInlineComments(AllComments):
    """GET /wiki/api/v2/inline-comments."""

    name = "inline_comments"
    endpoint = "inline-comments"
    other_kind = "footer_comments"


class Comments(ContainedList, ABC):
    """The comments of one kind that stand on one kind of container."""

    container_field: ClassVar[str]
    kind: ClassVar[str]

    def read_records(
        self,
        sync_mode: SyncMode,  # noqa: ARG002  # the CDK's contract
        cursor_field: list[str] | None = None,  # noqa: ARG002  # the CDK's contract
        stream_slice: Slice | None = None,
        stream_state: Any = None,  # noqa: ARG002  # the CDK's contract
    ) -> Iterator[Record]:
        """Yield the comments of a slice, from the list that all streams of the kind share."""
        shared = self._shared.list_once((self.kind, "with bodies"), self.every.with_bodies)
        recent = RecentKeys(self.key)
        for page in shared.pages():
            mine = [comment for comment in page if comment.get(self.container_field)]
            yield from recent.fresh(self.select(mine, stream_slice or {}))

    def select(self, page: list[Record], stream_slice: Slice) -> Iterable[Record]:
        """Return the comments of the slice in the statuses that the config names."""
        return self.every.with_wanted_status(super().select(page, stream_slice))

    def is_contained(self, record: Record) -> bool:
        """Tell whether a comment stands on content that the config selects."""
        return self.every.is_contained(record)

    @property
    def every(self) -> AllComments:
        """The comments of the kind, whatever they stand on."""
        stream = self._shared.stream(self.kind)
        if not isinstance(stream, AllComments):
            raise TypeError(f"{self.kind} are no comments")
        return stream


class PageFooterComments(Comments):
    """Footer comments on pages. GET /wiki/api/v2/footer-comments."""

    name = "page_footer_comments"
    endpoint = "footer-comments"
    kind = "footer_comments"
    container_field = "pageId"


class BlogPostFooterComments(Comments):
    """Footer comments on blog posts. GET /wiki/api/v2/footer-comments."""

    name = "blog_post_footer_comments"
    endpoint = "footer-comments"
    kind = "footer_comments"
    container_field = "blogPostId"


class AttachmentFooterComments(Comments):
    """Footer comments on attachments. GET /wiki/api/v2/footer-comments."""

    name = "attachment_footer_comments"
    endpoint = "footer-comments"
    kind = "footer_comments"
    container_field = "attachmentId"


class CustomContentFooterComments(Comments):
    """Footer comments on custom content. GET /wiki/api/v2/footer-comments."""

    name = "custom_content_footer_comments"
    endpoint = "footer-comments"
    kind = "footer_comments"
    container_field = "customContentId"


class PageInlineComments(Comments):
    """Inline comments on pages. GET /wiki/api/v2/inline-comments."""

    name = "page_inline_comments"
    endpoint = "inline-comments"
    kind = "inline_comments"
    container_field = "pageId"


class BlogPostInlineComments(Comments):
    """Inline comments on blog posts. GET /wiki/api/v2/inline-comments."""

    name = "blog_post_inline_comments"
    endpoint = "inline-comments"
    kind = "inline_comments"
    container_field = "blogPostId"


def _has_id(comment: Record) -> bool:
    return bool(comment.get("id"))


def _only_place(comment: Record) -> Record:
    """What says where a comment stands, and no more."""
    return {name: comment[name] for name in ("id", *CONTAINER_FIELDS) if comment.get(name)}
