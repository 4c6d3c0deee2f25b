"""Validates a config: each problem is a message that names the field and what it must be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError

Schema = Mapping[str, Any]


def find_problems(config: Mapping[str, Any], schema: Schema) -> list[str]:
    """Return a message for each violation of `schema` (spec.yaml), sorted by field.

    No value is quoted: it may be a secret in the wrong place.
    """
    errors = sorted(Draft7Validator(schema).iter_errors(config), key=_position)
    return list(dict.fromkeys(message for error in errors for message in _messages(error)))


def _position(error: ValidationError) -> list[str]:
    return [str(step) for step in error.absolute_path]


def _messages(error: ValidationError) -> Iterator[str]:
    field = ".".join(_position(error))
    if error.validator == "oneOf":
        yield from _variant_messages(error, field)
    elif error.validator == "required":
        # Only the message says which one: `validator_value` lists all required fields.
        missing = error.message.split("'")[1]
        yield f"The config lacks {f'{field}.{missing}' if field else missing}."
    else:
        yield f"The config's {field} must {_requirement(error)}."


def _variant_messages(error: ValidationError, field: str) -> Iterator[str]:
    """Report on the variant whose `auth_type` the user has chosen, not on all of them."""
    if not isinstance(error.instance, Mapping):
        return
    variants: Any = error.validator_value
    auth_types = [variant["properties"]["auth_type"]["const"] for variant in variants]
    chosen = error.instance.get("auth_type")
    if chosen not in auth_types:
        yield f"The config's {field}.auth_type must be {_one_of(auth_types)}."
        return
    for inner in error.context or ():
        if inner.schema_path[0] == auth_types.index(chosen):
            yield from _messages(inner)


def _requirement(error: ValidationError) -> str:
    schema: Any = error.schema
    wanted: Any = error.validator_value
    match error.validator:
        case "enum":
            return f"be {_one_of(wanted)}"
        case "minimum":
            return f"be at least {wanted}"
        case "maximum":
            return f"be at most {wanted}"
        case "pattern":
            return f"be {schema['pattern_descriptor']}"
        case "uniqueItems":
            return "not contain duplicates"
        case "type":
            return f"be of type {wanted}"
        case _:
            return "not be empty"


def _one_of(values: Iterable[Any]) -> str:
    *most, last = [str(value) for value in values]
    return f"{', '.join(most)} or {last}" if most else last
