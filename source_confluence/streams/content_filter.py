"""Which pages and blog posts are read, and with them what hangs on them."""

from __future__ import annotations

import threading

from source_confluence.config.config import Config
from source_confluence.confluence.listing import ids_of
from source_confluence.streams.shared import Shared
from source_confluence.streams.space_filter import SpaceFilter

CONTENT_TYPES = {"pages": "page", "blog_posts": "blogpost"}


class ContentFilter:
    """What the config's filters select; thread-safe."""

    def __init__(self, spaces: SpaceFilter, shared: Shared, config: Config) -> None:
        self.spaces = spaces
        self._shared = shared
        self._config = config
        self._lock = threading.Lock()
        self._ids: dict[str, frozenset[str]] = {}
        self._wanted: dict[str, frozenset[str]] = {}

    @property
    def is_filtered(self) -> bool:
        """Whether the config leaves any content out by its space or by CQL."""
        return self.spaces.is_filtered or self._config.cql is not None

    def require_valid(self) -> None:
        """Raise ConfigError for a space that the account does not see, and for what is no CQL."""
        self.spaces.require_named()
        if self._config.cql is not None:
            self._shared.stream("search_page").probe()

    def ids(self, stream: str) -> frozenset[str] | None:
        """Return the ids of the pages or blog posts that the config's CQL finds; None without."""
        if self._config.cql is None:
            return None
        with self._lock:
            if stream not in self._ids:
                kind = CONTENT_TYPES[stream]
                found = self._shared.stream(f"search_{kind}").listed()
                self._ids[stream] = frozenset(i for page in found for i in ids_of(page))
            return self._ids[stream]

    def has(self, stream: str, record_id: str | None) -> bool:
        """Tell whether a record of a stream of containers is among those selected."""
        if record_id is None:
            return False
        with self._lock:
            wanted = self._wanted.get(stream)
        if wanted is None:
            parent = self._shared.stream(stream)
            pages = self._shared.list_of(stream).pages()
            wanted = frozenset(i for page in pages for i in ids_of(parent.select(page, {})))
            with self._lock:
                self._wanted[stream] = wanted
        return record_id in wanted
