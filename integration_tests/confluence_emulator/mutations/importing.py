"""Spaces that come from another site, and keep the dates that their content had there."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from integration_tests.confluence_emulator.generators.random_values import EARLIEST_TIME
from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.kinds import COMMENT_KINDS, CUSTOM_TYPES, KINDS
from integration_tests.confluence_emulator.model import (
    Attachment,
    Comment,
    Content,
    CustomContent,
    Task,
    Versioned,
)
from integration_tests.confluence_emulator.mutations.base import BaseMutations
from integration_tests.confluence_emulator.organization import Space

_FIRST = EARLIEST_TIME - 366 * 86_400_000
_STEP = 60_000


class ImportMutations(BaseMutations):
    """Everything that is imported is older than everything that was generated."""

    def import_space(self, key: str, name: str, pages: int = 6, blog_posts: int = 2) -> Json:
        """Import a space with all that content can have in it; return the new ids by kind.

        Its pages have attachments, footer and inline comments with replies, custom content, up to
        four versions, and tasks. Every fourth page is archived.
        """
        with self._site.lock:
            found: dict[str, list[str]] = {}
            times = count(_FIRST, _STEP)
            space = self._new_space(key, name, next(times))
            parent: Content | None = None
            for index, kind in enumerate(["page"] * pages + ["blogpost"] * blog_posts):
                content = self._content(kind, index, space, parent, times)
                if kind == "page" and index % 2 == 0:
                    parent = content
                for item in (content, *self._contents_of(content, times)):
                    found.setdefault(item.kind, []).append(KINDS[item.kind].api_id(item.id))
            calendar = self._custom("space", space.id, CUSTOM_TYPES[1], times)
            found.setdefault("custom_content", []).append(str(calendar.id))
            self._site.touch()
            return {"id": str(space.id), "key": key, "ids": found}

    def _content(
        self, kind: str, index: int, space: Space, parent: Content | None, times: Iterator[int]
    ) -> Content:
        table = self._site.content(kind)
        is_page = kind == "page"
        content = Content(
            id=table.numbers.next(),
            space_id=space.id,
            status="archived" if is_page and index % 4 == 3 else "current",
            owner=self._actor,
            parent_id=parent.id if parent is not None and is_page else None,
            parent_type="page" if parent is not None and is_page else None,
            **self._dated(kind, f"Imported {index}", 1 + index % 4, times),
        )
        return table.add(content)

    def _contents_of(self, content: Content, times: Iterator[int]) -> Iterator[Versioned]:
        attachment = Attachment(
            id=self._site.attachments.numbers.next(),
            status=content.status,
            container_kind=content.kind,
            container_id=content.id,
            media_type="text/plain",
            file_size=7,
            **self._dated("attachment", "old.txt", 2, times),
        )
        yield self._site.attachments.add(attachment)
        yield self._custom(content.kind, content.id, CUSTOM_TYPES[0], times, content.status)
        for kind in COMMENT_KINDS:
            comment = self._comment(kind, content, None, times)
            yield comment
            yield self._comment(kind, content, comment, times)
        created = next(times)
        self._site.tasks.add(
            Task(
                id=self._site.tasks.numbers.next(),
                container_kind=content.kind,
                container_id=content.id,
                text="Imported",
                creator=self._actor,
                created=created,
                updated=created,
            )
        )

    def _comment(
        self, kind: str, content: Content, parent: Comment | None, times: Iterator[int]
    ) -> Comment:
        comment = Comment(
            id=self._site.comments[kind].numbers.next(),
            status=content.status,
            container_kind=content.kind,
            container_id=content.id,
            parent_id=None if parent is None else parent.id,
            **self._dated(kind, f"Re: {content.kind} {content.id}", 1, times),
        )
        return self._site.comments[kind].add(comment)

    def _custom(
        self,
        container_kind: str,
        container_id: int,
        app_type: str,
        times: Iterator[int],
        status: str = "current",
    ) -> CustomContent:
        custom = CustomContent(
            id=self._site.custom_content.numbers.next(),
            status=status,
            container_kind=container_kind,
            container_id=container_id,
            type=app_type,
            **self._dated("custom_content", "Imported by an app", 2, times),
        )
        return self._site.custom_content.add(custom)

    def _dated(self, kind: str, title: str, version: int, times: Iterator[int]) -> dict[str, Any]:
        created = next(times)
        return {
            "kind": kind,
            "title": title,
            "author": self._actor,
            "version_author": self._actor,
            "created": created,
            "modified": created if version == 1 else next(times),
            "version": version,
        }
