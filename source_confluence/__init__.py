"""An Airbyte source that reads Confluence Cloud."""

from source_confluence.source import SourceConfluence

__all__ = ["SourceConfluence"]
