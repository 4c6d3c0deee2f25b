"""Whether a stream can be read, as its slices and elements find out.

If the account may not read a stream at all, there is one clear warning and no records; every other
stream continues. Where the destination appends, the stream is complete. Where it would replace a
table, an empty stream would delete yesterday's rows, so the stream fails there instead.

Streams that send one request per element judge denials space by space (`Gaps`). Whether
everything was denied is known at their very end, or once many spaces were denied and nothing ever
succeeded. The lock guards the counts, which all workers of the stream share.
"""

from __future__ import annotations

import logging
import threading

from source_confluence.confluence.circuit_breaker import CircuitBreaker
from source_confluence.confluence.errors import ConfigError, ConfluenceError, NotPermitted
from source_confluence.streams.sync.gaps import Gaps, PlaceNames

DENIALS_BEFORE_ANY_SUCCESS = 10
"""After denials in this many spaces with no success before, the whole stream counts as denied; an
element that belongs to no space counts as a space. A single 403 is enough if nothing ever succeeded
by the end; a few 404s are normal."""


class StreamHealth:
    """What the workers of one stream have seen of it so far; thread-safe."""

    def __init__(
        self,
        stream: str,
        logger: logging.Logger,
        breaker: CircuitBreaker,
        *,
        replaces: bool,
        place_names: PlaceNames = dict,
    ) -> None:
        """`replaces`: an empty stream would delete the rows that the destination has."""
        self.breaker = breaker
        self.gaps = Gaps(stream, logger, place_names)
        self._stream = stream
        self._logger = logger
        self._replaces = replaces
        self._lock = threading.Lock()
        self._denial: ConfluenceError | None = None
        self._skipped_denial: ConfluenceError | None = None
        self._denied_elements = self._forbidden_elements = 0
        self._denied_places: set[str] = set()
        self._is_partly_readable = self._has_succeeded = False
        self.is_over = False
        """Whether the remaining partitions need not be read: one was denied, or stopped."""
        self._open = 1  # the generation of the partitions

    def stop(self) -> None:
        """Record that a partition failed in a way in which all others would."""
        self.is_over = True
        self.gaps.warn()

    def open_partition(self) -> bool:
        """Record that there is another partition to read; return whether it is worth it."""
        with self._lock:
            self._open += 1
        return not self.is_over

    def closed(self, *, succeeded: bool = False) -> None:
        """Record that a partition was read to its end, or that there are no more of them.

        `succeeded`: Confluence answered for all of it, which streams that send one request per
        element report by element instead. Raises the last denial that was skipped if nothing of
        the stream could be read, and ConfigError as `has_records`. The last one warns of gaps.
        """
        with self._lock:
            self._has_succeeded = self._has_succeeded or succeeded
            if self._has_succeeded:
                self._set_readable()
            self._open -= 1
            is_last = self._open == 0
            if is_last and not self._has_succeeded and self._skipped_denial is not None:
                raise self._skipped_denial
        if is_last and self.gaps.has_any:
            self.gaps.warn()

    def failed(self) -> None:
        """Record that a partition, or what makes them, ended with an error."""
        with self._lock:
            self._open -= 1
            is_last = self._open == 0
        if is_last and self.gaps.has_any:
            self.gaps.warn()

    def has_records(self) -> None:
        """Record that a partition has records.

        Raises ConfigError if another was denied: the records of that one would be missing.
        """
        with self._lock:
            self._set_readable()

    def element_succeeded(self, place: str | None = None) -> None:
        """Record that Confluence answered for one element of a place."""
        self.breaker.succeeded()
        if place is not None:
            self.gaps.readable(place)
        with self._lock:
            self._has_succeeded = True

    def denied(self, error: ConfluenceError) -> None:
        """Record that the account may not read the stream.

        Raises ConfigError where ending the stream without records would lose data.
        """
        with self._lock:
            if self._is_partly_readable:
                raise self._partly_denied(error)
            is_first = self._denial is None
            self._denial = error
            self.is_over = True
            if self._replaces:
                raise ConfigError(
                    f"Stream {self._stream} is left incomplete, so that the destination keeps the "
                    "rows it has: deselect the stream or grant the right. "
                    f"{error.message}"
                )
        if is_first:
            self._logger.warning(f"Stream {self._stream} has no records: {error.message}")

    def element_denied(self, error: ConfluenceError, place: str | None = None) -> None:
        """Record that one element of a place was denied, and skipped.

        Raises `error` once that happened in too many places, and nothing ever succeeded.
        """
        is_forbidden = isinstance(error, NotPermitted)
        places = self.gaps.denied(place, error) if is_forbidden and place is not None else 0
        with self._lock:
            self._denied_elements += 1
            self._forbidden_elements += is_forbidden and place is None
            if is_forbidden or self._denied_elements >= DENIALS_BEFORE_ANY_SUCCESS:
                self._skipped_denial = error
            forbidden = self._forbidden_elements + places
            if is_forbidden and forbidden >= DENIALS_BEFORE_ANY_SUCCESS and not self._has_succeeded:
                raise error

    def place_denied(self, place: str) -> bool:
        """Record that a place, such as a type of content, was denied; return whether it is new."""
        with self._lock:
            is_new = place not in self._denied_places
            self._denied_places.add(place)
            return is_new

    @property
    def denied_places(self) -> frozenset[str]:
        """The places that were denied so far."""
        with self._lock:
            return frozenset(self._denied_places)

    def _set_readable(self) -> None:
        self._is_partly_readable = True
        if self._denial is not None:
            raise self._partly_denied(self._denial)

    def _partly_denied(self, error: ConfluenceError) -> ConfigError:
        return ConfigError(
            f"The account can read only part of stream {self._stream}: {error.message}"
        )
