"""Children of custom content."""

from __future__ import annotations

from math import floor

from source_confluence.streams.cursor_field import LAST_MODIFIED
from source_confluence.streams.facts import Facts, K, Y, edited
from source_confluence.streams.formula import changed
from source_confluence.streams.kinds import CUSTOM_CONTENT
from source_confluence.streams.retrievers.per_parent import PerParent
from source_confluence.streams.retrievers.versions import versions_of
from source_confluence.streams.stream import ConfluenceStream


class CustomContentLabels(ConfluenceStream):
    """The labels of all custom content. GET /wiki/api/v2/custom-content/{id}/labels."""

    name = "custom_content_labels"
    key = ("customContentId", "id")
    cloud = PerParent(CUSTOM_CONTENT, section="labels")
    facts = Facts(K, ("read:custom-content",))


class CustomContentContentProperties(ConfluenceStream):
    """The properties of all custom content. GET /wiki/api/v2/custom-content/{id}/properties."""

    name = "custom_content_content_properties"
    key = ("customContentId", "id")
    cloud = PerParent(CUSTOM_CONTENT, section="properties")
    facts = Facts(K, ("read:custom-content",))


class CustomContentVersions(ConfluenceStream):
    """Every version of all custom content. GET /wiki/api/v2/custom-content/{id}/versions."""

    name = "custom_content_versions"
    key = ("customContentId", "number")
    incremental_by = LAST_MODIFIED
    cloud = versions_of(CUSTOM_CONTENT)
    facts = Facts(
        edited(CUSTOM_CONTENT),
        ("read:custom-content",),
        floor(changed(K) / 250) + Y + 1 + changed(edited(CUSTOM_CONTENT)),
    )


STREAMS = (
    CustomContentLabels,
    CustomContentContentProperties,
    CustomContentVersions,
)
"""In the order in which they are read."""
