"""Watches of pages and spaces: who watches what."""

from __future__ import annotations

from source_confluence.confluence.records import Record, part_of


def with_account(watch: Record) -> Record:
    """Return a watch with the watcher's account at its top: it belongs to the key."""
    watch["accountId"] = part_of(watch, "watcher", "accountId")
    return watch
