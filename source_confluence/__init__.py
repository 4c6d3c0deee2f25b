"""An Airbyte source that reads Confluence Cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from source_confluence.airbyte.source import SourceConfluence

__all__ = ["SourceConfluence"]


def __getattr__(name: str) -> Any:
    """Import the source on first use: the console script prepares for that import (see `run`)."""
    if name == "SourceConfluence":
        from source_confluence.airbyte.source import SourceConfluence  # noqa: PLC0415

        return SourceConfluence
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
