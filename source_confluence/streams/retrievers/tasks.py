"""Tasks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from typing_extensions import override

from source_confluence.confluence import timestamps
from source_confluence.confluence.records import Record, ids_of
from source_confluence.streams.kinds import BLOG_POST, PAGE
from source_confluence.streams.retrievers.by_space import BySpace, batches, few_spaces
from source_confluence.streams.retrievers.endpoint import v2
from source_confluence.streams.sync.run import Retriever, Slice, StreamRun
from source_confluence.streams.sync.shared_list import ReplayableList

CONTENT_PER_REQUEST = 250


class Tasks(Retriever):
    """Reads every task, or those that may have changed.

    Confluence lists tasks created or completed since a moment, but not changed ones. A task changes
    when its page is edited: so the tasks of changed pages and blog posts are requested as well, in
    whatever status those are, because no list of tasks goes by that.
    """

    follows_spaces = True

    def __init__(self) -> None:
        self._tasks = v2("tasks", has_bodies=True)
        self._containers = {
            "page-id": BySpace(PAGE, always=("current", "archived")),
            "blogpost-id": BySpace(BLOG_POST, always=("current",)),
        }
        self.endpoints = (str(self._tasks), "v2 pages", "v2 blogposts")

    @override
    def slices(self, run: StreamRun) -> Iterable[Slice]:
        """Yield one slice: what changed since a moment overlaps in three ways."""
        return ({},)

    @override
    def read(self, run: StreamRun, part: Slice) -> Iterator[Record]:
        """Yield the tasks, each once."""
        if run.state.newest is None:
            for params in self._everything(run):
                recent = run.recent_keys()
                for page in self._tasks.listing(run, params).pages():
                    yield from recent.fresh(t for t in page if _is_selected(run, t))
            return
        seen: set[str | None] = set()
        for params in self._changes(run):
            for page in self._tasks.listing(run, params).pages():
                for task in page:
                    task_id = task.get("id")
                    if _is_selected(run, task) and (task_id is None or task_id not in seen):
                        seen.add(task_id)
                        yield task

    @override
    def probe(self, run: StreamRun) -> None:
        self._tasks.first_record(run)

    def _everything(self, run: StreamRun) -> Iterator[Mapping[str, Any]]:
        for part in few_spaces(run):
            yield {"space-id": ",".join(part["spaceIds"])} if part else {}

    def _changes(self, run: StreamRun) -> Iterator[Mapping[str, Any]]:
        since = timestamps.earlier(str(run.state.newest), run.config.lookback)
        milliseconds = timestamps.to_epoch_milliseconds(since)
        yield {"created-at-from": milliseconds}
        yield {"completed-at-from": milliseconds}
        for batch in batches(sorted(run.arrived)):
            yield {"space-id": ",".join(batch)}
        for parameter, containers in self._containers.items():
            owner = run.sync.runs[containers.kind.name]
            bounds = {"modifiedSince": since}
            changed = _changed(run, owner, containers, since).pages()
            ids = [i for page in changed for i in ids_of(containers.select(owner, page, bounds))]
            for first in range(0, len(ids), CONTENT_PER_REQUEST):
                yield {parameter: ",".join(ids[first : first + CONTENT_PER_REQUEST])}


def _changed(run: StreamRun, owner: StreamRun, containers: BySpace, since: str) -> ReplayableList:
    """Return the list of what changed: the one that others read, if that has the statuses."""
    shared = run.sync.list_of(containers.kind)
    if set(containers.statuses(run)) == set(containers.selected_statuses(run)):
        return shared.since(since)
    key = (run.name, containers.kind.name, since)
    charged = run.sync.connection.meter.to_first
    return run.sync.memo.once(
        key, lambda: ReplayableList(partial(charged, containers.light_pages, owner, since))
    )


def _is_selected(run: StreamRun, task: Record) -> bool:
    start_date, updated_at = run.config.start_date, run.cursor.value(task)
    if start_date is not None and updated_at is not None and updated_at < start_date:
        return False
    content = run.sync.content
    if not content.is_active:
        return True
    if run.config.cql is None:
        return content.spaces.has(task.get("spaceId"))
    return content.has_container(task, PAGE, BLOG_POST)
