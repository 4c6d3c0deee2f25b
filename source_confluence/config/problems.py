"""What is wrong with a config, as sentences that name the field and say what it should be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError

Schema = Mapping[str, Any]


def problems_of(config: Mapping[str, Any], schema: Schema) -> list[str]:
    """Return a sentence for each way in which `config` does not fit spec.yaml's `schema`.

    A value is quoted only where it is one of a few words or a number: others may hold secrets.
    """
    errors = sorted(Draft7Validator(schema).iter_errors(config), key=_position)
    return list(dict.fromkeys(sentence for error in errors for sentence in _sentences(error)))


def _position(error: ValidationError) -> list[str]:
    return [str(step) for step in error.absolute_path]


def _sentences(error: ValidationError) -> Iterator[str]:
    field = ".".join(_position(error))
    if error.validator == "oneOf":
        yield from _sentences_on_variant(error, field)
    elif error.validator == "required":
        missing = error.message.split("'")[1]
        yield f"The config lacks {f'{field}.{missing}' if field else missing}."
    else:
        yield f"The config's {field} must {_requirement(error)}."


def _sentences_on_variant(error: ValidationError, field: str) -> Iterator[str]:
    """The variant that the user meant is the one whose constant matches; speak of that one."""
    if not isinstance(error.instance, Mapping):
        return
    variants: Any = error.validator_value
    kinds = [variant["properties"]["auth_type"]["const"] for variant in variants]
    meant = error.instance.get("auth_type")
    if meant not in kinds:
        yield f"The config's {field}.auth_type must be {_alternatives(kinds)}."
        return
    for inner in error.context or ():
        if inner.schema_path[0] == kinds.index(meant):
            yield from _sentences(inner)


def _requirement(error: ValidationError) -> str:
    schema: Any = error.schema
    wanted: Any = error.validator_value
    match error.validator:
        case "enum":
            return f"be {_alternatives(wanted)}, not {error.instance!r}"
        case "minimum":
            return f"be at least {wanted}, not {error.instance!r}"
        case "maximum":
            return f"be at most {wanted}, not {error.instance!r}"
        case "pattern":
            return f"be {schema['pattern_descriptor']}"
        case "uniqueItems":
            return "not name anything twice"
        case "type":
            return f"be of type {wanted}"
        case _:
            return "not be empty"


def _alternatives(values: Iterable[Any]) -> str:
    *most, last = [str(value) for value in values]
    return f"{', '.join(most)} or {last}" if most else last
