"""Whether Confluence knows the account: what decides about a 404 of v2 that names no entity.

v2 answers bad credentials with a 404 that says only "Not Found". It says the same about a purged
page (measured by mozilla/markfluence) and where only a permission is missing (measured by the
authors of the ZenUML app). v1's `user/current` settles it, for about a minute.

A token may be revoked in that minute. So a result that says "known" explains one 404 for each good
response in between. Where everything is denied, none comes: there it explains twice as many 404s
each time, so that the verifications cost little.

The lock guards the last result; one worker verifies while the others wait for what it finds out.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from copy import copy

from source_confluence.confluence.clock import Clock
from source_confluence.confluence.errors import ConfluenceError

SECONDS = 60.0
"""How long a result is good."""
MOST_EXPLAINED = 32
"""404s that one verification explains at most."""


class Account:
    """What is known about the account of a run; shared by all workers, thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._verifications = 0
        self._verified_at = -math.inf
        self._result: bool | ConfluenceError = False
        self._explains = 0
        self._explains_next = 1
        self.has_succeeded = False
        """Set by every good response: the account was known when it came."""

    def is_known(self, verify: Callable[[], bool]) -> bool:
        """Return whether Confluence knows the account, which got a 404 that names no entity.

        Args:
            verify: Requests that from Confluence; called if no recent result will do.

        Raises ConfluenceError as `verify`: then nobody knows.
        """
        seen = self._verifications
        with self._lock:
            if self._verifications == seen and not self._is_explained():
                self._verify(verify)
            if isinstance(self._result, ConfluenceError):
                raise copy(self._result)
            return self._result

    def _is_explained(self) -> bool:
        """Return whether the last result still holds for one more 404."""
        is_recent = self._clock.monotonic() - self._verified_at < SECONDS
        if not is_recent or isinstance(self._result, ConfluenceError):
            return False
        if self.has_succeeded:
            self.has_succeeded = False
            self._explains = self._explains_next = 1
        self._explains -= 1
        return not self._result or self._explains >= 0

    def _verify(self, verify: Callable[[], bool]) -> None:
        try:
            self._result = verify()
        except ConfluenceError as error:
            self._result = error
        self._verifications += 1
        self._verified_at = self._clock.monotonic()
        self.has_succeeded = False  # that was the verification itself
        self._explains = self._explains_next
        self._explains_next = min(2 * self._explains_next, MOST_EXPLAINED)
