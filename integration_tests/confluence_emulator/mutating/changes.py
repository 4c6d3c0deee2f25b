"""What every mutation needs: the site, the time, and a way to find and to tell."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.kinds import COMMENT_KINDS, KINDS
from integration_tests.confluence_emulator.model import Contained, Versioned
from integration_tests.confluence_emulator.organization import Space
from integration_tests.confluence_emulator.rendering import render
from integration_tests.confluence_emulator.site import Site
from integration_tests.confluence_emulator.timestamps import milliseconds

HANGING = ("attachment", "custom_content", *COMMENT_KINDS)
"""Kinds that hang on a container."""


class Changes:
    """Changes to a site; ids are strings as in the API (`att123` for an attachment)."""

    def __init__(self, site: Site, clock: Callable[[], datetime], base: str) -> None:
        """Change the site; `base` is its URL with the context path."""
        self._site = site
        self._clock = clock
        self._base = base

    def _find(self, kind: str, content_id: str) -> Any:
        """Return an object; raises KeyError where there is none."""
        number = KINDS[kind].number(content_id)
        found = None if number is None else self._site.table(kind).get(number)
        if found is None:
            raise KeyError(f"{kind} {content_id}")
        return found

    def _changed(self, item: Versioned) -> Json:
        self._site.touch()
        return render(item, self._site)

    def _now(self) -> int:
        return milliseconds(self._clock())

    @property
    def _somebody(self) -> str:
        return self._site.people[0].account_id

    def _hanging_on(self, item: Versioned | Space) -> list[Contained]:
        return [one for kind in HANGING for one in self._site.attached(kind, item.id)]

    def _pass_status_on(self, item: Versioned) -> None:
        """Give what hangs on an item its status, but for what was removed by itself."""
        for hanging in self._hanging_on(item):
            hanging.status = "trashed" if hanging.removed else item.status
            self._pass_status_on(hanging)

    def _remove(self, item: Versioned) -> None:
        """Delete an item with all that hangs on it."""
        for hanging in self._hanging_on(item):
            self._remove(hanging)
        for task in self._site.attached("task", item.id):
            self._site.tasks.remove(task.id)
        table = self._site.table(item.kind)
        if table.get(item.id) is not None:
            table.remove(item.id)
