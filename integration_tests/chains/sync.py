"""One sync by the console script, disturbed and killed while it runs.

What happens to a sync is planned by the number of requests that it has sent. One lock guards that
number; the thread that disturbs the sync waits for it to grow.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import orjson

from integration_tests.chains.destination import Destination
from integration_tests.confluence_emulator import Emulator
from integration_tests.confluence_emulator.http import Request
from integration_tests.connector import Connector

LONGEST_SYNC = 180
"""Seconds after which a sync counts as hanging."""


@dataclass(frozen=True)
class Outcome:
    """How a sync ended."""

    returncode: int
    was_killed: bool
    requests: int
    incomplete: tuple[str, ...] = ()
    """The streams that did not end COMPLETE."""
    warnings: tuple[str, ...] = ()
    """What was logged as a warning or an error."""


class RequestCount:
    """Counts the requests that an emulator gets, and lets a thread wait for some number."""

    def __init__(self, emulator: Emulator) -> None:
        self._changed = threading.Condition()
        self._number = 0
        self._is_over = False
        emulator.settings.on_request = self._on_request

    @property
    def number(self) -> int:
        """The number of requests so far."""
        with self._changed:
            return self._number

    def wait_for(self, number: int) -> bool:
        """Wait for a number of requests; return False if the sync ended before."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_over or self._number >= number)
            return self._number >= number and not self._is_over

    def end(self) -> None:
        """Let nobody wait any more."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def _on_request(self, _: Request) -> None:
        with self._changed:
            self._number += 1
            self._changed.notify_all()


def run_sync(
    emulator: Emulator,
    connector: Connector,
    arguments: Sequence[str],
    destination: Destination,
    *,
    disturbances: Mapping[int, Callable[[], None]] = MappingProxyType({}),
    kill_at: int | None = None,
) -> Outcome:
    """Run a sync into a destination.

    Args:
        emulator: The site.
        connector: Starts the process.
        arguments: Those of the console script.
        destination: Takes every whole line that was printed, also after the process was killed.
        disturbances: What to do after how many requests; the rest is done when the sync has ended.
        kill_at: After how many requests to kill the process, if ever.
    """
    requests = RequestCount(emulator)
    process = connector.start(*arguments)
    killed = threading.Event()

    def disturb() -> None:
        plan = sorted([*disturbances, *([] if kill_at is None else [kill_at])])
        for number in plan:
            requests.wait_for(number)
            if number in disturbances:
                disturbances[number]()
            if number == kill_at and process.poll() is None:
                process.kill()
                killed.set()

    thread = threading.Thread(target=disturb, daemon=True)
    limit = threading.Timer(LONGEST_SYNC, process.kill)
    thread.start()
    limit.start()
    warnings = []
    try:
        assert process.stdout is not None
        destination.begin()
        for line in process.stdout:
            if line.endswith(b"\n"):
                message = orjson.loads(line)
                destination.accept(message)
                if message["type"] == "LOG" and message["log"]["level"] != "INFO":
                    warnings.append(message["log"]["message"])
        process.wait()
    finally:
        process.kill()
        process.communicate()
        limit.cancel()
        requests.end()
        thread.join()
    statuses = destination.statuses
    incomplete = tuple(sorted(name for name, one in statuses.items() if one != "COMPLETE"))
    is_killed = killed.is_set() and process.returncode != 0
    return Outcome(process.returncode, is_killed, requests.number, incomplete, tuple(warnings))


def write_state(connector: Connector, destination: Destination) -> list[str]:
    """Return the arguments that pass on the destination's states."""
    states = list(destination.states.values())
    return ["--state", connector.write("state", states)] if states else []
