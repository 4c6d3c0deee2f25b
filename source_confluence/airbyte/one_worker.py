"""A sync with one worker: a single task at a time, and never a deadlock.

The CDK makes a thread that has generated 10,000 partitions wait until some of them have been read,
so that the number of partitions in memory stays bounded. The only thread of a pool would wait
forever: nobody else reads them. So there is a second thread, and the two take turns.

The condition guards the turn: a task holds it while it runs, and gives it up only while it waits
for others to end.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from airbyte_cdk.sources.concurrent_source.thread_pool_manager import ThreadPoolManager
from typing_extensions import override

THREADS = 2
"""The second one is needed only while the first waits in the middle of generating partitions."""
SECONDS_BETWEEN_LOOKS = 0.1
"""As in the CDK. Tasks that are canceled end without a notification."""


class OneTaskAtATime(ThreadPoolManager):
    """Runs the tasks of a sync one at a time, so that one request is sent at a time, too."""

    def __init__(
        self,
        pool: ThreadPoolExecutor,
        logger: logging.Logger,
        max_concurrent_tasks: int,
        is_over: Callable[[], bool],
    ) -> None:
        """`pool` has two threads. At most about `max_concurrent_tasks` tasks wait at a time.

        Once `is_over` returns True, no more tasks are started.
        """
        super().__init__(pool, logger, max_concurrent_tasks)
        self._is_over = is_over
        self._turn = threading.Condition()

    @override
    def submit(self, function: Callable[..., Any], *args: Any) -> None:
        """Run `function` once all tasks before it have ended, or wait for it."""
        super().submit(self._take_turn, function, *args)

    @override
    def prune_to_validate_has_reached_futures_limit(self) -> bool:
        """Let other tasks run until fewer than the limit wait; return False.

        A task that generates partitions calls this after each of them.
        """
        while super().prune_to_validate_has_reached_futures_limit():
            self._turn.wait(SECONDS_BETWEEN_LOOKS)
        return False

    def _take_turn(self, function: Callable[..., Any], *args: Any) -> None:
        with self._turn:
            if not self._is_over():
                function(*args)
            self._turn.notify_all()
