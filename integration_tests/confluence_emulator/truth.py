"""Ground truth: the records that a complete read of a stream must bring."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from integration_tests.confluence_emulator.endpoints.administration import (
    render_audit_record,
    render_group,
)
from integration_tests.confluence_emulator.endpoints.spaces import render_space
from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.model import Content, Space, Table
from integration_tests.confluence_emulator.rendering import render_content
from integration_tests.confluence_emulator.site import Site


@dataclass(frozen=True)
class Selection:
    """What of a site the reader asked for."""

    site: Site
    base: str
    """The site's URL with its context path."""
    body_format: str | None = None
    statuses: Collection[str] = ("current", "archived")
    space_keys: Collection[str] | None = None

    @property
    def spaces(self) -> list[Space]:
        """Return the spaces asked for."""
        return [s for s in self.site.spaces if self.space_keys is None or s.key in self.space_keys]

    def content(self, table: Table[Content]) -> list[Json]:
        """Return the content of these spaces and statuses."""
        space_ids = {space.id for space in self.spaces}
        return [
            render_content(content, self.site, self.body_format)
            for content in table
            if content.status in self.statuses and content.space_id in space_ids
        ]


STREAMS: Mapping[str, Callable[[Selection], Iterable[Json]]] = {
    "space": lambda chosen: [render_space(one, "plain", icon=True) for one in chosen.spaces],
    "pages": lambda chosen: chosen.content(chosen.site.pages),
    "blog_posts": lambda chosen: chosen.content(chosen.site.blog_posts),
    "group": lambda chosen: [render_group(one, chosen.base) for one in chosen.site.groups],
    "audit": lambda chosen: [render_audit_record(one) for one in chosen.site.audit_records],
}
"""By stream: its records as the API serves them, in no particular order."""


def expected(stream: str, selection: Selection) -> list[Json]:
    """Return the records of a stream; raises ValueError for one that is not known.

    Spaces come in both statuses, with the plain description and the icon.
    """
    if stream not in STREAMS:
        raise ValueError(f"Unknown stream: {stream}")
    with selection.site.lock:
        return list(STREAMS[stream](selection))
