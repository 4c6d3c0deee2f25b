"""Site-wide lists of small records: labels, tasks, classification levels, users by id.

GET /wiki/api/v2/labels, /tasks, /classification-levels; POST /wiki/api/v2/users-bulk.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

import orjson

from integration_tests.confluence_emulator.endpoint import V2, Answer, Call, Endpoint
from integration_tests.confluence_emulator.endpoints.children import LIST_FORMATS, PREFIXES
from integration_tests.confluence_emulator.errors import BadRequestError, NotFoundError
from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.listing import (
    Filter,
    List,
    choice_filter,
    choices_filter,
    id_filter,
    in_spaces_filter,
    range_filter,
    texts_filter,
)
from integration_tests.confluence_emulator.model import Label, Task
from integration_tests.confluence_emulator.rendering_details import (
    render_bulk_user,
    render_classification_level,
    render_label,
    render_task,
)
from integration_tests.confluence_emulator.site import Site

MAX_IDS = 250


def _in_container(name: str, kind: str) -> Filter[Task]:
    def number(task: Task) -> int:
        return task.container_id if task.container_kind == kind else -1

    return id_filter(name, MAX_IDS, number)


def _tasks(call: Call) -> Iterable[Task]:
    """Return the tasks whose container isn't in the trash."""
    for task in call.site.tasks:
        container = call.site.container(task)
        if container is not None and container.status != "trashed":
            yield task


def _blank(call: Call) -> Collection[object] | None:
    blank = call.query.choice("include-blank-tasks", ("true", "false"))
    return (False,) if blank == "false" else None


@dataclass(frozen=True)
class ClassificationLevels:
    """A bare array; 404 if the plan has no classification."""

    path: str = f"{V2}/classification-levels"

    def answer(self, call: Call) -> Answer:
        """Return the levels; raises NotFoundError."""
        if "classification" in call.missing_features:
            raise NotFoundError("Classification levels are not part of this site's edition")
        return Answer([render_classification_level(one) for one in call.site.classification_levels])


@dataclass(frozen=True)
class UsersBulk:
    """Accounts by id, whatever their status, except the last former account."""

    path: str = f"{V2}/users-bulk"

    def answer(self, call: Call) -> Answer:
        """Return the accounts; raises BadRequestError."""
        try:
            wanted = orjson.loads(call.content)["accountIds"]
        except (ValueError, KeyError, TypeError):
            raise BadRequestError("accountIds is required") from None
        if not isinstance(wanted, list) or not 1 <= len(wanted) <= MAX_IDS:
            raise BadRequestError(f"accountIds takes 1 to {MAX_IDS} ids")
        site = call.site
        unknown = {person.account_id for person in site.former_people[-1:]}
        found = [
            render_bulk_user(person)
            for account_id in dict.fromkeys(wanted)
            if (person := site.person(account_id)) is not None and account_id not in unknown
        ]
        return Answer({"results": found, "_links": {"base": call.base}})


SITE_LISTS: tuple[Endpoint, ...] = (
    List[Label](
        path=f"{V2}/labels",
        rows=lambda call: call.site.labels,
        identity=lambda label: label.id,
        render=lambda label, _: render_label(label),
        sorts={"id": lambda label: label.id, "name": lambda label: label.name},
        filters=(
            id_filter("label-id", MAX_IDS, lambda label: label.id),
            choices_filter("prefix", PREFIXES, lambda label: label.prefix),
        ),
    ),
    List[Task](
        path=f"{V2}/tasks",
        rows=_tasks,
        identity=lambda task: task.id,
        render=lambda task, call: render_task(task, call.site, call.query.text("body-format")),
        sorts={"id": lambda task: task.id},
        sortable=False,
        filters=(
            choice_filter(
                "status",
                ("complete", "incomplete"),
                lambda task: "incomplete" if task.completed is None else "complete",
            ),
            Filter(_blank, lambda task: not task.text),
            id_filter("task-id", MAX_IDS, lambda task: task.id),
            in_spaces_filter(MAX_IDS, lambda site: site.tasks),
            _in_container("page-id", "page"),
            _in_container("blogpost-id", "blogpost"),
            texts_filter("created-by", MAX_IDS, lambda task: task.creator),
            texts_filter("assigned-to", MAX_IDS, lambda task: task.assignee or ""),
            texts_filter("completed-by", MAX_IDS, lambda task: task.completer or ""),
            range_filter("created-at", lambda task: task.created),
            range_filter("due-at", lambda task: task.due),
            range_filter("completed-at", lambda task: task.completed),
        ),
        choices={"body-format": LIST_FORMATS},
    ),
    ClassificationLevels(),
)

POSTS: tuple[Endpoint, ...] = (UsersBulk(),)

RECORDS: Mapping[str, Callable[[Site], Iterable[Json]]] = {
    "labels": lambda site: [render_label(label) for label in site.labels],
    "classification_levels": lambda site: [
        render_classification_level(level) for level in site.classification_levels
    ],
}
"""The ground truth of streams that read such a list and that no filter concerns, by stream."""
