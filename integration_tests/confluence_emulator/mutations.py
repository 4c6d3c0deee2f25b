"""Changes that people make to a site while it is being read."""

from collections.abc import Callable
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from integration_tests.confluence_emulator.endpoints.administration import (
    render_audit_record,
    render_group,
)
from integration_tests.confluence_emulator.endpoints.spaces import render_space
from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.model import AuditRecord, Content, Group, Space
from integration_tests.confluence_emulator.rendering import render_content
from integration_tests.confluence_emulator.site import Site
from integration_tests.confluence_emulator.timestamps import milliseconds


class Mutations:
    """Each returns the changed object as the API would serve it; ids are strings as there.

    Content is named by its kind, `page` or `blogpost`, and its id. Raises KeyError where there
    is none. Only an edit makes a new version, dated by the emulator's clock.
    """

    def __init__(self, site: Site, clock: Callable[[], datetime], base: str) -> None:
        """Change the site; `base` is its URL with the context path."""
        self._site = site
        self._clock = clock
        self._base = base

    def edit(
        self, kind: str, content_id: str, title: str | None = None, text: str | None = None
    ) -> Json:
        """Publish a new version, with another title or body text where given."""
        with self._site.lock:
            content = self._find(kind, content_id)
            content.version += 1
            content.modified = self._now()
            content.version_author = self._site.people[0].account_id
            content.version_message = ""
            content.title = content.title if title is None else title
            content.text = content.text if text is None else text
            return self._changed(content)

    def create(
        self,
        kind: str,
        space_id: str,
        title: str = "A new one",
        text: str | None = None,
        parent_id: str | None = None,
    ) -> Json:
        """Create content at version 1."""
        with self._site.lock:
            table = self._site.content(kind)
            now = self._now()
            author = self._site.people[0].account_id
            content = Content(
                kind=kind,
                id=table.numbers.next(),
                space_id=int(space_id),
                status="current",
                title=title,
                author=author,
                created=now,
                modified=now,
                version_author=author,
                owner=author,
                parent_id=None if parent_id is None else int(parent_id),
                parent_type=None if parent_id is None else "page",
                text=text,
            )
            return self._changed(table.add(content))

    def trash(self, kind: str, content_id: str) -> Json:
        """Move content to the trash, where it has no parent; its children move up."""
        with self._site.lock:
            content = self._find(kind, content_id)
            for child in self._site.content(kind):
                if child.parent_id == content.id:
                    child.parent_id, child.parent_type = content.parent_id, content.parent_type
            content.status = "trashed"
            content.parent_id = content.parent_type = content.position = None
            return self._changed(content)

    def archive(self, content_id: str) -> Json:
        """Archive a page."""
        return self._with_status("page", content_id, "archived")

    def restore(self, kind: str, content_id: str) -> Json:
        """Make archived or trashed content current."""
        return self._with_status(kind, content_id, "current")

    def _with_status(self, kind: str, content_id: str, status: str) -> Json:
        with self._site.lock:
            content = self._find(kind, content_id)
            content.status = status
            return self._changed(content)

    def move(
        self,
        content_id: str,
        space_id: str | None = None,
        parent_id: str | None = None,
        position: int | None = None,
    ) -> Json:
        """Move a page to another space or parent."""
        with self._site.lock:
            page = self._find("page", content_id)
            if space_id is not None:
                page.space_id = int(space_id)
            page.parent_id = None if parent_id is None else int(parent_id)
            page.parent_type = None if parent_id is None else "page"
            page.position = position
            return self._changed(page)

    def purge(self, kind: str, content_id: str) -> Json:
        """Delete content for good."""
        with self._site.lock:
            content = self._find(kind, content_id)
            self._site.content(kind).remove(content.id)
            return self._changed(content)

    def add_space(self, key: str, name: str) -> Json:
        """Create a space."""
        with self._site.lock:
            space = Space(
                id=self._site.spaces.numbers.next(),
                key=key,
                name=name,
                type="global",
                status="current",
                author=self._site.people[0].account_id,
                created=self._now(),
                homepage_id=None,
                description=None,
                alias=key,
            )
            self._site.spaces.add(space)
            self._site.touch()
            return render_space(space, "plain", icon=True)

    def archive_space(self, space_id: str) -> Json:
        """Archive a space."""
        with self._site.lock:
            space = self._site.spaces.get(int(space_id))
            if space is None:
                raise KeyError(space_id)
            space.status = "archived"
            self._site.touch()
            return render_space(space, "plain", icon=True)

    def add_audit_record(self, summary: str, created: int | None = None) -> Json:
        """Write to the audit log, now or at another time (epoch milliseconds)."""
        with self._site.lock:
            record = AuditRecord(
                created=self._now() if created is None else created,
                author=self._site.people[0],
                address="10.9.8.7",
                summary=summary,
                description="",
                category="Pages",
                object_name="A page",
                object_type="Page",
            )
            self._site.audit_records.append(record)
            self._site.audit_records.sort(key=lambda one: -one.created)
            self._site.touch()
            return render_audit_record(record)

    def add_group(self, name: str) -> Json:
        """Create a group."""
        with self._site.lock:
            group = Group(str(uuid5(NAMESPACE_URL, name)), name, "USERBASE_GROUP", "ADMINS")
            self._site.groups.append(group)
            self._site.touch()
            return render_group(group, self._base)

    def delete_group(self, group_id: str) -> Json:
        """Delete a group."""
        with self._site.lock:
            group = next((one for one in self._site.groups if one.id == group_id), None)
            if group is None:
                raise KeyError(group_id)
            self._site.groups.remove(group)
            self._site.touch()
            return render_group(group, self._base)

    def _find(self, kind: str, content_id: str) -> Content:
        content = self._site.content(kind).get(int(content_id))
        if content is None:
            raise KeyError(f"{kind} {content_id}")
        return content

    def _changed(self, content: Content) -> Json:
        self._site.touch()
        return render_content(content, self._site, None)

    def _now(self) -> int:
        return milliseconds(self._clock())
