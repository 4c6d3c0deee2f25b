"""What belongs to the site as a whole."""

from __future__ import annotations

from math import ceil

from source_confluence.confluence.pagination import UnlimitedPagination
from source_confluence.streams.facts import NO_REQUEST, ONE_REQUEST, Facts, L, S
from source_confluence.streams.retrievers.endpoint import Endpoint, v2
from source_confluence.streams.retrievers.templates import Templates as TemplateLists
from source_confluence.streams.retrievers.whole_list import SharedWholeList, WholeList
from source_confluence.streams.stream import ConfluenceStream


class Labels(ConfluenceStream):
    """Every label. GET /wiki/api/v2/labels."""

    name = "labels"
    cloud = SharedWholeList(v2("labels"))
    facts = Facts(NO_REQUEST, ("read:label",), list_cost=ceil(L / 250))


class ClassificationLevels(ConfluenceStream):
    """The site's classification levels. GET /wiki/api/v2/classification-levels: a bare array."""

    name = "classification_levels"
    cloud = WholeList(Endpoint("v2", "classification-levels", UnlimitedPagination()))
    facts = Facts(ONE_REQUEST, ("read:configuration",), is_optional=True)


class Templates(ConfluenceStream):
    """Templates and blueprints, of the site and of every space.

    GET /wiki/rest/api/template/page and /template/blueprint.
    """

    name = "templates"
    key = ("templateId",)
    cloud = TemplateLists()
    facts = Facts(2 * (S + 1), ("read:template", "read:content-details"))


STREAMS = (
    Labels,
    ClassificationLevels,
    Templates,
)
"""In the order in which they are read."""
