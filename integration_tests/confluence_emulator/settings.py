"""How the emulator treats its visitors."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone

from integration_tests.confluence_emulator.http import Request
from integration_tests.confluence_emulator.waiting import TokenBucket

FEATURES = frozenset({"analytics", "classification", "roles"})


def utc_now() -> datetime:
    """Return the time of the machine."""
    return datetime.now(timezone.utc)


@dataclass
class Settings:
    """Credentials, rights, speed and clock; may be changed while the emulator runs."""

    email: str = "reader@example.com"
    token: str = "emulated-token"
    admin: bool = True
    """Whether the account is a Confluence administrator, as the audit log requires."""
    forbidden: dict[str, int] = field(default_factory=dict)
    """Regular expressions of paths, with 403 (no permission) or 401 (scope does not match)."""
    lacking: frozenset[str] = frozenset()
    """Features of FEATURES that the site's plan lacks. Without analytics, views are a 403;
    without classification, levels are a 404; without roles, the mode is PRE_ROLES and roles and
    assignments are a 404."""
    latency: float = 0.0
    """Seconds that every answer takes at least."""
    limit: TokenBucket | None = None
    fast: bool = False
    """Keep the bytes of answers, so that the emulator is no bottleneck of a measurement."""
    clock: Callable[[], datetime] = utc_now
    """Tells the time of Date headers and of mutations."""
    on_request: Callable[[Request], None] | None = None
    """Called with every request before it is answered: the chance to change the site, or the
    settings, in the middle of a read."""
