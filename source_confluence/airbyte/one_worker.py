"""A sync with one worker: a single task at a time, and never a deadlock.

The CDK makes a thread that has generated 10,000 partitions wait until some of them have been read,
so that the number of partitions in memory stays bounded. The only thread of a pool would wait
forever: nobody else reads them. So there is a second thread, and the two take turns.

The condition guards the turn, and which task is the next one: a task holds it while it runs, and
gives it up only while it waits for others to end.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from airbyte_cdk.sources.concurrent_source.thread_pool_manager import ThreadPoolManager
from typing_extensions import override

from source_confluence.airbyte.messages import RecordQueue

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
        queue: RecordQueue,
    ) -> None:
        """`pool` has two threads. At most about `max_concurrent_tasks` tasks wait at a time.

        Once `queue` is closed, no more tasks are started.
        """
        super().__init__(pool, logger, max_concurrent_tasks)
        self._queue = queue
        self._turn = threading.Condition()
        self._tasks: deque[Callable[[], Any]] = deque()

    @override
    def submit(self, function: Callable[..., Any], *args: Any) -> None:
        """Run `function` once all tasks before it have ended, or wait for others."""
        self._tasks.append(partial(function, *args))
        super().submit(self._take_turn)

    @override
    def prune_to_validate_has_reached_futures_limit(self) -> bool:
        """Let other tasks run until fewer than the limit wait; return False.

        A task that generates partitions calls this after each of them.
        """
        while super().prune_to_validate_has_reached_futures_limit():
            self._turn.wait(SECONDS_BETWEEN_LOOKS)
        return False

    def _take_turn(self) -> None:
        """Run the oldest task: whichever thread gets the turn, the order stays the same."""
        with self._turn:
            task = self._tasks.popleft()
            if not self._queue.is_closed:
                task()
            self._turn.notify_all()
