"""Spaces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote_plus

from source_confluence.confluence.listing import Record
from source_confluence.streams.base import CursorList, SharedStream, Slice

STATUSES = ("current", "archived")
MAX_KEYS_PER_REQUEST = 250
MAX_LENGTH_OF_KEYS = 3000
"""As they stand in the URL, which servers refuse above some 8,000 characters: a personal key, a
tilde and an account id, takes about 50."""


class Spaces(SharedStream, CursorList):
    """Every space, archived ones too. GET /wiki/api/v2/spaces.

    `status` takes one value, and what its absence means is not documented: so both are asked for.
    """

    name = "space"
    endpoint = "spaces"

    def slices_to_list(self) -> Iterator[Slice]:
        """Yield a slice per status, and per so many of the keys that the config names."""
        keys = self._config.space_keys
        for status in STATUSES:
            if not keys:
                yield {"status": status}
            for batch in _batches(keys):
                yield {"status": status, "keys": batch}

    def listed(self) -> Iterator[list[Record]]:
        """Yield the spaces, also those that the config excludes, each under its own status."""
        for stream_slice in self.slices_to_list():
            for page in self.listing(stream_slice, light=True).pages():
                yield [
                    space for space in page if space.get("status") in (stream_slice["status"], None)
                ]

    def request_params(
        self,
        stream_state: Mapping[str, Any] | None,  # noqa: ARG002  # the CDK's contract
        stream_slice: Slice | None = None,
        next_page_token: Mapping[str, Any] | None = None,  # noqa: ARG002  # the CDK's contract
    ) -> dict[str, Any]:
        """Return the parameters of a slice, and those that bring more of a space for nothing."""
        wanted = stream_slice or {}
        params = {"sort": "id", "description-format": "plain", "include-icon": "true"}
        if "status" in wanted:
            params["status"] = wanted["status"]
        if "keys" in wanted:
            params["keys"] = ",".join(wanted["keys"])
        return params

    def select(
        self,
        page: list[Record],
        stream_slice: Slice,  # noqa: ARG002  # the whole list is one slice
    ) -> Iterable[Record]:
        """Return the spaces that the config does not exclude."""
        excluded = self._config.excluded_space_keys
        return [space for space in page if space.get("key") not in excluded]


def _batches(keys: Iterable[str]) -> Iterator[list[str]]:
    """So many keys at a time as a request takes, and its URL."""
    batch: list[str] = []
    length = 0
    for key in keys:
        needed = len(quote_plus(f"{key},"))
        if len(batch) == MAX_KEYS_PER_REQUEST or (batch and length + needed > MAX_LENGTH_OF_KEYS):
            yield batch
            batch, length = [], 0
        batch.append(key)
        length += needed
    if batch:
        yield batch
