"""What happens when the account may not read a stream at all.

That is one clear warning and no records; every other stream goes on. Where the destination appends,
the stream is complete. Where it would replace a table, an empty stream would wipe yesterday's rows,
so there the stream fails instead.
"""

from __future__ import annotations

import logging
import threading

from airbyte_cdk.models import DestinationSyncMode

from source_confluence.errors import ConfigError, ConfluenceError


class Availability:
    """Whether one stream can be read, as its partitions find out; thread-safe."""

    def __init__(
        self, stream: str, destination: DestinationSyncMode | None, logger: logging.Logger
    ) -> None:
        self._stream = stream
        self._replaces = destination is not None and destination.value.startswith("overwrite")
        self._logger = logger
        self._lock = threading.Lock()
        self._refusal: ConfluenceError | None = None
        self._was_granted = False

    @property
    def is_refused(self) -> bool:
        """Whether Confluence has refused a partition: then there is no use in asking for others."""
        return self._refusal is not None

    def granted(self) -> None:
        """Tell that Confluence let a partition be read.

        Raises ConfigError if it has refused another: the records of that one would be missing.
        """
        with self._lock:
            self._was_granted = True
            if self._refusal is not None:
                raise self._partly_refused(self._refusal)

    def refused(self, refusal: ConfluenceError) -> None:
        """Tell that Confluence refused a partition.

        Raises ConfigError where ending the stream without records would lose data.
        """
        with self._lock:
            if self._was_granted:
                raise self._partly_refused(refusal)
            if self._replaces:
                raise ConfigError(
                    f"{refusal.sentence} Stream {self._stream} is left incomplete, so that the "
                    "destination keeps the rows it has: deselect the stream or grant the right."
                )
            is_first = self._refusal is None
            self._refusal = refusal
        if is_first:
            self._logger.warning(f"Stream {self._stream} has no records: {refusal.sentence}")

    def _partly_refused(self, refusal: ConfluenceError) -> ConfigError:
        return ConfigError(
            f"Confluence let only a part of stream {self._stream} be read: {refusal.sentence}"
        )
