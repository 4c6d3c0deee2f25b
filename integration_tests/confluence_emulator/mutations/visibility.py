"""What the account may see: spaces and pages that others hide from it, and grant again."""

from collections.abc import Iterator
from typing import Any

from integration_tests.confluence_emulator.endpoints.spaces import render_space
from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.kinds import KINDS
from integration_tests.confluence_emulator.model import Placed, Versioned
from integration_tests.confluence_emulator.mutations.base import BaseMutations
from integration_tests.confluence_emulator.organization import Space
from integration_tests.confluence_emulator.rendering import render


class VisibilityMutations(BaseMutations):
    """Hidden objects are in no list and no search, and a request by their id finds nothing.

    They keep all their dates. Nobody can change them while they are hidden.
    """

    def hide(self, kind: str, content_id: str) -> Json:
        """Take away the right to see a space, or restrict a page or blog post.

        With a space goes everything in it; with a page its descendants, attachments, comments,
        custom content and tasks.
        """
        with self._site.lock:
            item = self._find(kind, content_id)
            record = self._rendered(item)
            hidden = dict.fromkeys((row.kind, row.id) for row in self._with_contents(item))
            tasks = [task for task in self._site.tasks if self._is_in(task, item, hidden)]
            rows = [(name, self._site.table(name).get(number)) for name, number in hidden]
            self._site.hidden[kind, item.id] = [*rows, *(("task", task) for task in tasks)]
            if isinstance(item, Space):
                self._site.hidden[kind, item.id].append((kind, item))
            for name, row in self._site.hidden[kind, item.id]:
                self._site.rows_of(name).remove(row.id)
            self._site.touch()
            return record

    def grant(self, kind: str, content_id: str) -> Json:
        """Let the account see again what `hide` hid; KeyError if nothing hid it.

        Also KeyError for a page whose space or parent is hidden itself.
        """
        with self._site.lock:
            number = KINDS[kind].number(content_id)
            rows = self._site.hidden.get((kind, number or 0))
            if rows is None:
                raise KeyError(f"{kind} {content_id} is not hidden")
            if kind != "space" and self._is_in_something_hidden(rows[0][1]):
                raise KeyError(f"What holds {kind} {content_id} is hidden")
            del self._site.hidden[kind, number or 0]
            for name in dict.fromkeys(name for name, _ in rows):
                self._site.rows_of(name).add_all([row for other, row in rows if other == name])
            self._site.touch()
            return self._rendered(self._find(kind, content_id))

    def _is_in_something_hidden(self, item: Placed) -> bool:
        hidden = {row.id for rows in self._site.hidden.values() for _, row in rows}
        return item.parent_id in hidden or item.space_id in hidden

    def _rendered(self, item: Any) -> Json:
        if isinstance(item, Space):
            return render_space(item, "plain", icon=True)
        return render(item, self._site)

    def _with_contents(self, item: Any) -> Iterator[Versioned]:
        """Yield everything that is hidden with an item, except tasks and a space itself."""
        if isinstance(item, Space):
            for name in KINDS:
                if name != "space":
                    table = self._site.table(name)
                    yield from [row for row in table if self._site.space_id(row) == item.id]
            return
        yield item
        if item.kind == "page":
            for child in self._site.children(item.id):
                yield from self._with_contents(child)
        for contained in self._contained_in(item):
            yield from self._with_contents(contained)

    def _is_in(self, task: Any, item: Any, hidden: dict[tuple[str, int], None]) -> bool:
        if isinstance(item, Space):
            return self._site.space_id(task) == item.id
        return (task.container_kind, task.container_id) in hidden
