"""Changes by administrators: spaces, users, groups, and the audit log."""

from uuid import NAMESPACE_URL, uuid5

from integration_tests.confluence_emulator.endpoints.spaces import render_space
from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.mutations.base import BaseMutations
from integration_tests.confluence_emulator.organization import AuditRecord, Group, Person, Space
from integration_tests.confluence_emulator.rendering_v1 import (
    render_audit_record,
    render_group,
    render_user,
)


class OrganizationMutations(BaseMutations):
    """Methods that return the changed object as the API serves it; they raise KeyError."""

    def add_space(self, key: str, name: str) -> Json:
        """Create a space."""
        with self._site.lock:
            space = Space(
                id=self._site.spaces.numbers.next(),
                key=key,
                name=name,
                type="global",
                status="current",
                author=self._actor,
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

    def add_user(self, name: str) -> Json:
        """Add a user."""
        with self._site.lock:
            person = Person(f"712020:{uuid5(NAMESPACE_URL, name)}", name)
            self._site.people.append(person)
            self._site.touch()
            return render_user(person, self._base)

    def add_group(self, name: str) -> Json:
        """Create a group."""
        with self._site.lock:
            group = Group(str(uuid5(NAMESPACE_URL, name)), name)
            self._site.groups.append(group)
            self._site.touch()
            return render_group(group, self._base)

    def delete_group(self, group_id: str) -> Json:
        """Delete a group."""
        with self._site.lock:
            group = self._group(group_id)
            self._site.groups.remove(group)
            self._site.members.pop(group_id, None)
            self._site.touch()
            return render_group(group, self._base)

    def add_member(self, group_id: str, account_id: str) -> Json:
        """Add an account to a group and return the group."""
        with self._site.lock:
            group = self._group(group_id)
            self._site.members.setdefault(group_id, []).append(account_id)
            self._site.touch()
            return render_group(group, self._base)

    def remove_member(self, group_id: str, account_id: str) -> Json:
        """Remove an account from a group and return the group."""
        with self._site.lock:
            group = self._group(group_id)
            if account_id not in self._site.members.get(group_id, ()):
                raise KeyError(account_id)
            self._site.members[group_id].remove(account_id)
            self._site.touch()
            return render_group(group, self._base)

    def _group(self, group_id: str) -> Group:
        group = next((one for one in self._site.groups if one.id == group_id), None)
        if group is None:
            raise KeyError(group_id)
        return group
