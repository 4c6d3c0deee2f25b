"""Children of pages."""

from __future__ import annotations

from math import ceil, floor

from source_confluence.streams.cursor_field import LAST_MODIFIED
from source_confluence.streams.facts import (
    NO_REQUEST,
    Facts,
    L,
    P,
    edited,
    in_archived_spaces,
    labeled,
    not_current,
)
from source_confluence.streams.formula import changed
from source_confluence.streams.kinds import PAGE
from source_confluence.streams.retrievers.by_label import LabelsOf
from source_confluence.streams.retrievers.endpoint import v1
from source_confluence.streams.retrievers.entity_per_parent import EntityPerParent
from source_confluence.streams.retrievers.page_tree import PageTree
from source_confluence.streams.retrievers.per_parent import PerParent
from source_confluence.streams.retrievers.restrictions import Restrictions
from source_confluence.streams.retrievers.versions import versions_of
from source_confluence.streams.retrievers.watches import with_account
from source_confluence.streams.stream import ConfluenceStream


class ChildPages(ConfluenceStream):
    """Every page that has a page as its parent, derived from the list of pages."""

    name = "child_pages"
    cloud = PageTree()
    facts = Facts(NO_REQUEST, ())


class PageLabels(ConfluenceStream):
    """The labels of every page. GET /wiki/api/v2/labels/{id}/pages, or pages/{id}/labels."""

    name = "page_labels"
    key = ("pageId", "id")
    cloud = LabelsOf(PAGE)
    facts = Facts(
        (L + floor(labeled(PAGE) / 250) + not_current(PAGE)).unless_more(L, P, P), ("read:page",)
    )


class PageContentProperties(ConfluenceStream):
    """The properties of every page. GET /wiki/api/v2/pages/{id}/properties."""

    name = "page_content_properties"
    key = ("pageId", "id")
    cloud = PerParent(PAGE, section="properties")
    facts = Facts(P, ("read:page",))


class PageLikes(ConfluenceStream):
    """Who likes which page. GET /wiki/api/v2/pages/{id}/likes/users."""

    name = "page_likes"
    key = ("pageId", "accountId")
    cloud = PerParent(PAGE, section="likes")
    facts = Facts(P, ("read:page",))


class PageVersions(ConfluenceStream):
    """Every version of every page. GET /wiki/api/v2/pages/{id}/versions."""

    name = "page_versions"
    key = ("pageId", "number")
    incremental_by = LAST_MODIFIED
    cloud = versions_of(PAGE)
    facts = Facts(edited(PAGE), ("read:page",), floor(changed(P) / 250) + 1 + changed(edited(PAGE)))


class PageRestrictions(ConfluenceStream):
    """Restrictions set on pages. GET /wiki/rest/api/content/search, expanding restrictions."""

    name = "page_restrictions"
    key = ("pageId", "operation", "principalType", "principalId")
    cloud = Restrictions(PAGE)
    facts = Facts(
        3 * ceil(P / 250) + not_current(PAGE) + in_archived_spaces(PAGE),
        ("read:content-details",),
    )


class PageWatchers(ConfluenceStream):
    """Who watches which page. GET /wiki/rest/api/content/{id}/notification/child-created."""

    name = "page_watchers"
    key = ("pageId", "accountId")
    cloud = PerParent(
        PAGE,
        endpoint=v1("content/{id}/notification/child-created", page_size=200),
        to_record=with_account,
    )
    facts = Facts(P, ("read:watcher", "read:user"), right="may see who watches pages")


class PageViews(ConfluenceStream):
    """How often each page was viewed. GET /wiki/rest/api/analytics/content/{id}/views."""

    name = "page_views"
    key = ("pageId",)
    cloud = EntityPerParent(PAGE, endpoint=v1("analytics/content/{id}/views"))
    facts = Facts(P, ("read:analytics.content",), right="may see analytics")


STREAMS = (
    ChildPages,
    PageLabels,
    PageContentProperties,
    PageLikes,
    PageVersions,
    PageRestrictions,
    PageWatchers,
    PageViews,
)
"""In the order in which they are read."""
