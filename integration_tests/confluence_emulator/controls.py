"""What a test can do with a running emulator, wherever that runs."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import asdict

from integration_tests.confluence_emulator.faults import Fault
from integration_tests.confluence_emulator.jsontypes import Json


class Controls(ABC):
    """The operations on an emulator, and where and with what credentials to reach it."""

    url: str = ""
    """Scheme, host and port; known inside the context."""
    email: str
    token: str

    @abstractmethod
    def perform(self, operation: str, arguments: Json) -> Json:
        """Perform an operation of control.Control."""

    def add_fault(self, fault: Fault) -> None:
        """Put a fault in force."""
        self.perform("faults", asdict(fault))

    def clear_faults(self) -> None:
        """Lift all faults."""
        self.perform("clear_faults", {})

    def limit_rate(self, rate: float, burst: float | None = None, style: str = "seconds") -> None:
        """Answer 429 beyond `rate` requests per second, in a style of waiting.wait_headers."""
        self.perform("rate", {"rate": rate, "burst": burst, "style": style})

    def lift_rate(self) -> None:
        """Have no rate limit."""
        self.perform("rate", {})

    def set_latency(self, seconds: float) -> None:
        """Let every answer take this long."""
        self.perform("settings", {"latency": seconds})

    def set_admin(self, admin: bool) -> None:
        """Make the account an administrator or not."""
        self.perform("settings", {"admin": admin})

    def forbid(self, paths: Mapping[str, int]) -> None:
        """Refuse paths by regular expression, with 403 or, for a missing scope, 401."""
        self.perform("settings", {"forbidden": dict(paths)})

    def lack(self, features: Collection[str]) -> None:
        """Have a plan without some of settings.FEATURES: analytics, classification, roles."""
        self.perform("settings", {"lacking": list(features)})

    def mutate(self, action: str, **arguments: object) -> Json:
        """Call a method of mutations.Mutations and return the record it returned."""
        return self.perform("mutations", {"action": action, **arguments})

    def reset(self) -> None:
        """Forget the requests and lift the faults."""
        self.perform("reset", {})

    def warm(self, target: str) -> int:
        """Make a list's replies ready to be sent; for settings with `fast`."""
        requests: int = self.perform("warm", {"target": target})["requests"]
        return requests

    def expected(
        self,
        stream: str,
        *,
        body_format: str | None = None,
        statuses: Collection[str] = ("current", "archived"),
        space_keys: Collection[str] | None = None,
    ) -> list[Json]:
        """Return the ground truth of a stream, as truth.py says: what the API would serve.

        `body_format` (storage, atlas_doc_format or None) concerns pages, blog posts, comments,
        custom content and tasks; `statuses` pages, blog posts, attachments and what hangs on
        them; `space_keys`, where given, keeps what lies in those spaces. Spaces come in both
        statuses, with the plain description and the icon. Raises ValueError for a stream that is
        not known.
        """
        arguments: Json = {
            "stream": stream,
            "body_format": body_format,
            "statuses": list(statuses),
            "space_keys": None if space_keys is None else list(space_keys),
        }
        records: list[Json] = self.perform("truth", arguments)["records"]
        return records
