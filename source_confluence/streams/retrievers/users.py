"""Users: everyone a search finds, and other authors and owners."""

from __future__ import annotations

from collections.abc import Iterator

from typing_extensions import override

from source_confluence.confluence.records import Record
from source_confluence.confluence.responses import is_list
from source_confluence.streams.kinds import BLOG_POST, PAGE
from source_confluence.streams.retrievers.endpoint import v1, v2
from source_confluence.streams.retrievers.whole_list import WholeList
from source_confluence.streams.sync.run import Slice, StreamRun

IDS_PER_REQUEST = 250
PEOPLE_FIELDS = ("authorId", "ownerId", "lastOwnerId")


class Users(WholeList):
    """Reads everyone a search finds, and all other authors and owners of content.

    GET /wiki/rest/api/search/user stops at 10,000; then POST /wiki/api/v2/users-bulk for the ids
    that the lists of pages and blog posts name and the search did not.
    """

    def __init__(self) -> None:
        super().__init__(v1("search/user", {"cql": "type=user"}, page_size=200), _without_search)
        self._bulk = v2("users-bulk")
        self.endpoints = (str(self.endpoint), str(self._bulk))
        self.shared_lists = (PAGE.name, BLOG_POST.name)

    @override
    def read(self, run: StreamRun, part: Slice) -> Iterator[Record]:
        found: set[str] = set()
        for user in super().read(run, part):
            found.add(user.get("accountId", ""))
            yield user
        others = sorted(_named(run) - found)
        client = run.sync.connection.client
        for first in range(0, len(others), IDS_PER_REQUEST):
            ids = {"accountIds": others[first : first + IDS_PER_REQUEST]}
            yield from client.post(self._bulk.url(run), ids, stream=run.name, shape=is_list).results


def _named(run: StreamRun) -> set[str]:
    """Return the account ids that the lists of pages and blog posts name."""
    named: set[str] = set()
    for kind in (PAGE, BLOG_POST):
        for record in run.sync.list_of(kind).records():
            version = record.get("version") or {}
            people = (*(record.get(field) for field in PEOPLE_FIELDS), version.get("authorId"))
            named.update(filter(None, people))
    return named


def _without_search(element: Record) -> Record:
    """Return the user, without what the search says around it."""
    user = element.get("user")
    return user if isinstance(user, dict) else element
