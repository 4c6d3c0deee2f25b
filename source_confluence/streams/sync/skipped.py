"""What a sync skipped. The lock guards the ids that the log has named."""

from __future__ import annotations

import logging
import threading

from source_confluence.confluence.errors import ConfluenceError


class Skipped:
    """Names in the log what could not be read, each once, however many streams notice."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._named: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def denied(self, kind: str, element_id: str, error: ConfluenceError) -> None:
        """Log an element that was deleted, or that the account may not see."""
        if self._is_new(kind, element_id):
            self._logger.info(f"Skipped record {element_id} of {kind}: {error.message}")

    def failed(self, kind: str, element_id: str, error: ConfluenceError) -> None:
        """Log an element for which Confluence failed to answer."""
        if self._is_new(kind, element_id):
            self._logger.error(
                f"Could not read what belongs to record {element_id} of {kind}: {error.message}"
            )

    def _is_new(self, kind: str, element_id: str) -> bool:
        with self._lock:
            is_new = (kind, element_id) not in self._named
            self._named.add((kind, element_id))
            return is_new
