"""Where a stream continues: what its state covers, and what of it is to be read."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from source_confluence.config.config import Config
from source_confluence.confluence import timestamps
from source_confluence.streams.cursor_field import CursorField
from source_confluence.streams.state import StreamState
from source_confluence.streams.sync.memo import Memo

SpaceIds = Callable[[], frozenset[str] | None]
"""Returns the ids of the selected spaces, which it lists at its first call; None if it may not."""


@dataclass
class Continuation:
    """What one sync makes of the state of one stream; thread-safe."""

    stream: str
    incoming: StreamState
    """The state as it was handed over."""
    cursor: CursorField | None
    config: Config
    space_ids: SpaceIds | None
    """None for a stream that does not follow the spaces."""
    server_time: Callable[[], datetime]
    """Returns the server's time at the start of the sync, once a response has come."""
    logger: logging.Logger

    def __post_init__(self) -> None:
        self._memo = Memo()

    @property
    def state(self) -> StreamState:
        """The state to continue from: empty if the incoming one is ahead of the server's time."""
        if self.incoming == StreamState():  # as in most runs, and it needs no clock
            return self.incoming
        return self._memo.once("state", self._credible_state)

    @property
    def since(self) -> str | None:
        """Older records are not wanted; None where all are. For cursor fields that are dates."""
        if self.cursor is None:
            return None
        start_date, newest = self.config.start_date, self.state.newest
        if self.state.wants_first_sync or not isinstance(newest, str):
            return start_date
        looking_back = timestamps.earlier(newest, self.config.lookback)
        return looking_back if start_date is None else max(looking_back, start_date)

    @property
    def arrived(self) -> frozenset[str]:
        """The ids of the selected spaces that the state does not cover.

        They were created, imported, granted or selected since: their content can be of any age.
        """
        covered = self.state.spaces
        if covered is None or self.space_ids is None:
            return frozenset()
        return (self.space_ids() or frozenset()) - covered

    @property
    def arrived_before(self) -> str | None:
        """What is older than this is read in spaces that have arrived; the rest comes anyway."""
        first_sync = self.state.first_sync
        return first_sync.started_at if first_sync else self.since

    def covered_spaces(self) -> frozenset[str] | None:
        """Return the spaces that the state covers once this sync is complete.

        If they cannot be listed, it covers no more than before, so that a later sync reads them.
        """
        if self.space_ids is None:
            return None
        listed = self.space_ids()
        return (self.state.spaces or frozenset()) if listed is None else listed

    def _credible_state(self) -> StreamState:
        newest, first_sync, cursor = self.incoming.newest, self.incoming.first_sync, self.cursor
        if first_sync is not None:
            started_at = first_sync.started_at
            newest = started_at if newest is None else max(newest, started_at)
        if newest is None or cursor is None:
            return self.incoming
        if self.space_ids is not None:
            self.space_ids()  # the server's time is known from then on
        if newest <= cursor.at(self.server_time() + self.config.lookback):
            return self.incoming
        self.logger.warning(
            f"The state of stream {self.stream} is ahead of Confluence's time ({newest}), so it "
            "does not say what was read: the stream is read as a whole."
        )
        return StreamState()
