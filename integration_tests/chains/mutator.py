"""Random changes of a site, as its users and administrators make them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from random import Random
from typing import Any

from integration_tests.chains.comparison import truth_of
from integration_tests.chains.destination import CURSORS
from integration_tests.chains.excuses import Excuses
from integration_tests.confluence_emulator import Emulator
from integration_tests.confluence_emulator.kinds import COMMENT_KINDS, CUSTOM_TYPES, KINDS
from integration_tests.confluence_emulator.model import Contained

Change = tuple[str, dict[str, Any]]
"""A method of mutations.Mutations with its arguments."""

_EDITED = ("page", "page", "page", "blogpost", "custom_content", *COMMENT_KINDS)
_COMMENTED = ("page", "page", "blogpost", "attachment", "custom_content")
_TRASHED = ("page", "page", "blogpost", "attachment")


class Mutator:
    """Changes the site at random, and lets the excuses know what every change did.

    Two things happen between syncs only, because no connector can notice them in the middle of one:
    a space is hidden, and a page leaves a space that was imported or granted and has not been read
    to its end since.
    """

    def __init__(
        self,
        emulator: Emulator,
        random: Random,
        excuses: Excuses,
        allowed: Collection[str] | None = None,
    ) -> None:
        """`allowed` are the kinds of changes to choose from; None for all."""
        self.counts: Counter[str] = Counter()
        """How often what was changed."""
        self._emulator = emulator
        self._site = emulator.site
        self._random = random
        self._excuses = excuses
        self._truth = truth_of(emulator, CURSORS)
        self._unread_spaces: set[int] = set()
        self._is_syncing = False
        self._has_begun = False
        self._has_finished = False
        self._number = 0
        self._allowed = allowed
        self._changes: Mapping[str, tuple[int, Callable[[], Change | None]]] = {
            "edit": (24, self._edit),
            "create": (5, self._create),
            "upload": (4, self._upload),
            "attach": (4, self._attach),
            "comment": (6, self._comment),
            "reply": (3, self._reply),
            "resolve": (3, lambda: self._of_inline_comment("resolve")),
            "reopen": (2, lambda: self._of_inline_comment("reopen")),
            "move": (5, self._move),
            "move to another space": (5, self._move_to_another_space),
            "move to an earlier space": (2, self._move_to_an_earlier_space),
            "trash": (5, self._trash),
            "restore": (3, self._restore),
            "purge": (3, self._purge),
            "archive": (3, self._archive),
            "un-archive": (2, self._unarchive),
            "label": (3, self._label),
            "add custom content": (2, self._add_custom_content),
            "add task": (2, self._add_task),
            "complete task": (2, lambda: self._of_task("complete_task")),
            "edit task": (2, lambda: self._of_task("edit_task", text=self._new_text())),
            "add audit record": (2, lambda: ("add_audit_record", {"summary": self._new_text()})),
            "import space": (2, self._import_space),
            "hide space": (2, self._hide_space),
            "grant space": (3, lambda: self._grant("space")),
            "restrict page": (3, self._restrict_page),
            "lift restriction": (3, lambda: self._grant("page")),
            "displace": (2, self._displace),
        }

    def sync_begins(self) -> frozenset[int]:
        """Record that a sync begins; return the spaces that it must read as a whole."""
        self._is_syncing = self._has_begun = True
        return frozenset(self._unread_spaces)

    def sync_ended(self, read_spaces: frozenset[int], *, is_finished: bool) -> None:
        """Record that a sync ended, and what it was to read as a whole; nothing if unfinished."""
        self._is_syncing = False
        if is_finished:
            self._has_finished = True
            self._unread_spaces -= read_spaces

    def mutate(self) -> None:
        """Change something."""
        names = [one for one in self._changes if self._allowed is None or one in self._allowed]
        weights = [self._changes[name][0] for name in names]
        while True:
            (name,) = self._random.choices(names, weights)
            if self.perform(name):
                return

    def disturb_first_sync(self) -> None:
        """Change something while a first sync runs: often the space that a page is in."""
        if self._random.random() < 0.4 or not self.perform("move to an earlier space"):
            self.mutate()

    def perform(self, name: str) -> bool:
        """Change something of one kind; return whether that is allowed and possible now."""
        is_allowed = self._allowed is None or name in self._allowed
        change = self._changes[name][1]() if is_allowed else None
        if change is None:
            return False
        method, arguments = change
        moment = int(self._emulator.settings.clock().timestamp() * 1000)
        try:
            result = self._emulator.mutate(method, **arguments)
        except KeyError:
            return False
        after = truth_of(self._emulator, CURSORS)
        is_between = self._has_begun and not self._has_finished and not self._is_syncing
        when = " between attempts of a first sync" if is_between else ""
        self._excuses.observe(name, moment, self._truth, after, when)
        self._truth = after
        self.counts[name] += 1
        if name in ("import space", "grant space"):
            self._unread_spaces.add(int(result["id"]))
        return True

    def _new_text(self) -> str:
        self._number += 1
        return f"Change {self._number}"

    def _pick(self, kind: str, *statuses: str) -> Any | None:
        rows = [row for row in self._site.table(kind) if row.status in (statuses or ("current",))]
        return self._random.choice(rows) if rows else None

    def _picked(self, method: str, kind: str, *statuses: str, **arguments: Any) -> Change | None:
        """Return a change of one object, or None if there is none of the kind."""
        row = self._pick(kind, *statuses)
        if row is None:
            return None
        return method, {"kind": kind, "content_id": KINDS[kind].api_id(row.id), **arguments}

    def _in(self, method: str, kind: str, **arguments: Any) -> Change | None:
        """Return a change that puts something into a container."""
        row = self._pick(kind)
        if row is None:
            return None
        container = {"container_kind": kind, "container_id": KINDS[kind].api_id(row.id)}
        return method, {**container, **arguments}

    def _edit(self) -> Change | None:
        text = self._new_text()
        return self._picked("edit", self._random.choice(_EDITED), text=text)

    def _create(self) -> Change | None:
        space = self._pick("space", "current")
        kind = self._random.choice(("page", "page", "blogpost"))
        arguments = {"space_id": str(space.id), "title": self._new_text()} if space else {}
        return ("create", {"kind": kind, **arguments}) if space else None

    def _upload(self) -> Change | None:
        row = self._pick("attachment")
        size = self._random.randrange(1, 9_999)
        return ("upload", {"attachment_id": f"att{row.id}", "file_size": size}) if row else None

    def _attach(self) -> Change | None:
        kind = self._random.choice(("page", "page", "blogpost", "custom_content"))
        return self._in("attach", kind, title=self._new_text())

    def _comment(self) -> Change | None:
        kind = self._random.choice(_COMMENTED)
        inline = kind in ("page", "blogpost") and self._random.random() < 0.5
        return self._in("comment", kind, text=self._new_text(), inline=inline)

    def _reply(self) -> Change | None:
        kind = self._random.choice(COMMENT_KINDS)
        row = self._pick(kind)
        if row is None:
            return None
        return "comment", {
            "container_kind": row.container_kind,
            "container_id": KINDS[row.container_kind].api_id(row.container_id),
            "parent_id": str(row.id),
            "inline": kind == "inline_comment",
            "text": self._new_text(),
        }

    def _of_inline_comment(self, method: str) -> Change | None:
        roots = [
            row
            for row in self._site.table("inline_comment")
            if row.status == "current"
            and row.parent_id is None
            and (method == "resolve") != (row.resolution == "resolved")
        ]
        return (method, {"comment_id": str(self._random.choice(roots).id)}) if roots else None

    def _movable_page(self) -> Any | None:
        page = self._pick("page")
        return None if page is None or page.space_id in self._unread_spaces else page

    def _move(self) -> Change | None:
        page = self._movable_page()
        if page is None:
            return None
        below = self._with_descendants(page.id)
        parents = [
            row.id
            for row in self._site.pages
            if row.space_id == page.space_id and row.status == "current" and row.id not in below
        ]
        parent = str(self._random.choice(parents)) if parents else None
        position = self._random.randrange(100)
        return "move", {"content_id": str(page.id), "parent_id": parent, "position": position}

    def _with_descendants(self, number: int) -> set[int]:
        found = {number}
        for child in self._site.children(number):
            found |= self._with_descendants(child.id)
        return found

    def _move_to_another_space(self) -> Change | None:
        page = self._movable_page()
        spaces = [row.id for row in self._site.spaces if page and row.id != page.space_id]
        if page is None or not spaces:
            return None
        target = self._random.choice(spaces)
        return "move", {"content_id": str(page.id), "space_id": str(target)}

    def _move_to_an_earlier_space(self) -> Change | None:
        """Move a page to where a sync that goes by the ids of spaces has been before."""
        spaces = sorted({page.space_id for page in self._site.pages} - self._unread_spaces)
        middle = len(spaces) // 2
        pages = [
            page
            for page in self._site.pages
            if page.status == "current" and page.space_id in spaces[middle:]
        ]
        if not middle or not pages:
            return None
        page, target = self._random.choice(pages), self._random.choice(spaces[:middle])
        return "move", {"content_id": str(page.id), "space_id": str(target)}

    def _trash(self) -> Change | None:
        return self._picked("trash", self._random.choice(_TRASHED), "current", "archived")

    def _restore(self) -> Change | None:
        kind = self._random.choice(_TRASHED)
        rows = [row for row in self._site.table(kind) if row.status == "trashed"]
        if kind == "attachment":
            # One that was trashed with its container comes back with it.
            rows = [row for row in rows if self._is_kept(row)]
        if not rows:
            return None
        number = KINDS[kind].api_id(self._random.choice(rows).id)
        return "restore", {"kind": kind, "content_id": number}

    def _is_kept(self, row: Contained) -> bool:
        container = self._site.container(row)
        return container is not None and container.status != "trashed"

    def _purge(self) -> Change | None:
        kind = self._random.choice((*_TRASHED, "custom_content", *COMMENT_KINDS))
        return self._picked("purge", kind, "trashed" if kind in _TRASHED else "current")

    def _archive(self) -> Change | None:
        page = self._pick("page")
        return ("archive", {"content_id": str(page.id)}) if page else None

    def _unarchive(self) -> Change | None:
        return self._picked("restore", "page", "archived")

    def _label(self) -> Change | None:
        kind = self._random.choice(("page", "blogpost", "attachment"))
        return self._picked("label", kind, name=f"label-{self._random.randrange(6)}")

    def _add_custom_content(self) -> Change | None:
        kind = self._random.choice(("page", "blogpost", "space"))
        app_type = CUSTOM_TYPES[self._random.randrange(3)]
        return self._in("add_custom_content", kind, app_type=app_type, title=self._new_text())

    def _add_task(self) -> Change | None:
        return self._picked("add_task", self._random.choice(("page", "blogpost")))

    def _of_task(self, method: str, **arguments: Any) -> Change | None:
        tasks = list(self._site.tasks)
        chosen = str(self._random.choice(tasks).id) if tasks else ""
        return (method, {"task_id": chosen, **arguments}) if tasks else None

    def _import_space(self) -> Change | None:
        name = self._new_text()
        sizes = {"pages": self._random.randrange(1, 8), "blog_posts": self._random.randrange(3)}
        return "import_space", {"key": name.replace(" ", ""), "name": name, **sizes}

    def _hide_space(self) -> Change | None:
        spaces = list(self._site.spaces)
        if self._is_syncing or len(spaces) < 3:
            return None
        return "hide", {"kind": "space", "content_id": str(self._random.choice(spaces).id)}

    def _restrict_page(self) -> Change | None:
        return self._picked("hide", self._random.choice(("page", "page", "blogpost")))

    def _grant(self, kind: str) -> Change | None:
        wanted = ("space",) if kind == "space" else ("page", "blogpost")
        hidden = [one for one in self._site.hidden if one[0] in wanted]
        if not hidden:
            return None
        name, number = self._random.choice(hidden)
        return "grant", {"kind": name, "content_id": KINDS[name].api_id(number)}

    def _displace(self) -> Change | None:
        kind = self._random.choice(("page", "page", "blogpost", "attachment", *COMMENT_KINDS))
        rows = sorted(self._site.table(kind), key=lambda row: row.modified)
        if len(rows) < 20:
            return None
        row = self._random.choice(rows[: len(rows) // 2])
        position = self._random.randrange(len(rows) // 2)
        arguments = {"content_id": KINDS[kind].api_id(row.id), "position": position}
        return "displace", {"kind": kind, **arguments}
