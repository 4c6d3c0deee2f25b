"""The files that a user passes: config, catalog, state. Each problem becomes one message."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import orjson
from airbyte_cdk.models import (
    AirbyteStateMessage,
    AirbyteStateMessageSerializer,
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteCatalogSerializer,
)
from serpyco_rs import SchemaValidationError

from source_confluence.confluence.errors import ConfigError

T = TypeVar("T")

LONGEST_QUOTE = 200
"""Characters: a state can have megabytes, and a message must fit into a log line."""


def read_config(path: str) -> dict[str, Any]:
    """Return the config in a file. Raises ConfigError if the file is not a JSON object."""
    content = _read_json("config", path)
    if not isinstance(content, dict):
        raise ConfigError(f"The config in {path} must be a JSON object.")
    return content


def read_catalog(path: str) -> ConfiguredAirbyteCatalog:
    """Return the catalog in a file. Raises ConfigError if it is not a configured catalog."""
    return _deserialized(
        "catalog",
        path,
        "a configured catalog, with stream, sync_mode and destination_sync_mode for each stream",
        ConfiguredAirbyteCatalogSerializer.load,
        _read_json("catalog", path),
    )


def read_state(path: str) -> list[AirbyteStateMessage]:
    """Return the state messages in a file; an empty file has none.

    Raises ConfigError if the file contains anything else.
    """
    content = _read_json("state", path, if_empty=b"[]")
    if not content:
        return []
    messages = content if isinstance(content, list) else [content]
    form = "a list of Airbyte state messages of type STREAM or GLOBAL"
    states = [
        _deserialized("state", path, form, AirbyteStateMessageSerializer.load, message)
        for message in messages
    ]
    if not all(state.stream or state.global_ for state in states):
        raise ConfigError(f"The state in {path} must be {form}.")
    for state in states:
        _drop_empty_shared_state(state, path)
    return states


def _drop_empty_shared_state(state: AirbyteStateMessage, path: str) -> None:
    """The CDK rejects a GLOBAL state with a shared_state, even an empty one."""
    if state.global_ and state.global_.shared_state is not None:
        if vars(state.global_.shared_state):
            raise ConfigError(
                f"The state in {path} contains a shared_state, which this connector did not "
                "write: reset the state of the connection."
            )
        state.global_.shared_state = None


def _read_json(kind: str, path: str, *, if_empty: bytes = b"") -> Any:
    try:
        # Windows editors write a byte order mark, which JSON does not allow.
        content = Path(path).read_bytes().removeprefix(BOM_UTF8)
        return orjson.loads(content if content.strip() else if_empty)
    except OSError as error:
        raise ConfigError(f"The {kind} file {path} cannot be read: {error.strerror}.") from error
    except orjson.JSONDecodeError as error:
        raise ConfigError(f"The {kind} file {path} is not valid JSON: {error}.") from error


def _deserialized(kind: str, path: str, form: str, load: Callable[[Any], T], content: Any) -> T:
    try:
        return load(content)
    except SchemaValidationError as error:
        first = error.errors[0]
        place = shortened(first.instance_path) or "at the top level"
        raise ConfigError(
            f"The {kind} in {path} must be {form}; {place}: {shortened(first.message)}."
        ) from error


def shortened(text: str) -> str:
    """Return a text from a file as a message may quote it: its beginning, if it is long."""
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}..."
