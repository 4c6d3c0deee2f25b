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
    scoped_token: str = "emulated-token-with-scopes"
    """A token of the same account that works only at Atlassian's gateway."""
    admin: bool = True
    """Whether the account is a Confluence administrator, as the audit log requires."""
    forbidden: dict[str, int] = field(default_factory=dict)
    """The status of denied paths, by regular expression: 404 (no permission, a bare 404 in v2 and a
    403 in v1), 403 (no permission, said so) or 401 (no scope)."""
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
