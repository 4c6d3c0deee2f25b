"""An emulated site: its objects, a lock, and sorted views of them."""

from collections.abc import Callable, Hashable
from threading import RLock
from typing import TypeVar, cast

from integration_tests.confluence_emulator import generation
from integration_tests.confluence_emulator.bodies import Bodies
from integration_tests.confluence_emulator.model import Content, Table
from integration_tests.confluence_emulator.spec import SiteSpec

T = TypeVar("T")


class Site:
    """The objects of a site; whoever reads or changes them holds `lock`."""

    _MOST_VIEWS = 256

    def __init__(self, spec: SiteSpec) -> None:
        """Generate the site that the spec describes."""
        self.spec = spec
        self.lock = RLock()
        self.revision = 0
        self.bodies = Bodies(spec.body_bytes)
        self.people = generation.people(spec)
        self.spaces = generation.spaces(spec, self.people)
        homes = list(self.spaces)
        self.pages = generation.pages(spec, self.people, homes)
        self.blog_posts = generation.blog_posts(spec, self.people, homes)
        self.groups = generation.groups(spec)
        self.audit_records = generation.audit_records(spec, self.people)
        self._views: dict[Hashable, object] = {}

    def content(self, kind: str) -> Table[Content]:
        """Return the table of pages or of blog posts."""
        return {"page": self.pages, "blogpost": self.blog_posts}[kind]

    def touch(self) -> None:
        """Note a change: everything derived from the objects is forgotten."""
        self.revision += 1
        self._views.clear()

    def view(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` returned for this key since the last change."""
        if key not in self._views:
            if len(self._views) >= self._MOST_VIEWS:
                self._views.clear()
            self._views[key] = make()
        return cast("T", self._views[key])
