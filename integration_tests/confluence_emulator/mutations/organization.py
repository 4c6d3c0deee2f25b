"""Changes by administrators: spaces, users, groups, and the audit log."""

from uuid import NAMESPACE_URL, uuid5

from integration_tests.confluence_emulator.endpoints.spaces import render_space
from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.mutations.base import BaseMutations
from integration_tests.confluence_emulator.organization import AuditRecord, Group
from integration_tests.confluence_emulator.rendering_v1 import (
    render_audit_record,
    render_group,
)


class OrganizationMutations(BaseMutations):
    """Methods that return the changed object as the API serves it; they raise KeyError."""

    def add_space(self, key: str, name: str) -> Json:
        """Create a space."""
        with self._site.lock:
            space = self._new_space(key, name, self._now())
            self._site.touch()
            return render_space(space, "plain", icon=True)

    def archive_space(self, space_id: str) -> Json:
        """Archive a space."""
        with self._site.lock:
            space = self._find("space", space_id)
            space.status = "archived"
            self._site.touch()
            return render_space(space, "plain", icon=True)

    def add_audit_record(self, summary: str, created: int | None = None) -> Json:
        """Add an audit record, dated now or at `created` (epoch milliseconds)."""
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
            group = Group(str(uuid5(NAMESPACE_URL, name)), name)
            self._site.groups.append(group)
            self._site.touch()
            return render_group(group, self._base)
