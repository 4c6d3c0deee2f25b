"""An emulated site: its objects, the lock that guards them, and cached indexes."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import chain
from threading import RLock
from typing import Any, TypeVar, cast

from integration_tests.confluence_emulator.bodies import Bodies
from integration_tests.confluence_emulator.generators import (
    contained,
    content,
    details,
    people,
    spaces,
)
from integration_tests.confluence_emulator.generators.random_values import id_source
from integration_tests.confluence_emulator.generators.unlisted import unlisted
from integration_tests.confluence_emulator.kinds import COMMENT_KINDS, TREE_KINDS
from integration_tests.confluence_emulator.model import (
    Comment,
    Contained,
    Content,
    Label,
    Placed,
    Property,
    Task,
    TreeItem,
    Versioned,
)
from integration_tests.confluence_emulator.organization import Group, Person, Space
from integration_tests.confluence_emulator.spec import SiteSpec
from integration_tests.confluence_emulator.tables import Table

T = TypeVar("T")

_SHORT = 200
"""The maximum bytes of a comment's or custom content's body."""


class Site:
    """The objects of a site; hold `lock` to read or change them."""

    _MAX_VIEWS = 256

    def __init__(self, spec: SiteSpec) -> None:
        """Generate the site that the spec describes."""
        self.spec = spec
        self.lock = RLock()
        self.revision = 0
        short = spec.body_bytes if spec.long_bodies_everywhere else min(spec.body_bytes, _SHORT)
        self.bodies = Bodies(spec.body_bytes, spec.body_ending)
        self.short_bodies = Bodies(short, spec.body_ending)
        self.hidden: dict[tuple[str, int], list[tuple[str, Any]]] = {}
        """What the account may not see: by the kind and id of what is hidden, the rows with their
        kinds. They are in no table."""
        self.purged: set[tuple[str, int]] = set()
        """The kind and id of what was deleted permanently."""
        self._views: dict[Hashable, object] = {}
        self._make_organization()
        self._make_content()
        self._make_details()

    def _make_organization(self) -> None:
        spec = self.spec
        self.people = people.people(spec)
        self.former_people = people.former_people(spec)
        self.unlisted = unlisted(spec)
        self.groups = people.groups(spec)
        self.deleted_group = people.deleted_group(spec)
        self.members = people.members(spec, self.groups, self.people)
        self.audit_records = people.audit_records(spec, self.people)
        self.spaces = spaces.spaces(spec, self.people)
        all_spaces = list(self.spaces)
        self.permissions = spaces.permissions(spec, all_spaces, self.people, self.groups)
        self.roles = spaces.roles(spec)
        self.role_assignments = spaces.role_assignments(
            spec, all_spaces, self.roles, self.people, self.groups
        )
        self.classification_levels = spaces.classification_levels(spec)
        self.templates = spaces.templates(spec, all_spaces)

    def _make_content(self) -> None:
        spec, authors, all_spaces = self.spec, self.people, list(self.spaces)
        self.tree: dict[str, Table[TreeItem]] = content.tree_items(spec, authors, all_spaces)
        self.pages = content.pages(spec, authors, self.former_people, all_spaces, self.tree)
        content.put_tree_items_under_pages(self.tree, all_spaces)
        self.blog_posts = content.blog_posts(spec, authors, all_spaces)
        containers: dict[str, Sequence[Versioned]] = {
            "page": list(self.pages),
            "blogpost": list(self.blog_posts),
        }
        self.tasks: Table[Task] = contained.tasks(spec, authors, containers)
        self.custom_content = contained.custom_content(spec, authors, containers, all_spaces)
        containers["custom_content"] = list(self.custom_content)
        self.attachments = contained.attachments(spec, authors, containers)
        containers["attachment"] = list(self.attachments)
        self.comments: dict[str, Table[Comment]] = {
            kind: contained.comments(spec, kind, authors, containers) for kind in COMMENT_KINDS
        }
        self._tables: Mapping[str, Table[Any]] = {
            "space": self.spaces,
            "page": self.pages,
            "blogpost": self.blog_posts,
            "attachment": self.attachments,
            "custom_content": self.custom_content,
            **self.comments,
            **self.tree,
        }

    def _make_details(self) -> None:
        spec, authors, all_spaces = self.spec, self.people, list(self.spaces)
        labelled = ("page", "blogpost", "attachment", "custom_content")
        kinds: dict[str, Sequence[Versioned]] = {
            kind: list(self._tables[kind]) for kind in (*labelled, *COMMENT_KINDS, *TREE_KINDS)
        }
        self.labels: Table[Label] = details.labels(spec)
        labelled_items = {kind: kinds[kind] for kind in labelled}
        self.label_links = details.label_links(spec, list(self.labels), labelled_items, all_spaces)
        self.property_numbers = id_source(spec, "properties", start=90_000, remainder=12)
        self.properties: dict[int, list[Property]] = details.properties(
            spec, kinds, all_spaces, authors, self.property_numbers
        )
        liked = {kind: kinds[kind] for kind in ("page", "blogpost", *COMMENT_KINDS)}
        self.likes = details.likes(spec, liked, authors)
        self.restrictions = details.restrictions(
            spec,
            [kinds["page"], kinds["blogpost"]],
            authors,
            [*self.groups, self.deleted_group],
        )
        self.page_watchers = details.page_watchers(spec, kinds["page"], authors)
        self.space_watchers = details.space_watchers(spec, all_spaces, authors)

    def table(self, kind: str) -> Table[Any]:
        """Return the table of a kind in kinds.KINDS; raises KeyError."""
        return self._tables[kind]

    def rows_of(self, kind: str) -> Table[Any]:
        """Return the table of a kind, or that of the tasks; raises KeyError."""
        return self.tasks if kind == "task" else self.table(kind)

    def content(self, kind: str) -> Table[Content]:
        """Return the table of pages or of blog posts; raises KeyError."""
        return {"page": self.pages, "blogpost": self.blog_posts}[kind]

    def container(self, item: Contained | Task) -> Versioned | Space | None:
        """Return an item's container, or None if it was deleted."""
        found: Versioned | Space | None = self.table(item.container_kind).get(item.container_id)
        return found

    def space_id(self, item: Versioned | Space | Task) -> int:
        """Return the id of an item's space, found through its containers; 0 if there is none."""
        if isinstance(item, Space):
            return item.id
        if isinstance(item, Placed):
            return item.space_id
        assert isinstance(item, Contained | Task)
        container = self.container(item)
        return 0 if container is None else self.space_id(container)

    def space_of(self, item: Versioned | Space | Task) -> Space | None:
        """Return an item's space, or None."""
        return self.spaces.get(self.space_id(item))

    def items_in(self, kind: str, container_id: int) -> list[Any]:
        """Return a container's items of a kind, or its tasks for the kind `task`."""
        table = self.rows_of(kind)
        return self._grouped((kind, "by container"), table, "container_id").get(container_id, [])

    def replies(self, comment: Comment) -> list[Comment]:
        """Return the direct replies to a comment."""
        table = self.table(comment.kind)
        return self._grouped((comment.kind, "replies"), table, "parent_id").get(comment.id, [])

    def children(self, parent_id: int) -> list[Placed]:
        """Return the direct children of an object in the content tree."""
        placed = chain(self.pages, *(self.tree[kind] for kind in TREE_KINDS))
        return self._grouped("children", placed, "parent_id").get(parent_id, [])

    def items_with_label(self, kind: str, label_id: int) -> list[Any]:
        """Return the items of a kind that have a label."""

        def make() -> dict[int, list[Any]]:
            found: dict[int, list[Any]] = {}
            for item in self.table(kind):
                for number in self.label_links.get(item.id, ()):
                    found.setdefault(number, []).append(item)
            return found

        return self.view((kind, "by label"), make).get(label_id, [])

    def _grouped(self, key: Hashable, rows: Iterable[Any], field: str) -> dict[int, list[Any]]:
        def make() -> dict[int, list[Any]]:
            found: dict[int, list[Any]] = {}
            for row in rows:
                found.setdefault(getattr(row, field), []).append(row)
            return found

        return self.view(key, make)

    def person(self, account_id: str) -> Person | None:
        """Return an account, whatever its status, or None."""

        def make() -> dict[str, Person]:
            unlisted_people = (*self.unlisted.guests, *self.unlisted.deactivated)
            everyone = (*self.former_people, *unlisted_people, *self.people)
            return {one.account_id: one for one in everyone}

        return self.view("people", make).get(account_id)

    def group(self, group_id: str) -> Group | None:
        """Return a group, also the deleted one, or None."""
        known = (*self.groups, self.deleted_group)
        return next((group for group in known if group.id == group_id), None)

    def touch(self) -> None:
        """Increment the revision and drop everything cached; call this after every change."""
        self.revision += 1
        self._views.clear()

    def view(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return the cached result for this key, or call `make` and cache its result."""
        if key not in self._views:
            if len(self._views) >= self._MAX_VIEWS:
                self._views.clear()
            self._views[key] = make()
        return cast("T", self._views[key])
