"""v1 lists, paged by start and limit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from integration_tests.confluence_emulator.endpoint import Answer, Call
from integration_tests.confluence_emulator.errors import BadRequestError, NotPermittedError
from integration_tests.confluence_emulator.jsontypes import Json

T = TypeVar("T")


@dataclass(frozen=True)
class OffsetList(Generic[T]):
    """A list of the v1 API; a limit above `max_limit` is reduced to it, without an error."""

    path: str
    rows: Callable[[Call], Sequence[T]]
    render: Callable[[T, Call], Json]
    max_limit: int = 200
    default_limit: int | None = None
    """The limit if the query has none; None for `max_limit`."""
    needs_admin: bool = False
    has_next_link: bool = True
    """Whether a page of results links to the next one."""
    states_truth: bool = True
    """Whether the answer states the limit that it applied and describes the whole list; otherwise
    the requested limit, and only the page of results."""
    extra_rows: int = 0
    """How many more rows than `limit` it returns."""
    extra_fields: Callable[[Sequence[T], Call], Json] = lambda _, __: {}
    """Returns the fields of the answer that describe these rows."""

    def answer(self, call: Call) -> Answer:
        """Return one page of results; raises BadRequestError and NotPermittedError."""
        if self.needs_admin and not call.admin:
            raise NotPermittedError
        start = call.query.number("start", 0)
        requested = call.query.number("limit", self.default_limit or self.max_limit)
        limit = min(requested, self.max_limit)
        if start < 0 or limit < 0:
            raise BadRequestError("start and limit must not be negative")
        rows = self.rows(call)
        page = rows[start : start + limit + self.extra_rows] if limit else []
        path = self.path.format(**call.path_params)
        links = {
            "base": call.base,
            "context": "/wiki",
            "self": call.base + path.removeprefix("/wiki"),
        }
        if start + limit < len(rows) and limit and self.has_next_link:
            kept = {
                name: values
                for name, values in call.query.parameters.items()
                if name not in ("start", "limit", "next")
            }
            query = {"next": "true", **kept, "limit": limit, "start": start + limit}
            links["next"] = f"{path.removeprefix('/wiki')}?{urlencode(query, doseq=True)}"
        results = [self.render(row, call) for row in page]
        return Answer(
            {
                "results": results,
                "start": start,
                "limit": limit if self.states_truth else requested,
                "size": len(results),
                **self.extra_fields(rows if self.states_truth else page, call),
                "_links": links,
            }
        )
