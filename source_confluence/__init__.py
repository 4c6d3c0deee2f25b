"""An Airbyte source that reads Confluence Cloud."""
