"""Names the fields of a config that spec.yaml does not know: most are misspelled."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from source_confluence.config.problems import Schema

LONGEST_NAME = 60
"""Characters. What is longer is no misspelled field, and may be a value in the wrong place."""


def unknown_fields(config: Mapping[str, Any], schema: Schema) -> list[str]:
    """Return a sentence for each field that `schema` (spec.yaml) does not know, never its value.

    Fields that begin with an underscore are Airbyte's own.
    """
    known: Mapping[str, Any] = schema["properties"]
    sentences = list(_sentences(config, known, ""))
    credentials = config.get("credentials")
    if isinstance(credentials, Mapping):
        variants = known["credentials"]["oneOf"]
        chosen = [one for one in variants if _auth_type(one) == credentials.get("auth_type")]
        fields = {name for one in chosen or variants for name in one["properties"]}
        sentences += _sentences(credentials, fields, "credentials.")
    return sentences


def _auth_type(variant: Schema) -> Any:
    return variant["properties"]["auth_type"]["const"]


def _sentences(given: Mapping[str, Any], known: Collection[str], prefix: str) -> Iterator[str]:
    for name in given:
        if name in known or name.startswith("_"):
            continue
        shown = name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}..."
        close = get_close_matches(name.lower(), known, n=1)
        advice = f"did you mean {prefix}{close[0]}?" if close else "remove it."
        yield f"The config's {prefix}{shown} is no field of this connector and is ignored: {advice}"
