"""Users: everyone a search finds, and everyone else whom records name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from typing_extensions import override

from source_confluence.confluence.errors import (
    ConfluenceError,
    RequestRefused,
    ServerError,
    UnreadableRecords,
)
from source_confluence.confluence.records import Record, objects_in
from source_confluence.confluence.responses import is_list
from source_confluence.streams.cursor_field import LAST_MODIFIED
from source_confluence.streams.kinds import BLOG_POST, PAGE
from source_confluence.streams.retrievers.comments import CommentsOn
from source_confluence.streams.retrievers.endpoint import v1, v2
from source_confluence.streams.retrievers.tasks import Tasks
from source_confluence.streams.retrievers.whole_list import WholeList
from source_confluence.streams.sync.accounts import named_in
from source_confluence.streams.sync.run import Slice, StreamRun

IDS_PER_REQUEST = 250
MOST_PER_PAGE = 100
"""search/user lowers a higher limit to this, and reports the one requested (measured by
mozilla/markfluence)."""
MOST_FOUND = 10_000
"""Where the search ends, although there may be more."""


class Users(WholeList):
    """Reads everyone a search finds, and all others that the records of this sync name.

    GET /wiki/rest/api/search/user stops at 10,000 and leaves out deactivated accounts; then POST
    /wiki/api/v2/users-bulk for the ids that the lists of pages and blog posts name, and the records
    of all other selected streams.
    """

    reads_after_others = True

    def __init__(self) -> None:
        found = {"cql": "type=user", "sitePermissionTypeFilter": "all"}
        endpoint = v1("search/user", found, page_size=MOST_PER_PAGE, follow_up=1)
        super().__init__(endpoint, _without_search)
        self._bulk = v2("users-bulk")
        self.endpoints = (str(self.endpoint), str(self._bulk))
        self.shared_lists = (PAGE.name, BLOG_POST.name)

    @override
    def read(self, run: StreamRun, part: Slice) -> Iterator[Record]:
        """Yield the users, each once.

        Raises UnreadableRecords at the end if Confluence failed to return some of those that the
        search does not find.
        """
        found: set[str] = set()
        for user in super().read(run, part):
            found.add(str(user.get("accountId")))
            yield user
        if len(found) >= MOST_FOUND:
            run.logger.warning(
                f"A search finds {MOST_FOUND} users at most: of all others, {run.name} has only "
                "those whom records name."
            )
        accounts = run.sync.accounts
        named = set() if accounts is None else accounts.ids()
        failures = [_add_from(pages, named) for pages in _other_lists(run)]
        yield from self._others(run, sorted(named - found))
        for failure in filter(None, failures):
            raise failure

    def _others(self, run: StreamRun, ids: list[str]) -> Iterator[Record]:
        """Yield the users with these ids. Raises UnreadableRecords at the end if some failed."""
        client, url = run.sync.connection.client, self._bulk.url(run)
        failed, known, reason = 0, 0, ""
        for first in range(0, len(ids), IDS_PER_REQUEST):
            batch = ids[first : first + IDS_PER_REQUEST]
            try:
                response = client.post(url, {"accountIds": batch}, stream=run.name, shape=is_list)
            except (ServerError, RequestRefused) as failure:
                failed, reason = failed + len(batch), failure.message
                continue
            seen: set[str] = set()  # only of this batch: there may be a million
            for user in objects_in(response.results):
                account_id = str(user.get("accountId"))
                if account_id not in seen:
                    seen.add(account_id)
                    yield user
            known += len(seen)
        if failed:
            raise UnreadableRecords(
                f"Could not read {failed} users whom other records name: {reason}"
            )
        unknown = len(ids) - known
        if unknown > 0:
            run.logger.info(f"Confluence does not know {unknown} of {len(ids)} other accounts.")


def _other_lists(run: StreamRun) -> Iterator[Iterable[list[Record]]]:
    """Yield the lists that name people whom the records of this sync may not name.

    Those are pages and blog posts, selected or not, and what a selected stream reads only in part
    because it continues from a state.
    """
    sync = run.sync
    names = {PAGE.name, BLOG_POST.name}
    for other in sync.selected_runs:
        if other.state.newest is None:
            continue
        if isinstance(other.retriever, CommentsOn):
            names.add(other.retriever.kind.name)
        elif other.cursor_field is LAST_MODIFIED:
            names.add(other.name)
        elif isinstance(other.retriever, Tasks):
            yield v2("tasks").listing(other, light=True).pages()
    for name in sorted(names & sync.lists.keys()):
        shared = sync.lists[name]
        # Comments in the trash are listed, too, but name nobody whom a full sync would add.
        yield shared.pages() if name in {PAGE.name, BLOG_POST.name} else shared.selected_pages()


def _add_from(pages: Iterable[list[Record]], named: set[str]) -> ConfluenceError | None:
    """Add the ids that a list names; return what ended the list early."""
    try:
        for page in pages:
            for record in page:
                named.update(named_in(record))
    except ConfluenceError as failure:
        return failure
    return None


def _without_search(element: Record) -> Record:
    """Return the user, without what the search says around it."""
    user = element.get("user")
    return user if user and isinstance(user, dict) else element
