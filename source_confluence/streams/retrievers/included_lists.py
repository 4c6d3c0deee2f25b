"""The lists of a page or a blog post that a GET of it by its id includes."""

from __future__ import annotations

from source_confluence.confluence.records import Record
from source_confluence.confluence.responses import is_entity
from source_confluence.streams.kinds import Kind
from source_confluence.streams.retrievers.batches import Details
from source_confluence.streams.retrievers.endpoint import v2
from source_confluence.streams.sync.run import StreamRun

STATUSES_FOUND_BY_ID = ("current", "archived")
"""What a GET of a page or a blog post by its id finds without `status`. The lists of any other take
no status and answer 404, so that only a GET by id with `status` has them."""


def get_lists(run: StreamRun, kind: Kind, parent: Record, sections: list[str]) -> Details:
    """GET /wiki/api/v2/{kind}/{id} with include-*: the lists that the response does include."""
    params = {f"include-{section}": "true" for section in sections}
    if is_hidden(kind, parent):
        params["status"] = parent["status"]
    by_id = v2(f"{kind.path}/{{id}}").at(id=parent["id"])
    details = by_id.get(run, params, shape=is_entity).body
    included = {section: details.get(section) for section in sections}
    return {name: one for name, one in included.items() if _is_page_of_results(one)}


def is_hidden(kind: Kind, parent: Record) -> bool:
    """Return whether only a GET by id with `status` finds a parent, and none of its lists."""
    return kind.by_id_takes_status and parent.get("status") not in (None, *STATUSES_FOUND_BY_ID)


def _is_page_of_results(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("results"), list)
