"""Which spaces are read. The lock guards the list of spaces, which is made once.

Confluence ignores the case of space keys (as mozilla/markfluence measured), and so does the filter.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from functools import partial

from source_confluence.config.config import Config
from source_confluence.confluence.errors import UNAVAILABLE, ConfigError
from source_confluence.confluence.records import Record, id_of
from source_confluence.streams.sync.memo import Memo


class SpaceFilter:
    """The spaces that the config selects, listed at most once per sync; thread-safe."""

    def __init__(
        self,
        every_space: Callable[[], Iterable[Record]],
        config: Config,
        logger: logging.Logger,
    ) -> None:
        """`every_space` lists the spaces in space_keys, or all; also excluded ones."""
        self._every_space = every_space
        self._logger = logger
        self.is_active = bool(config.space_keys or config.excluded_space_keys)
        """Whether the config leaves any space out."""
        self._config = config
        self._excluded = {key.casefold() for key in config.excluded_space_keys}
        self._memo = Memo()
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
        ids = [space_id for space_id, key in self._listed().items() if not self.excludes(key)]
        return sorted(ids, key=lambda space_id: (len(space_id), space_id))

    def ids_if_listed(self) -> frozenset[str] | None:
        """Return the ids of the selected spaces; None if the account may not list spaces.

        That is logged once. Raises as `require_named`.
        """
        try:
            return frozenset(self.ids())
        except UNAVAILABLE as denial:
            self._memo.once("denial", partial(self._warn_of_denial, denial.message))
            return None

    def has(self, space_id: str | None) -> bool:
        """Return whether the content of a space is selected.

        If the config only excludes spaces, one created after the listing is selected.
        """
        key = self._listed().get(space_id) if isinstance(space_id, str) else None
        if key is None:
            return not self._config.space_keys
        return not self.excludes(key)

    def excludes(self, key: str | None) -> bool:
        """Return whether the config excludes the space with a key; lists nothing."""
        return isinstance(key, str) and key.casefold() in self._excluded

    def named_keys(self) -> list[str]:
        """Return the keys in space_keys, in Confluence's own case. Raises as `require_named`."""
        if not self._config.space_keys:
            return []
        own = {key.casefold(): key for key in self._listed().values() if key is not None}
        return [own[key.casefold()] for key in self._config.space_keys]

    def notes(self) -> list[str]:
        """Return what is wrong with excluded_space_keys; lists the spaces if the config has any.

        It is also logged, once, when the spaces are listed.
        """
        return self._notes(self._listed().values()) if self._excluded else []

    def _listed(self) -> dict[str, str | None]:
        with self._lock:
            if self._keys_by_id is None:
                listed = {
                    space_id: key if isinstance(key := space.get("key"), str) else None
                    for space in self._every_space()
                    if (space_id := id_of(space)) is not None
                }
                self._reject_unknown(listed.values())
                for note in self._notes(listed.values()):
                    self._logger.warning(note)
                self._keys_by_id = listed
            return self._keys_by_id

    def _warn_of_denial(self, reason: str) -> None:
        self._logger.warning(
            "The account may not list the spaces, so the connector cannot find out which ones were "
            f"imported or granted since the last sync: old content in those is missing. {reason}"
        )

    def _reject_unknown(self, keys: Iterable[str | None]) -> None:
        unknown = _not_among(self._config.space_keys, keys)
        if unknown:
            raise ConfigError(
                f"The config's space_keys names {', '.join(unknown)}, "
                "but the account sees no space with that key."
            )

    def _notes(self, keys: Iterable[str | None]) -> list[str]:
        if self._config.space_keys:
            # Only those were listed, and all others are left out anyway.
            return []
        unknown = _not_among(self._config.excluded_space_keys, keys)
        if not unknown:
            return []
        note = (
            f"The config's excluded_space_keys names {', '.join(unknown)}, "
            "but the account sees no space with that key: it excludes nothing."
        )
        return [note]


def _not_among(named: Iterable[str], keys: Iterable[str | None]) -> list[str]:
    known = {key.casefold() for key in keys if key is not None}
    return sorted(key for key in named if key.casefold() not in known)
