"""Writes the tables and diagrams in docs/streams.md and docs/confluence.md: `make docs`.

They come from the stream classes. With `--check`, it writes nothing and only reports whether they
are current.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from airbyte_cdk.sources.utils.schema_helpers import ResourceSchemaLoader

from source_confluence.streams import (
    LISTS,
    STREAMS,
    attachment_children,
    blog_post_children,
    comment_children,
    comments,
    content,
    custom_content_children,
    page_children,
    people,
    site,
    spaces,
)
from source_confluence.streams.facts import Facts
from source_confluence.streams.formula import Formula
from source_confluence.streams.preview.cost import lists_of
from source_confluence.streams.retrievers.comments import CommentsOn
from source_confluence.streams.retrievers.per_parent import PerParent
from source_confluence.streams.stream import ConfluenceStream
from source_confluence.streams.sync.run import Declaration
from tools.generated import filled, table, write
from tools.key_links import TARGETS, TARGETS_IN_A_STREAM

DOCS = Path(__file__).parents[1] / "docs"
DOCUMENT = DOCS / "streams.md"
PAGE_FOR_AIRBYTE = DOCS / "confluence.md"
PEOPLE = ("users", "group")
GROUPS = {
    "Content": content.STREAMS,
    "Comments": comments.STREAMS,
    "Spaces and what belongs to them": spaces.STREAMS,
    "Children of pages": page_children.STREAMS,
    "Children of blog posts": blog_post_children.STREAMS,
    "Children of attachments": attachment_children.STREAMS,
    "Children of custom content": custom_content_children.STREAMS,
    "Children of comments": comment_children.STREAMS,
    "The site": site.STREAMS,
    "People and what they did": people.STREAMS,
}


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
    """The streams and what the documents say about them."""

    @cached_property
    def declarations(self) -> dict[str, Declaration]:
        """All streams, and the lists that only other streams read, by name."""
        streams = [stream.declaration() for stream in STREAMS]
        return {one.name: one for one in (*streams, *LISTS)}

    def shared_lists(self, stream: Declaration) -> tuple[str, ...]:
        """Return the names of the lists that a full sync shares with other streams.

        A stream that sends no other requests shares its own list.
        """
        return lists_of(stream)

    def scopes(self, stream: Declaration) -> list[str]:
        """Return the scopes of everything that a full sync of a stream requests."""
        shared = [self.declarations[name] for name in self.shared_lists(stream)]
        return sorted({scope for one in (stream, *shared) for scope in one.facts.scopes})

    def links(self) -> Iterator[Link]:
        """Yield each field that holds the key of a stream.

        All footer comments count as one stream here, and so do all inline comments.
        """
        seen = set()
        for stream in STREAMS:
            retriever = stream.cloud
            name = retriever.kind.name if isinstance(retriever, CommentsOn) else stream.name
            for field in _fields_of(stream):
                for target in _targets(stream, name, field):
                    link = Link(name, field, target, field in stream.key, stream.key == (field,))
                    if link not in seen and not (link.is_whole_key and name == target):
                        seen.add(link)
                        yield link

    def blocks(self) -> dict[str, str]:
        """Return the Markdown of each generated part."""
        links = list(self.links())
        return {
            "streams": "\n\n".join(
                f"### {title}\n\n{self._group(streams)}" for title, streams in GROUPS.items()
            ),
            "lists": table(
                ("list", "requests"),
                (
                    (f"`{one.name}`", str(one.facts.list_cost))
                    for one in self.declarations.values()
                    if one.facts.list_cost and not isinstance(one.retriever, CommentsOn)
                ),
            ),
            "content": _diagram(link for link in links if link.target not in PEOPLE),
            "people": _diagram(link for link in links if link.target in PEOPLE),
        }

    def _group(self, streams: Iterable[type[ConfluenceStream]]) -> str:
        header = ("stream", "endpoints", "primary key", "sync modes", "requests of a full sync")
        return table(
            (*header, "of an incremental one", "shared", "scopes and rights"),
            (self._row(stream.declaration()) for stream in streams),
        )

    def _row(self, stream: Declaration) -> tuple[str, ...]:
        facts, retriever, cursor = stream.facts, stream.retriever, stream.cursor_field
        shares = [f"list `{name}`" for name in self.shared_lists(stream)]
        if isinstance(retriever, PerParent) and retriever.section:
            shares.append("GET by id")
        rights = [facts.right] if facts.right else []
        return (
            f"`{stream.name}`",
            _codes(retriever.endpoints),
            _codes(stream.primary_key),
            f"full, incremental by `{cursor.name}`" if cursor else "full",
            _cost(facts, facts.cost),
            (_cost(facts, facts.later_cost) if facts.later_cost else "the same") if cursor else "",
            ", ".join(shares),
            ", ".join([*(f"`{scope}`" for scope in self.scopes(stream)), *rights]),
        )


def current(text: str) -> str:
    """Return the document with its generated parts up to date.

    Raises ValueError if a part is not in the document.
    """
    return filled(text, Streams().blocks())


def supported_streams() -> dict[str, str]:
    """Return the Markdown of the table in docs/confluence.md."""
    rows = []
    for stream in STREAMS:
        cursor = f"✓ `{stream.incremental_by.name}`" if stream.incremental_by else ""
        rows.append((f"`{stream.name}`", _first_sentence(stream), "✓", cursor))
    header = ("Stream", "Records", "Full refresh", "Incremental")
    return {"supported-streams": table(header, rows)}


def main(
    arguments: Sequence[str], document: Path = DOCUMENT, page: Path = PAGE_FOR_AIRBYTE
) -> str | None:
    """Write the documents, or with `--check` return a sentence if one is not current."""
    return write(arguments, document, Streams().blocks()) or write(
        arguments, page, supported_streams()
    )


def _first_sentence(stream: type[ConfluenceStream]) -> str:
    text = " ".join((stream.__doc__ or "").split())
    return re.split(r"(?<=\.) ", text)[0].rstrip(".")


def _fields_of(stream: type[ConfluenceStream]) -> Iterable[str]:
    """Return the names of the fields in the stream's schema."""
    schema = ResourceSchemaLoader("source_confluence").get_schema(stream.name)
    return list(schema["properties"])


def _targets(stream: type[ConfluenceStream], name: str, field: str) -> tuple[str, ...]:
    retriever = stream.cloud
    if isinstance(retriever, PerParent) and field == retriever.parent_field:
        return tuple(kind.name for kind in retriever.kinds)
    return TARGETS_IN_A_STREAM.get((name, field)) or TARGETS.get(field, ())


def _cost(facts: Facts, formula: Formula) -> str:
    """Return a cost in words where the formula alone does not say it."""
    without_bodies = facts.is_for_bodies and formula is facts.cost
    once = [f"once for {facts.once_for}"] if facts.once_for else []
    return ", ".join([str(formula), *once, *(["0 without bodies"] if without_bodies else [])])


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _diagram(links: Iterable[Link]) -> str:
    lines = (f"    {link.drawn}" for link in links)
    return "\n".join(("```mermaid", "erDiagram", *lines, "```"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
