"""Lists of the v1 API that are paged by start and limit."""

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
    """A list of the v1 API; a larger limit than `most` is clipped, not refused."""

    path: str
    rows: Callable[[Call], Sequence[T]]
    render: Callable[[T, Call], Json]
    most: int = 200
    default_limit: int | None = None
    """The limit where none is given; None for `most`."""
    needs_admin: bool = False
    linked: bool = True
    """Whether there is a link to the next page."""
    about: Callable[[Sequence[T], Call], Json] = lambda _, __: {}
    """What the answer tells of all rows."""

    def answer(self, call: Call) -> Answer:
        """Return one page of results; raises BadRequestError and NotPermittedError."""
        if self.needs_admin and not call.admin:
            raise NotPermittedError
        start = call.query.number("start", 0)
        limit = min(call.query.number("limit", self.default_limit or self.most), self.most)
        if start < 0 or limit < 0:
            raise BadRequestError("start and limit must not be negative")
        rows = self.rows(call)
        page = rows[start : start + limit]
        path = self.path.format(**call.parts)
        links = {
            "base": call.base,
            "context": "/wiki",
            "self": call.base + path.removeprefix("/wiki"),
        }
        if start + limit < len(rows) and limit and self.linked:
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
                "limit": limit,
                "size": len(results),
                **self.about(rows, call),
                "_links": links,
            }
        )
