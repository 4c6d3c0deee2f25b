"""Writes the tables and diagrams in docs/streams.md: `make docs`.

They come from the stream classes and from tools/stream_facts.py. With `--check`, it writes nothing
and only reports whether the document is current.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from source_confluence import SourceConfluence
from source_confluence.connection import Connection
from source_confluence.streams import ALL_COMMENTS, catalogue
from source_confluence.streams.base import ConfluenceStream
from source_confluence.streams.children import Children
from source_confluence.streams.comments import Comments
from source_confluence.streams.labels import LabelLinks
from source_confluence.streams.search import TreeContent
from tools.generated import filled, table, write
from tools.stream_facts import (
    GROUPS,
    HIDDEN,
    LISTS,
    RIGHTS,
    SCOPES,
    TARGETS,
    TARGETS_IN_A_STREAM,
)

DOCUMENT = Path(__file__).parents[1] / "docs" / "streams.md"
ANY_CONFIG = {"domain_name": "site", "email": "somebody", "api_token": "token"}
APIS = {"/wiki/api/v2/": "v2", "/wiki/rest/api/": "v1"}
PEOPLE = ("users", "group")


@dataclass(frozen=True)
class Link:
    """A field of one stream that holds the key of another stream, or of the same one."""

    stream: str
    field: str
    target: str
    is_in_key: bool
    is_whole_key: bool

    @property
    def drawn(self) -> str:
        """The link in Mermaid. A field outside the primary key may be null."""
        one = "||" if self.is_in_key else "|o"
        many = "o|" if self.is_whole_key else "o{"
        return f"{self.target} {one}--{many} {self.stream} : {self.field}"


class Streams:
    """The streams and what the document says about them."""

    def __init__(self) -> None:
        logger = logging.getLogger("airbyte")
        config = SourceConfluence().parse_config(ANY_CONFIG, logger)
        found = catalogue(Connection.open(config, logger), logger)
        self.streams = found.streams
        self.lists = [found.shared.stream(comments.name) for comments in ALL_COMMENTS]
        self.facts = dict(HIDDEN)
        for group in GROUPS.values():
            self.facts.update(group)

    @cached_property
    def by_name(self) -> dict[str, ConfluenceStream]:
        """All streams, and the lists that only other streams read."""
        return {stream.name: stream for stream in (*self.streams, *self.lists)}

    def endpoints(self, stream: ConfluenceStream) -> tuple[str, ...]:
        """Return the endpoints a stream requests itself, such as `v2 pages/{pageId}/labels`."""
        if stated := self.facts[stream.name].endpoints:
            return stated
        api = next(api for base, api in APIS.items() if stream.url_base.endswith(base))
        found = [f"{api} {stream.endpoint}"]
        if isinstance(stream, LabelLinks):
            found.append(f"{api} {stream.links}")
        if isinstance(stream, TreeContent):
            found.append(f"v2 {stream.source}/{{id}}")
        return tuple(found)

    def shared_lists(self, stream: ConfluenceStream) -> tuple[str, ...]:
        """Return the names of the lists that a full sync shares with other streams."""
        parents = stream.parents if isinstance(stream, Children) else ()
        return (*parents, *self.facts[stream.name].lists)

    def scopes(self, stream: ConfluenceStream) -> list[str]:
        """Return the scopes of everything that a full sync of a stream requests."""
        sources = (stream, *(self.by_name[name] for name in self.shared_lists(stream)))
        return sorted(
            {
                scope
                for source in sources
                for endpoint in self.endpoints(source)
                for scope in SCOPES[scope_rule(endpoint)]
            }
        )

    def links(self) -> Iterator[Link]:
        """Yield each field that holds the key of a stream.

        All footer comments count as one stream here, and so do all inline comments.
        """
        seen = set()
        for stream in self.streams:
            name = stream.kind if isinstance(stream, Comments) else stream.name
            for field in stream.get_json_schema()["properties"]:
                for target in self._targets(stream, name, field):
                    link = Link(name, field, target, field in stream.key, stream.key == (field,))
                    if link not in seen and not (link.is_whole_key and name == target):
                        seen.add(link)
                        yield link

    def _targets(self, stream: ConfluenceStream, name: str, field: str) -> tuple[str, ...]:
        if isinstance(stream, Children) and field == stream.parent_key:
            return stream.parents
        return TARGETS_IN_A_STREAM.get((name, field)) or TARGETS.get(field, ())

    def blocks(self) -> dict[str, str]:
        """Return the Markdown of each generated part."""
        links = list(self.links())
        return {
            "streams": "\n\n".join(
                f"### {title}\n\n{self._group(names)}" for title, names in GROUPS.items()
            ),
            "lists": table(
                ("list", "requests"), ((f"`{name}`", cost) for name, cost in LISTS.items())
            ),
            "content": _diagram(link for link in links if link.target not in PEOPLE),
            "people": _diagram(link for link in links if link.target in PEOPLE),
        }

    def _group(self, names: Iterable[str]) -> str:
        header = ("stream", "endpoints", "primary key", "sync modes", "requests of a full sync")
        return table(
            (*header, "of an incremental one", "shared", "scopes and rights"),
            (self._row(self.by_name[name]) for name in names),
        )

    def _row(self, stream: ConfluenceStream) -> tuple[str, ...]:
        facts = self.facts[stream.name]
        shares = [f"list `{name}`" for name in self.shared_lists(stream)]
        if isinstance(stream, Children) and stream.section:
            shares.append("GET by id")
        rights = [RIGHTS[stream.name]] if stream.name in RIGHTS else []
        if isinstance(stream, Children) and stream.needs_a_right_of_its_own:
            rights.append("a right of its own")
        return (
            f"`{stream.name}`",
            _codes(self.endpoints(stream)),
            _codes(stream.key),
            f"full, incremental by `{stream.cursor_field}`"
            if stream.supports_incremental
            else "full",
            facts.full,
            (facts.later or "the same") if stream.supports_incremental else "",
            ", ".join(shares),
            ", ".join([*(f"`{scope}`" for scope in self.scopes(stream)), *rights]),
        )


def scope_rule(endpoint: str) -> str:
    """Return the key of SCOPES that covers an endpoint. Raises ValueError if none does."""
    generic = re.sub(r"\{\w+\}", "{id}", endpoint)
    return max((rule for rule in SCOPES if f"{generic}/".startswith(f"{rule}/")), key=len)


def current(text: str) -> str:
    """Return the document with its generated parts up to date.

    Raises ValueError if a part is not in the document.
    """
    return filled(text, Streams().blocks())


def main(arguments: Sequence[str], document: Path = DOCUMENT) -> str | None:
    """Write the document, or with `--check` return a sentence if it is not current."""
    return write(arguments, document, Streams().blocks())


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _diagram(links: Iterable[Link]) -> str:
    lines = (f"    {link.drawn}" for link in links)
    return "\n".join(("```mermaid", "erDiagram", *lines, "```"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
