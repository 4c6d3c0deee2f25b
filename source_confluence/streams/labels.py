"""Labels, and what they are on."""

from __future__ import annotations

from abc import ABC
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, ClassVar

from airbyte_cdk.models import SyncMode

from source_confluence.confluence.listing import Record, ids_of
from source_confluence.streams.base import CursorList, SharedStream, Slice
from source_confluence.streams.children import PARENTS_PER_PARTITION, CursorChildren
from source_confluence.streams.retrievers.recent_keys import RecentKeys

LABELS_PER_PARTITION = 10


class Labels(SharedStream, CursorList):
    """Every label. GET /wiki/api/v2/labels."""

    name = "labels"
    endpoint = "labels"


class LabelsOfParents(CursorChildren, ABC):
    """The labels of each parent."""

    section = "labels"
    wants_every_parent = True


class LabelLinks(LabelsOfParents, ABC):
    """The labels of each parent, asked for from whichever side costs fewer requests.

    Most sites have far fewer labels than pages. What lists a label's pages need not show those that
    are archived or trashed (nothing says so), so those are asked for one by one in any case. Where
    something else is asked of every parent anyway, its labels come with that for nothing. Where the
    config leaves out what is current, a label would show nothing that is wanted.
    """

    links: ClassVar[str]
    """The list of what has a label."""

    @cached_property
    def goes_by_label(self) -> bool:
        """Whether to ask for what each label is on."""
        (kind,) = self.parents
        if "current" not in self._config.content_statuses:
            return False
        if self._shared.family(kind).asks_every_parent_but_for(self):
            return False
        stream = self._shared.stream(kind)
        pages = self.parent_list(kind).pages()
        parents = sum(len(list(stream.select(page, {}))) for page in pages)
        labels = sum(len(page) for page in self._shared.list_of("labels").pages())
        return labels <= parents

    def takes_part(self) -> bool:
        """Tell whether the parents are asked."""
        return not self.goes_by_label

    def stream_slices(self, **_: Any) -> Iterator[Slice]:
        """Yield groups of parents, or of labels: `{"labelId": ["1", "2"]}`."""
        if not self.goes_by_label:
            yield from super().stream_slices()
            return
        for page in self._shared.list_of("labels").pages():
            labels = [label for label in page if label.get("id")]
            for first in range(0, len(labels), LABELS_PER_PARTITION):
                group = labels[first : first + LABELS_PER_PARTITION]
                yield {"labelId": [label["id"] for label in group], "labels": group}
        (kind,) = self.parents
        for number, page in enumerate(self.parent_list(kind).pages()):
            parents = self._shared.stream(kind).select(page, {})
            ids = ids_of(parent for parent in parents if parent.get("status") != "current")
            for first in range(0, len(ids), PARENTS_PER_PARTITION):
                group_ids = ids[first : first + PARENTS_PER_PARTITION]
                yield {"parent": kind, "page": number, self.parent_key: group_ids}

    def read_records(
        self,
        sync_mode: SyncMode,
        cursor_field: list[str] | None = None,
        stream_slice: Slice | None = None,
        stream_state: Mapping[str, Any] | None = None,
    ) -> Iterator[Record]:
        """Yield what a group of labels is on, or the labels of a group of parents.

        Raises as `Children.read_records`: a label that is gone is passed over as a parent is.
        """
        if stream_slice and "labels" in stream_slice:
            labels = stream_slice["labels"]
            yield from self.one_by_one(
                "labels", ((one["id"], self._links_of(one)) for one in labels)
            )
        else:
            yield from super().read_records(sync_mode, cursor_field, stream_slice, stream_state)

    def path(self, *, stream_slice: Slice | None = None, **_: Any) -> str:
        """Return the endpoint of one parent, or of one label."""
        wanted = stream_slice or {}
        return (self.links if "labelId" in wanted else self.endpoint).format(**wanted)

    def request_params(
        self,
        stream_state: Mapping[str, Any] | None,
        stream_slice: Slice | None = None,
        next_page_token: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return the parameters of a list; those of a label leave out what is filtered out."""
        params = super().request_params(stream_state, stream_slice, next_page_token)
        spaces = (stream_slice or {}).get("spaceIds")
        return {**params, "space-id": ",".join(spaces)} if spaces else params

    @cached_property
    def _few_spaces(self) -> Slice:
        """The spaces that the parents lie in, where those are few."""
        (kind,) = self.parents
        parts = self._shared.stream(kind).slices_to_list()
        return next(({"spaceIds": p["spaceIds"]} for p in parts if "spaceIds" in p), {})

    def _links_of(self, label: Record) -> Iterator[Record]:
        (kind,) = self.parents
        recent = RecentKeys(("id",))
        for page in self.listing({"labelId": label["id"], **self._few_spaces}).pages():
            for parent in recent.fresh(self._shared.stream(kind).select(page, {})):
                if parent.get("status") == "current" and parent.get("id"):
                    yield {self.parent_key: parent["id"], **label}


class PageLabels(LabelLinks):
    """The labels of every page. GET /wiki/api/v2/labels/{id}/pages, or pages/{id}/labels."""

    name = "page_labels"
    parents = ("pages",)
    parent_key = "pageId"
    endpoint = "pages/{pageId}/labels"
    links = "labels/{labelId}/pages"
    key = ("pageId", "id")


class BlogPostLabels(LabelLinks):
    """The labels of every blog post. GET .../labels/{id}/blogposts, or blogposts/{id}/labels."""

    name = "blog_post_labels"
    parents = ("blog_posts",)
    parent_key = "blogPostId"
    endpoint = "blogposts/{blogPostId}/labels"
    links = "labels/{labelId}/blogposts"
    key = ("blogPostId", "id")


class AttachmentLabels(LabelLinks):
    """The labels of every attachment. GET .../labels/{id}/attachments, or of each attachment."""

    name = "attachment_labels"
    parents = ("attachments",)
    parent_key = "attachmentId"
    endpoint = "attachments/{attachmentId}/labels"
    links = "labels/{labelId}/attachments"
    key = ("attachmentId", "id")


class CustomContentLabels(LabelsOfParents):
    """The labels of all custom content. GET /wiki/api/v2/custom-content/{id}/labels."""

    name = "custom_content_labels"
    parents = ("custom_content",)
    parent_key = "customContentId"
    endpoint = "custom-content/{customContentId}/labels"
    key = ("customContentId", "id")


class SpaceLabels(LabelsOfParents):
    """The labels of every space. GET /wiki/api/v2/spaces/{id}/labels."""

    name = "space_labels"
    parents = ("space",)
    parent_key = "spaceId"
    endpoint = "spaces/{spaceId}/labels"
    key = ("spaceId", "id")
