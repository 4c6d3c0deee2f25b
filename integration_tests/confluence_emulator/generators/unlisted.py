"""Accounts that a user search leaves out: guests by default, and deactivated ones always."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from integration_tests.confluence_emulator.generators.random_values import (
    random_source,
    random_uuid,
)
from integration_tests.confluence_emulator.model import Versioned
from integration_tests.confluence_emulator.organization import Person
from integration_tests.confluence_emulator.spec import SiteSpec

if TYPE_CHECKING:
    from integration_tests.confluence_emulator.site import Site

_GUESTS = 3
NAMED_BY = ("attachment", "comment", "like", "member", "task", "watcher")
"""What names one deactivated account each, which nothing else names."""


@dataclass(frozen=True)
class Unlisted:
    """The accounts of a site that a search leaves out."""

    guests: list[Person]
    deactivated: list[Person]
    """One for each of NAMED_BY, in that order."""


def unlisted(spec: SiteSpec) -> Unlisted:
    """Return the accounts; the search finds guests if its filter says so."""
    if not spec.unlisted_users:
        return Unlisted([], [])
    random = random_source(spec, "unlisted")
    return Unlisted(
        [
            Person(f"712020:{random_uuid(random)}", f"Guest {number}", is_guest=True)
            for number in range(_GUESTS)
        ],
        [
            Person(f"712020:{random_uuid(random)}", f"Deactivated {name}", status="inactive")
            for name in NAMED_BY
        ],
    )


def name_deactivated(site: "Site") -> None:
    """Let one attachment, comment, like, group, task and watch each name a deactivated account."""
    ids = {
        name: person.account_id
        for name, person in zip(NAMED_BY, site.unlisted.deactivated, strict=False)
    }
    if not ids:
        return
    for kind, name in (("attachment", "attachment"), ("footer_comment", "comment")):
        item = _last_current(site.table(kind))
        if item is not None:
            item.author = item.version_author = ids[name]
    page = _last_current(site.pages)
    if page is not None:
        site.likes[page.id] = [*site.likes.get(page.id, ()), ids["like"]]
        site.page_watchers[page.id] = [*site.page_watchers.get(page.id, ()), ids["watcher"]]
    if site.groups:
        group = site.groups[0].id
        site.members[group] = [*site.members.get(group, ()), ids["member"]]
    for task in site.tasks:
        container = site.container(task)
        if isinstance(container, Versioned) and container.status == "current":
            task.assignee = ids["task"]
            break


def _last_current(items: Iterable[Versioned]) -> Versioned | None:
    return next((item for item in reversed(list(items)) if item.status == "current"), None)
