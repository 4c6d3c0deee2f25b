"""Which spaces are read. The lock guards the list of spaces, which is made once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator

from source_confluence.config.config import Config
from source_confluence.confluence.errors import ConfigError
from source_confluence.confluence.records import Record


class SpaceFilter:
    """The spaces that the config selects, listed at most once per sync; thread-safe."""

    def __init__(self, every_space: Callable[[], Iterable[Record]], config: Config) -> None:
        """`every_space` lists the spaces in space_keys, or all; also excluded ones."""
        self._every_space = every_space
        self.is_active = bool(config.space_keys or config.excluded_space_keys)
        """Whether the config leaves any space out."""
        self._config = config
        self._lock = threading.Lock()
        self._keys_by_id: dict[str, str | None] | None = None

    def selects_at_most(self, count: int) -> bool:
        """Return whether the config selects no more than `count` spaces; lists them."""
        return len(self.ids()) <= count

    def require_named(self) -> None:
        """Raise ConfigError if the account sees no space with a key that the config names."""
        if self._config.space_keys:
            self._listed()

    def ids(self) -> list[str]:
        """Return the ids of the selected spaces, oldest first. Raises as `require_named`."""
        excluded = self._config.excluded_space_keys
        ids = [space_id for space_id, key in self._listed().items() if key not in excluded]
        return sorted(ids, key=lambda space_id: (len(space_id), space_id))

    def has(self, space_id: str | None) -> bool:
        """Return whether the content of a space is selected.

        If the config only excludes spaces, one created after the listing is selected.
        """
        key = self._listed().get(space_id or "")
        if key is None:
            return not self._config.space_keys
        return key not in self._config.excluded_space_keys

    def batches(
        self, *, wanted: int, largest: int, done: Collection[str] = ()
    ) -> Iterator[list[str]]:
        """Yield the selected spaces that are not done, in about `wanted` batches of equal size.

        There are more only if a batch would otherwise hold more than `largest` spaces.
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
                self._reject_unknown(set(listed.values()))
                self._keys_by_id = listed
            return self._keys_by_id

    def _reject_unknown(self, keys: set[str | None]) -> None:
        unknown = sorted(set(self._config.space_keys) - keys)
        if unknown:
            raise ConfigError(
                f"The config's space_keys names {', '.join(unknown)}, "
                "but the account sees no space with that key."
            )
