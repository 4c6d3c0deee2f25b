"""Tasks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from airbyte_cdk.models import SyncMode

from source_confluence.confluence import timestamps
from source_confluence.confluence.listing import Record, ids_of
from source_confluence.connection import Connection
from source_confluence.streams.base import CursorList, Slice
from source_confluence.streams.content import (
    MAX_SPACES_PER_REQUEST,
    BlogPosts,
    Pages,
    SpaceContent,
)
from source_confluence.streams.content_filter import ContentFilter
from source_confluence.streams.incremental import IncrementalStream
from source_confluence.streams.retrievers.recent_keys import RecentKeys
from source_confluence.streams.retrievers.replayable_list import ReplayableList
from source_confluence.streams.shared import Shared

CONTENT_PER_REQUEST = 250


class PagesWithTasks(Pages):
    """Pages in every status in which they can have tasks, and in those of the config."""

    @property
    def statuses(self) -> tuple[str, ...]:
        return _with(("current", "archived"), super().statuses)


class BlogPostsWithTasks(BlogPosts):
    """Blog posts in every status in which they can have tasks, and in those of the config."""

    @property
    def statuses(self) -> tuple[str, ...]:
        return _with(("current",), super().statuses)


class Tasks(CursorList, IncrementalStream):
    """Every task. GET /wiki/api/v2/tasks.

    It can be asked for tasks created or completed since a moment, but not for changed ones. A task
    is changed by editing what it stands on: so the tasks of changed pages and blog posts are asked
    for as well, in whatever status those are, for no list of tasks goes by that.
    """

    name = "tasks"
    endpoint = "tasks"
    cursor_field = "updatedAt"
    heavy_params = ("body-format",)

    def __init__(self, connection: Connection, shared: Shared, selection: ContentFilter) -> None:
        super().__init__(connection, shared)
        self._selection = selection
        self._containers: dict[str, SpaceContent] = {
            "page-id": PagesWithTasks(connection, shared, selection),
            "blogpost-id": BlogPostsWithTasks(connection, shared, selection),
        }

    def comparable(self, value: Any) -> str:
        """Return a timestamp in the fixed-width form."""
        return timestamps.canonical(str(value))

    def cursor_value_at(self, moment: datetime) -> str:
        """Return `moment` in the fixed-width form."""
        return timestamps.from_datetime(moment)

    def stream_slices(self, **_: Any) -> Iterator[Slice]:
        """Yield one slice; what changed since a moment overlaps in three ways."""
        yield {}

    def request_params(
        self,
        stream_state: Mapping[str, Any] | None,  # noqa: ARG002  # the CDK's contract
        stream_slice: Slice | None = None,
        next_page_token: Mapping[str, Any] | None = None,  # noqa: ARG002  # the CDK's contract
    ) -> dict[str, Any]:
        """Return the parameters of a slice."""
        params = dict(stream_slice or {})
        if self._config.body_format != "none":
            params["body-format"] = self._config.body_format
        return params

    def read_records(
        self,
        sync_mode: SyncMode,  # noqa: ARG002  # the CDK's contract
        cursor_field: list[str] | None = None,  # noqa: ARG002  # the CDK's contract
        stream_slice: Slice | None = None,  # noqa: ARG002  # there is one
        stream_state: Mapping[str, Any] | None = None,  # noqa: ARG002  # the CDK's contract
    ) -> Iterator[Record]:
        """Yield the tasks, each once. Raises what `Listing.pages` raises."""
        if self.resumes_from.newest is None:
            for part in self._everything():
                recent = RecentKeys(self.key)
                for page in self.listing(part).pages():
                    yield from recent.fresh(filter(self._is_wanted, page))
            return
        seen: set[str | None] = set()
        for part in self._changes():
            for page in self.listing(part).pages():
                for task in filter(self._is_wanted, page):
                    task_id = task.get("id")
                    if task_id is None or task_id not in seen:
                        seen.add(task_id)
                        yield task

    def _everything(self) -> Iterable[Slice]:
        spaces = self._selection.spaces
        if not spaces.are_few(MAX_SPACES_PER_REQUEST):
            return [{}]
        batches = spaces.batches(wanted=1, largest=MAX_SPACES_PER_REQUEST)
        return ({"space-id": ",".join(batch)} for batch in batches)

    def _changes(self) -> Iterator[Slice]:
        since = timestamps.earlier(str(self.resumes_from.newest), self._config.lookback)
        milliseconds = timestamps.to_epoch_milliseconds(since)
        yield {"created-at-from": milliseconds}
        yield {"completed-at-from": milliseconds}
        for parameter, stream in self._containers.items():
            changed = self._changed(stream, since).pages()
            bounds = {"modifiedSince": since}
            ids = [i for page in changed for i in ids_of(stream.select(page, bounds))]
            for first in range(0, len(ids), CONTENT_PER_REQUEST):
                yield {parameter: ",".join(ids[first : first + CONTENT_PER_REQUEST])}

    def _changed(self, stream: SpaceContent, since: str) -> ReplayableList:
        """Return the list of what changed: the one that others read, if that has the statuses."""
        others = self._shared.stream(stream.name)
        assert isinstance(others, SpaceContent)  # noqa: S101  # the catalogue says so
        if set(stream.statuses) == set(others.statuses):
            return self._shared.list_once((stream.name, since), partial(others.listed_since, since))
        key = (self.name, stream.name, since)
        return self._shared.list_once(key, partial(stream.listed_since, since))

    def _is_wanted(self, task: Record) -> bool:
        start_date, updated_at = self._config.start_date, self.cursor_value(task)
        if start_date is not None and updated_at is not None and updated_at < start_date:
            return False
        selection = self._selection
        if not selection.is_filtered:
            return True
        if self._config.cql is None:
            return selection.spaces.has(task.get("spaceId"))
        return selection.has("pages", task.get("pageId")) or selection.has(
            "blog_posts", task.get("blogPostId")
        )


def _with(statuses: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return (*statuses, *(status for status in others if status not in statuses))
