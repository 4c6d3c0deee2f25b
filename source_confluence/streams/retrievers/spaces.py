"""The spaces of the site."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote_plus

from typing_extensions import override

from source_confluence.confluence.records import Record
from source_confluence.streams.retrievers.endpoint import v2
from source_confluence.streams.retrievers.whole_list import SharedWholeList
from source_confluence.streams.sync.run import StreamRun

STATUSES = ("current", "archived")
MAX_KEYS_PER_REQUEST = 250
MAX_LENGTH_OF_KEYS = 3000
"""As URL characters: servers reject URLs longer than about 8,000. A personal key, a tilde and an
account id, takes about 50."""


class Spaces(SharedWholeList):
    """Reads every space, archived ones too, or those that space_keys names.

    `status` takes one value, and Atlassian doesn't document what its absence means: so both are
    requested.
    """

    def __init__(self) -> None:
        super().__init__(
            v2("spaces", {"sort": "id", "description-format": "plain", "include-icon": "true"})
        )

    @override
    def light_pages(self, run: StreamRun, since: str | None = None) -> Iterator[list[Record]]:
        """Yield the spaces, also those that the config excludes, each under its own status."""
        for params in _requests(run.config.space_keys):
            for page in self.endpoint.listing(run, params, light=True).pages():
                yield [space for space in page if space.get("status") in (params["status"], None)]

    @override
    def selected(self, run: StreamRun, page: list[Record]) -> list[Record]:
        spaces = run.sync.spaces
        return [space for space in page if not spaces.excludes(space.get("key"))]


def _requests(keys: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
    for status in STATUSES:
        if not keys:
            yield {"status": status}
        for batch in _batches(keys):
            yield {"status": status, "keys": ",".join(batch)}


def _batches(keys: Iterable[str]) -> Iterator[list[str]]:
    """Yield as many keys at a time as a request, and its URL, can hold."""
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
