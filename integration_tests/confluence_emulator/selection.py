"""The part of a site that a read selects: spaces, statuses, and the children of that content."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from integration_tests.confluence_emulator.model import Contained, Placed, Task, Versioned
from integration_tests.confluence_emulator.organization import Space
from integration_tests.confluence_emulator.site import Site


@dataclass(frozen=True)
class Selection:
    """A filter by space and status.

    Pages, blog posts and attachments are selected by their own status. Comments, tasks and custom
    content are selected by their container's status; custom content directly in a space is always
    selected. No list includes tasks or custom content in trashed containers, so they are never
    selected. The space of an object is its own or that of its container.
    """

    site: Site
    base: str
    """The site's URL with its context path."""
    body_format: str | None = None
    statuses: Collection[str] = ("current", "archived")
    space_keys: Collection[str] | None = None
    named_by: Collection[str] | None = None
    """The streams that are read together with the users; None for all."""

    @cached_property
    def spaces(self) -> list[Space]:
        """Return the selected spaces."""
        return [s for s in self.site.spaces if self.space_keys is None or s.key in self.space_keys]

    @cached_property
    def _space_ids(self) -> set[int]:
        return {space.id for space in self.spaces}

    def items(self, *kinds: str) -> Iterator[Any]:
        """Iterate over the selected items of these kinds."""
        for kind in kinds:
            for item in self.site.table(kind):
                if self._has_status(item) and self.site.space_id(item) in self._space_ids:
                    yield item

    def items_on(self, kind: str, *container_kinds: str) -> Iterator[Any]:
        """Iterate over the selected items of a kind in containers of these kinds."""
        return (item for item in self.items(kind) if item.container_kind in container_kinds)

    def tasks(self) -> Iterator[Task]:
        """Iterate over the selected tasks."""
        for task in self.site.tasks:
            container = self.site.container(task)
            if (
                isinstance(container, Versioned)
                and container.status != "trashed"
                and container.status in self.statuses
                and self.site.space_id(task) in self._space_ids
            ):
                yield task

    def _has_status(self, item: Versioned | Space) -> bool:
        if isinstance(item, Space):
            return True
        if item.kind == "attachment" or (isinstance(item, Placed) and item.kind in _WITH_STATUS):
            return item.status in self.statuses
        if not isinstance(item, Contained):
            return True
        if item.kind == "custom_content" and item.status == "trashed":
            return False
        container = self.site.container(item)
        return container is None or self._has_status(container)


_WITH_STATUS = ("page", "blogpost")
