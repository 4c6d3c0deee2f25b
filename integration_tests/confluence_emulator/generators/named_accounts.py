"""Deactivated accounts that only one record each names."""

from collections.abc import Iterable

from integration_tests.confluence_emulator.generators.unlisted import NAMED_BY
from integration_tests.confluence_emulator.model import Versioned
from integration_tests.confluence_emulator.site import Site


def name_deactivated(site: Site) -> None:
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
