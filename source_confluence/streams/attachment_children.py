"""Children of attachments."""

from __future__ import annotations

from math import floor

from source_confluence.streams.cursor_field import LAST_MODIFIED
from source_confluence.streams.facts import A, Facts, L, edited, labeled, not_current
from source_confluence.streams.formula import changed
from source_confluence.streams.kinds import ATTACHMENT
from source_confluence.streams.retrievers.by_label import LabelsOf
from source_confluence.streams.retrievers.per_parent import PerParent
from source_confluence.streams.retrievers.versions import versions_of
from source_confluence.streams.stream import ConfluenceStream


class AttachmentLabels(ConfluenceStream):
    """The labels of every attachment.

    GET /wiki/api/v2/labels/{id}/attachments, or attachments/{id}/labels.
    """

    name = "attachment_labels"
    key = ("attachmentId", "id")
    cloud = LabelsOf(ATTACHMENT)
    facts = Facts(
        (L + floor(labeled(ATTACHMENT) / 250) + not_current(ATTACHMENT)).unless_more(L, A, A),
        ("read:attachment",),
    )


class AttachmentContentProperties(ConfluenceStream):
    """The properties of every attachment. GET /wiki/api/v2/attachments/{id}/properties."""

    name = "attachment_content_properties"
    key = ("attachmentId", "id")
    cloud = PerParent(ATTACHMENT, section="properties")
    facts = Facts(A, ("read:attachment",))


class AttachmentVersions(ConfluenceStream):
    """Every version of every attachment. GET /wiki/api/v2/attachments/{id}/versions."""

    name = "attachment_versions"
    key = ("attachmentId", "number")
    incremental_by = LAST_MODIFIED
    cloud = versions_of(ATTACHMENT)
    facts = Facts(
        edited(ATTACHMENT),
        ("read:attachment",),
        floor(changed(A) / 250) + 1 + changed(edited(ATTACHMENT)),
    )


STREAMS = (
    AttachmentLabels,
    AttachmentContentProperties,
    AttachmentVersions,
)
"""In the order in which they are read."""
