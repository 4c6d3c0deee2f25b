"""The base class of mutations: finds objects, and records changes."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.kinds import COMMENT_KINDS, KINDS
from integration_tests.confluence_emulator.model import Contained, Versioned, versions_of
from integration_tests.confluence_emulator.organization import Space
from integration_tests.confluence_emulator.rendering import render
from integration_tests.confluence_emulator.site import Site
from integration_tests.confluence_emulator.timestamps import milliseconds

CONTAINED_KINDS = ("attachment", "custom_content", *COMMENT_KINDS)
"""The kinds of objects in containers, except tasks."""


class BaseMutations:
    """Changes a site; ids are strings as in the API (`att123` for an attachment)."""

    def __init__(self, site: Site, clock: Callable[[], datetime], base: str) -> None:
        """Change the site; `base` is its URL with the context path."""
        self._site = site
        self._clock = clock
        self._base = base

    def _find(self, kind: str, content_id: str) -> Any:
        """Return an object; raises KeyError if there is none."""
        number = KINDS[kind].number(content_id)
        found = None if number is None else self._site.table(kind).get(number)
        if found is None:
            raise KeyError(f"{kind} {content_id}")
        return found

    def _changed(self, item: Versioned) -> Json:
        self._site.touch()
        return render(item, self._site)

    def _new_version(self, item: Versioned) -> None:
        """Give an item a new version, dated now."""
        item.past = tuple(versions_of(item))
        item.version += 1
        item.modified = self._now()
        item.place_in_lists = None
        item.version_author = self._actor
        item.version_message = ""
        item.minor_edit = False

    def _new_space(self, key: str, name: str, created: int) -> Space:
        space = Space(
            id=self._site.spaces.numbers.next(),
            key=key,
            name=name,
            type="global",
            status="current",
            author=self._actor,
            created=created,
            homepage_id=None,
            description=None,
            alias=key,
        )
        self._site.spaces.add(space)
        return space

    def _now(self) -> int:
        return milliseconds(self._clock())

    @property
    def _actor(self) -> str:
        return self._site.people[0].account_id

    def _contained_in(self, item: Versioned | Space) -> list[Contained]:
        return [one for kind in CONTAINED_KINDS for one in self._site.items_in(kind, item.id)]

    def _propagate_status(self, item: Versioned) -> None:
        """Set the status of everything in a container, except what was removed on its own."""
        for contained in self._contained_in(item):
            contained.status = "trashed" if contained.removed else item.status
            self._propagate_status(contained)

    def _remove(self, item: Versioned) -> None:
        """Delete an item and everything in it."""
        for contained in self._contained_in(item):
            self._remove(contained)
        for task in self._site.items_in("task", item.id):
            self._site.tasks.remove(task.id)
        table = self._site.table(item.kind)
        if table.get(item.id) is not None:
            table.remove(item.id)
            self._site.purged.add((item.kind, item.id))
