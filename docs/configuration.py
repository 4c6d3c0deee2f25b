"""Writes the fields of the config into README.md, as source_confluence/spec.yaml has them."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from docs.generated import Blocks, table, write
from source_confluence import SourceConfluence

DOCUMENT = Path(__file__).parents[1] / "README.md"

Field = Mapping[str, Any]


def blocks() -> Blocks:
    """Return the generated part: a row for each field, in the order of Airbyte's form."""
    schema = SourceConfluence().spec(logging.getLogger("airbyte")).connectionSpecification
    fields: dict[str, Field] = schema["properties"]
    in_order = sorted(fields, key=lambda name: int(fields[name]["order"]))
    rows = (_row(name, fields[name], name in schema["required"]) for name in in_order)
    return {"configuration": table(("field", "meaning", "default"), rows)}


def main(arguments: Sequence[str], document: Path = DOCUMENT) -> str | None:
    """Write the document, or with `--check` return a sentence if it is not current."""
    return write(arguments, document, blocks())


def _row(name: str, field: Field, is_required: bool) -> tuple[str, str, str]:
    default = f"`{_json(field['default'])}`" if "default" in field else ""
    meaning = " ".join((field["description"], *_limits(field), *map(_form, _forms(field))))
    return f"`{name}`", _escaped(meaning), "required" if is_required else default


def _limits(field: Field) -> list[str]:
    if "minimum" in field:
        return [f"From {field['minimum']} to {field['maximum']}."]
    allowed = field.get("enum") or field.get("items", {}).get("enum")
    return (
        [f"One of {_codes(allowed)}."]
        if allowed and field["type"] == "string"
        else ([f"Any of {_codes(allowed)}."] if allowed else [])
    )


def _forms(field: Field) -> Sequence[Field]:
    return field.get("oneOf", ())


def _form(form: Field) -> str:
    """One of several forms of an object, as it is written in a config."""
    example = {
        name: inner.get("const") or inner["examples"][0]
        for name, inner in form["properties"].items()
    }
    return f"{form['title']}: `{_json(example)}`."


def _codes(values: Sequence[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _json(value: object) -> str:
    return json.dumps(value)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
