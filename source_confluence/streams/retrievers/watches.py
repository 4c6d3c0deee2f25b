"""Watches of pages and spaces: who watches what."""

from __future__ import annotations

from source_confluence.confluence.records import Record


def with_account(watch: Record) -> Record:
    """Return a watch with the watcher's account at its top: it belongs to the key."""
    watcher = watch.get("watcher")
    watch["accountId"] = watcher.get("accountId") if isinstance(watcher, dict) else None
    return watch
