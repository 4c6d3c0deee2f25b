"""The JSON types that the emulator's modules exchange."""

from typing import Any

Json = dict[str, Any]
