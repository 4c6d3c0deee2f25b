"""Settings of a running emulator."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone

from integration_tests.confluence_emulator.http import Request
from integration_tests.confluence_emulator.rate_limit import TokenBucket

FEATURES = frozenset({"analytics", "classification", "roles"})


def utc_now() -> datetime:
    """Return the current time."""
    return datetime.now(timezone.utc)


@dataclass
class Settings:
    """Credentials, rights, speed and clock; they can change while the emulator runs."""

    email: str = "reader@example.com"
    token: str = "emulated-token"
    admin: bool = True
    """Whether the account is a Confluence administrator, as the audit log requires."""
    forbidden: dict[str, int] = field(default_factory=dict)
    """The status of denied paths, by regular expression: 403 (no permission) or 401 (no scope)."""
    denied_in_spaces: dict[str, list[str]] = field(default_factory=dict)
    """The keys of the spaces in which paths are denied with 403, by regular expression."""
    lacking: dict[str, tuple[int, str]] = field(default_factory=dict)
    """The status and the title with which optional lists are refused, by regular expression. A
    title of "Not Found" makes a 404 bare."""
    missing_features: frozenset[str] = frozenset()
    """The FEATURES that the site's plan lacks. Without analytics, views return 403; without
    classification, levels return 404; without roles, the mode is PRE_ROLES, and roles and
    assignments return 404."""
    latency: float = 0.0
    """The minimum time per response, in seconds."""
    limit: TokenBucket | None = None
    fast: bool = False
    """Cache responses, so that the emulator doesn't slow down a measurement."""
    clock: Callable[[], datetime] = utc_now
    """Returns the time for Date headers and mutations."""
    on_request: Callable[[Request], None] | None = None
    """Called with every request before the response, for example to change the site or the
    settings in the middle of a read."""
