"""Who and what a site consists of besides its content. Times are epoch milliseconds."""

from dataclasses import dataclass


@dataclass(slots=True)
class Person:
    """An account that writes, owns and administers."""

    account_id: str
    name: str
    account_type: str = "atlassian"
    status: str = "active"
    email: str = ""


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
    usage_type: str
    managed_by: str


@dataclass(slots=True)
class AuditRecord:
    """One line of the audit log; Confluence gives it no id."""

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
    """What a user, group or role may do in a space."""

    id: int
    principal_type: str
    principal: str
    operation: str
    target: str


@dataclass(frozen=True, slots=True)
class SpaceRole:
    """A named set of space permissions; `number` is the emulator's own."""

    number: int
    id: str
    type: str
    name: str
    description: str
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoleAssignment:
    """A role that a principal has in a space; `number` is the emulator's own."""

    number: int
    principal_type: str
    principal: str
    role_id: str


@dataclass(frozen=True, slots=True)
class ClassificationLevel:
    """A level of data classification."""

    id: str
    status: str
    order: int
    name: str
    color: str


@dataclass(frozen=True, slots=True)
class Template:
    """A template, global or of a space; one of a blueprint names plug-in and module."""

    id: str
    name: str
    space_id: int | None
    blueprint: tuple[str, str] | None = None
