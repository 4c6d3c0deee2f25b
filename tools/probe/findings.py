"""What a check finds out: a verdict on an assumption, with numbers and nothing else of the site."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

ASSUMPTIONS: Mapping[str, str] = {
    "users_limit": "search/user announces that there are more rows than it sent",
    "users_end": "search/user ends with an empty page of results",
    "users_guests": "search/user finds guests without sitePermissionTypeFilter=all",
    "named_404": "with good credentials, a 404 names what is missing",
    "optional_lists": "optional lists answer 200, 402, 403, 404 or 410",
    "order_pages": "pages are sorted by version.createdAt",
    "order_blogposts": "blog posts are sorted by version.createdAt",
    "order_attachments": "attachments are sorted by version.createdAt",
    "order_footer_comments": "footer comments are sorted by version.createdAt",
    "order_inline_comments": "inline comments are sorted by version.createdAt",
    "order_custom_content": "custom content is sorted by version.createdAt",
    "included_order": "included versions are in ascending order",
    "included_cursor": "the cursor of included versions fits sort=-modified-date",
    "types_named": "the refusal of an unknown type names all types",
    "types_listed": "v2 lists every type of custom content that is named",
    "storage_bodies": "custom content of every type has a body in the format storage",
    "search_complete": "two runs of a search return the same rows, each once",
    "archived_by_default": "content/search finds what is in archived spaces",
    "archived_included": "includeArchivedSpaces=true adds to content/search",
    "replies": "the lists of comments hold all replies",
    "containers": "every comment has one of four containers",
    "resolution": "resolving an inline comment makes a version",
    "trashed_lists": "the lists of a trashed page can be read",
    "trashed_by_id": "a GET by id with status=trashed includes the lists of a trashed page",
    "views": "page views can be read in all spaces or in none",
    "expanded_search": "a search that expands restrictions has 100 rows per page of results",
    "group_limit": "group announces that there are more rows than it sent",
    "members_limit": "membersByGroupId announces that there are more rows than it sent",
    "audit_limit": "audit announces that there are more rows than it sent",
    "templates_limit": "template/page announces that there are more rows than it sent",
    "rest": "the rest of this check",
}
"""What is tried, by the name that tests and documents use."""


class Verdict(Enum):
    """Whether an assumption fits a site."""

    HOLDS = "holds"
    FAILS = "DOES NOT HOLD"
    NOT_TRIED = "not tried"


@dataclass(frozen=True)
class Finding:
    """A verdict on one of the ASSUMPTIONS.

    Everything that is text here is written in this package, and `numbers` holds only counts,
    statuses and yes or no: so a report cannot contain content, names, ids or keys of the site.
    """

    name: str
    verdict: Verdict
    numbers: Mapping[str, int] = field(default_factory=dict)
    """Booleans are shown as yes or no."""
    reason: str = ""
    """Why it was not tried."""

    def __str__(self) -> str:
        """Return the finding as one line of the report."""
        shown = [f"{name} {_shown(value)}" for name, value in self.numbers.items()]
        details = ", ".join([self.reason, *shown] if self.reason else shown)
        return f"   {self.verdict.value:14} {ASSUMPTIONS[self.name]} ({details})"


def judged(name: str, holds: bool, **numbers: int) -> Finding:
    """Return the finding that an assumption holds or does not."""
    return Finding(name, Verdict.HOLDS if holds else Verdict.FAILS, numbers)


def not_tried(name: str, reason: str, **numbers: int) -> Finding:
    """Return the finding that an assumption could not be tried, and why."""
    return Finding(name, Verdict.NOT_TRIED, numbers, reason)


def by_status(statuses: Iterable[int]) -> dict[str, int]:
    """Return how many responses have each status, under names for a finding."""
    known = list(statuses)
    return {f"with_status_{one}": known.count(one) for one in sorted(set(known))}


def summary(findings: Iterable[Finding]) -> str:
    """Return the last line of a report: how many findings have each verdict."""
    verdicts = [finding.verdict for finding in findings]
    return ", ".join(f"{verdicts.count(one)} {one.value}" for one in Verdict)


def _shown(value: int) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(int(value))
