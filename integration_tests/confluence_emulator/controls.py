"""What a test can do with a running emulator, in its own process or in another."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import asdict

from integration_tests.confluence_emulator.faults import Fault
from integration_tests.confluence_emulator.jsontypes import Json


class Controls(ABC):
    """The operations on an emulator, its URL and its credentials."""

    url: str = ""
    """Scheme, host and port; set inside the context."""
    email: str
    token: str

    @abstractmethod
    def perform(self, operation: str, arguments: Json) -> Json:
        """Perform an operation of control.Control."""

    def add_fault(self, fault: Fault) -> None:
        """Add a fault."""
        self.perform("faults", asdict(fault))

    def clear_faults(self) -> None:
        """Remove all faults."""
        self.perform("clear_faults", {})

    def limit_rate(self, rate: float, burst: float | None = None, style: str = "seconds") -> None:
        """Return 429 above `rate` requests per second, in a style of rate_limit.py."""
        self.perform("rate", {"rate": rate, "burst": burst, "style": style})

    def remove_rate_limit(self) -> None:
        """Remove the rate limit."""
        self.perform("rate", {})

    def set_latency(self, seconds: float) -> None:
        """Delay every response to at least this many seconds."""
        self.perform("settings", {"latency": seconds})

    def set_clock(self, advance_hours: float = 0.0, speed: float = 1.0) -> None:
        """Set the server's clock ahead, or back if negative, and let it run at another speed."""
        self.perform("clock", {"advance_hours": advance_hours, "speed": speed})

    def set_date(self, date: str | None = None, hours: float = 0.0) -> None:
        """Set the Date header: a text, none ("") or the clock's time, ahead by some hours."""
        self.perform("settings", {"date": date, "date_hours": hours})

    def set_admin(self, admin: bool) -> None:
        """Set whether the account is an administrator."""
        self.perform("settings", {"admin": admin})

    def forbid(self, paths: Mapping[str, int]) -> None:
        """Deny paths by regular expression and status, as in Settings.forbidden."""
        self.perform("settings", {"forbidden": dict(paths)})

    def deny_in_spaces(self, paths: Mapping[str, Collection[str]]) -> None:
        """Deny paths by regular expression with 403, in the spaces with these keys only."""
        denied = {expression: list(keys) for expression, keys in paths.items()}
        self.perform("settings", {"denied_in_spaces": denied})

    def lack(self, paths: Mapping[str, tuple[int, str]]) -> None:
        """Refuse paths by regular expression, with a status and a title; "Not Found" is bare."""
        self.perform("settings", {"lacking": dict(paths)})

    def remove_features(self, features: Collection[str]) -> None:
        """Set the features that the plan lacks, from settings.FEATURES."""
        self.perform("settings", {"missing_features": list(features)})

    def mutate(self, action: str, **arguments: object) -> Json:
        """Call a method of mutations.Mutations and return its result."""
        return self.perform("mutations", {"action": action, **arguments})

    def reset(self) -> None:
        """Clear the request log and remove all faults."""
        self.perform("reset", {})

    def warm(self, target: str) -> int:
        """Cache the replies of a list and return their number; needs the setting `fast`."""
        requests: int = self.perform("warm", {"target": target})["requests"]
        return requests

    def expected(
        self,
        stream: str,
        *,
        body_format: str | None = None,
        statuses: Collection[str] = ("current", "archived"),
        space_keys: Collection[str] | None = None,
        named_by: Collection[str] | None = None,
    ) -> list[Json]:
        """Return the records a complete read of a stream must return, as truth.py describes.

        Args:
            stream: The name of the stream.
            body_format: storage, atlas_doc_format or None; for pages, blog posts, comments,
                custom content and tasks.
            statuses: Keep pages, blog posts and attachments with these statuses, and their
                children.
            space_keys: Keep what belongs to these spaces; None for all.
            named_by: For users: keep those deactivated ones whom the records of these streams, of
                pages or of blog posts name; None for all streams.

        Spaces include archived ones, the plain description and the icon. Raises ValueError for an
        unknown stream.
        """
        arguments: Json = {
            "stream": stream,
            "body_format": body_format,
            "statuses": list(statuses),
            "space_keys": None if space_keys is None else list(space_keys),
            "named_by": None if named_by is None else list(named_by),
        }
        records: list[Json] = self.perform("truth", arguments)["records"]
        return records
