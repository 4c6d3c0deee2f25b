"""What happens when the account may not read a stream at all.

That is one clear warning and no records; every other stream goes on. Where the destination appends,
the stream is complete. Where it would replace a table, an empty stream would wipe yesterday's rows,
so there the stream fails instead.

Streams that ask for one element after the other pass over what is refused: whether that was all of
the stream is known at its very end.
"""

from __future__ import annotations

import logging
import threading

from airbyte_cdk.models import ConfiguredAirbyteStream

from source_confluence.confluence.errors import ConfigError, ConfluenceError


def would_replace(entry: ConfiguredAirbyteStream) -> bool:
    """Tell whether the destination drops the rows that it has once the stream is complete.

    It does where it overwrites, and in whichever mode where the platform refreshes or clears the
    stream: then no older generation of rows is to stay.
    """
    oldest = entry.minimum_generation_id or 0
    drops_generations = oldest > 0 and oldest == entry.generation_id
    return entry.destination_sync_mode.value.startswith("overwrite") or drops_generations


class Availability:
    """Whether one stream can be read, as its partitions find out; thread-safe."""

    def __init__(self, stream: str, logger: logging.Logger, *, replaces: bool) -> None:
        """`replaces` says that an empty stream would wipe what the destination has."""
        self._stream = stream
        self._replaces = replaces
        self._logger = logger
        self._lock = threading.Lock()
        self._refusal: ConfluenceError | None = None
        self._passed_over: ConfluenceError | None = None
        self._was_granted = self._was_let_in = self._is_given_up = False
        self._open = 1  # the making of the partitions

    @property
    def is_over(self) -> bool:
        """Whether there is no use in asking for other partitions: one was refused, or given up."""
        return self._refusal is not None or self._is_given_up

    def given_up(self) -> None:
        """Tell that a partition failed in a way in which all others would."""
        self._is_given_up = True

    def begun(self) -> None:
        """Tell that there is another partition to read."""
        with self._lock:
            self._open += 1

    def ended(
        self, *, was_let_in: bool = False, passed_over: ConfluenceError | None = None
    ) -> None:
        """Tell that a partition was read to its end, or that there are no more of them.

        Raises the refusal that was `passed_over` if the stream is at its end and was never let in,
        and ConfigError as `granted`.
        """
        if was_let_in:
            self.granted()
        with self._lock:
            self._open -= 1
            self._was_let_in = self._was_let_in or was_let_in
            self._passed_over = passed_over or self._passed_over
            if self._open == 0 and not self._was_let_in and self._passed_over is not None:
                raise self._passed_over

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
            is_first = self._refusal is None
            self._refusal = refusal
            if self._replaces:
                raise ConfigError(
                    f"{refusal.sentence} Stream {self._stream} is left incomplete, so that the "
                    "destination keeps the rows it has: deselect the stream or grant the right."
                )
        if is_first:
            self._logger.warning(f"Stream {self._stream} has no records: {refusal.sentence}")

    def _partly_refused(self, refusal: ConfluenceError) -> ConfigError:
        return ConfigError(
            f"Confluence let only a part of stream {self._stream} be read: {refusal.sentence}"
        )
