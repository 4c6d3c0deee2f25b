"""The body types of custom content: only the format `raw` returns the bodies of a raw type."""

from integration_tests.confluence_emulator.kinds import CUSTOM_TYPES
from integration_tests.confluence_emulator.model import CustomContent, Versioned

RAW_TYPES = frozenset({CUSTOM_TYPES[0]})
_OF_OTHERS = ("storage", "atlas_doc_format")


def served_format(item: Versioned, body_format: str | None) -> str | None:
    """Return the requested format, or None if the item has no body in it."""
    if isinstance(item, CustomContent):
        without = _OF_OTHERS if item.type in RAW_TYPES else ("raw",)
        return None if body_format in without else body_format
    return body_format


def readable_format(item: Versioned, body_format: str | None) -> str | None:
    """Return the format in which a complete read has the item's body."""
    is_raw = isinstance(item, CustomContent) and item.type in RAW_TYPES
    return "raw" if is_raw and body_format is not None else body_format


def is_refused(app_type: str, body_format: str | None) -> bool:
    """Return whether a format is refused for a type, if the site refuses instead of omitting."""
    return app_type in RAW_TYPES and body_format in _OF_OTHERS
