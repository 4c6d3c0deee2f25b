"""Settings of a running emulator."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

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
    bandwidth: int = 0
    """The bytes per second that each connection transfers, at most; 0 for no limit."""
    idle_seconds: float = 0.0
    """After how long the server closes a connection without requests; 0 for never."""
    requests_per_connection: int = 0
    """After how many responses the server closes a connection, unannounced; 0 for never."""
    limit: TokenBucket | None = None
    fast: bool = False
    """Cache responses, so that the emulator doesn't slow down a measurement."""
    clock: Callable[[], datetime] = utc_now
    """Returns the time for Date headers and mutations."""
    date: str | None = None
    """What the Date header says instead of the clock's time; without it if empty."""
    date_hours: float = 0.0
    """How many hours the Date header is ahead of the clock; the dates of edits are not."""
    on_request: Callable[[Request], None] | None = None
    """Called with every request before the response, for example to change the site or the
    settings in the middle of a read."""

    def set_clock(self, advance_hours: float = 0.0, speed: float = 1.0) -> None:
        """Set the clock ahead, or back if negative, and let it run at another speed."""
        origin, start = self.clock() + timedelta(hours=advance_hours), utc_now()
        self.clock = lambda: origin + (utc_now() - start) * speed

    def date_headers(self) -> dict[str, str]:
        """Return the Date header of a response that is sent now, or nothing."""
        if self.date is not None:
            return {"Date": self.date} if self.date else {}
        date = self.clock() + timedelta(hours=self.date_hours)
        return {"Date": format_datetime(date, usegmt=True)}
