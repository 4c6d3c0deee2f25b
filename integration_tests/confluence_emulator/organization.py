"""The people, spaces and settings of a site. Times are epoch milliseconds."""

from dataclasses import dataclass


@dataclass(slots=True)
class Person:
    """A user account."""

    account_id: str
    name: str
    account_type: str = "atlassian"
    status: str = "active"
    email: str = ""
    is_guest: bool = False


@dataclass(slots=True)
class Space:
    """A space."""

    id: int
    key: str
    name: str
    type: str
    status: str
    author: str
    created: int
    homepage_id: int | None
    description: str | None
    alias: str


@dataclass(slots=True)
class Group:
    """A group of users."""

    id: str
    name: str


@dataclass(slots=True)
class AuditRecord:
    """One record of the audit log, which has no id in Confluence."""

    created: int
    author: Person | None
    address: str
    summary: str
    description: str
    category: str
    object_name: str
    object_type: str
    changes: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Permission:
    """An operation that a user, group or role may perform in a space."""

    id: int
    principal_type: str
    principal: str
    operation: str
    target: str


@dataclass(frozen=True, slots=True)
class SpaceRole:
    """A named set of space permissions; `number` is internal to the emulator."""

    number: int
    id: str
    type: str
    name: str
    description: str
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoleAssignment:
    """A principal's role in a space; `number` is internal to the emulator."""

    number: int
    principal_type: str
    principal: str
    role_id: str


@dataclass(frozen=True, slots=True)
class ClassificationLevel:
    """A data classification level."""

    id: str
    status: str
    order: int
    name: str
    color: str


@dataclass(frozen=True, slots=True)
class Template:
    """A template of the site or of a space; `blueprint` is its plugin and module, if any."""

    id: str
    name: str
    space_id: int | None
    blueprint: tuple[str, str] | None = None
