"""Which spaces are read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from source_confluence.config.config import Config
from source_confluence.confluence.errors import ConfigError


class SpaceFilter:
    """The spaces that the config selects, listed at most once per sync; thread-safe."""

    def __init__(
        self, every_space: Callable[[], Iterable[Mapping[str, Any]]], config: Config
    ) -> None:
        """`every_space` lists the spaces that space_keys names, or all; also excluded ones."""
        self._every_space = every_space
        self._config = config
        self._lock = threading.Lock()
        self._keys_by_id: dict[str, str | None] | None = None

    @property
    def is_filtered(self) -> bool:
        """Whether the config leaves any space out."""
        return bool(self._config.space_keys or self._config.excluded_space_keys)

    def are_few(self, most: int) -> bool:
        """Tell whether the config selects spaces, and no more than `most`."""
        return self.is_filtered and len(self.ids()) <= most

    def require_named(self) -> None:
        """Raise ConfigError if the config names a space that does not exist for the account."""
        if self._config.space_keys:
            self._listed()

    def ids(self) -> list[str]:
        """Return the ids of the selected spaces, oldest first.

        Raises ConfigError if a space that the config names does not exist for the account.
        """
        excluded = self._config.excluded_space_keys
        ids = [space_id for space_id, key in self._listed().items() if key not in excluded]
        return sorted(ids, key=lambda space_id: (len(space_id), space_id))

    def has(self, space_id: str | None) -> bool:
        """Tell whether content of a space is wanted.

        Where the config only excludes, a space that came up after the listing is wanted.
        """
        key = self._listed().get(space_id or "")
        if key is None:
            return not self._config.space_keys
        return key not in self._config.excluded_space_keys

    def batches(
        self, *, wanted: int, largest: int, done: Collection[str] = ()
    ) -> Iterator[list[str]]:
        """Yield the selected spaces that are not done, in about `wanted` batches of like size.

        There are more only where a batch would otherwise hold more than `largest` spaces.
        """
        ids = [space_id for space_id in self.ids() if space_id not in done]
        count = max(min(wanted, len(ids)), -(-len(ids) // largest))
        for first in range(count):
            yield ids[first::count]

    def _listed(self) -> dict[str, str | None]:
        with self._lock:
            if self._keys_by_id is None:
                listed = {
                    space["id"]: space.get("key")
                    for space in self._every_space()
                    if space.get("id") is not None
                }
                self._refuse_unknown(set(listed.values()))
                self._keys_by_id = listed
            return self._keys_by_id

    def _refuse_unknown(self, keys: set[str | None]) -> None:
        unknown = sorted(set(self._config.space_keys) - keys)
        if unknown:
            raise ConfigError(
                f"The config's space_keys names {', '.join(unknown)}, "
                "but the account sees no space with that key."
            )
