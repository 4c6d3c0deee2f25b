"""The type of JSON objects in the emulator's modules."""

from typing import Any

Json = dict[str, Any]
