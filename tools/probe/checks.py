"""The ten checks in their order, and how they are run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from source_confluence.confluence.errors import ConfluenceError
from tools.probe.comments import comments
from tools.probe.findings import Finding, not_tried
from tools.probe.limits import other_limits, users
from tools.probe.order import included_versions, sorted_lists
from tools.probe.reader import NoMoreRequestsError, Reader
from tools.probe.rights import refusals, trashed_and_views
from tools.probe.search import archived_spaces, custom_bodies, type_discovery

Check = Callable[[Reader], Iterator[Finding]]

CHECKS: tuple[tuple[str, Check], ...] = (
    ("Users", users),
    ("Responses to what is missing", refusals),
    ("The order of lists", sorted_lists),
    ("Included versions", included_versions),
    ("Types of custom content", type_discovery),
    ("Bodies of custom content", custom_bodies),
    ("Searches and archived spaces", archived_spaces),
    ("Comments", comments),
    ("Trashed pages and page views", trashed_and_views),
    ("Limits of other lists", other_limits),
)


def run_check(check: Check, reader: Reader) -> Iterator[Finding]:
    """Yield what a check finds out, up to the point where the site or the probe's limit ends it."""
    reader.begin_check()
    try:
        yield from check(reader)
    except NoMoreRequestsError:
        yield not_tried("rest", "it needs more requests than the probe sends")
    except ConfluenceError:
        yield not_tried("rest", "the site limits the rate of requests")
