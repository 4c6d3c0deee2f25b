"""Writes the table of config fields in docs/configuration.md from spec.yaml: `make docs`."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from source_confluence import SourceConfluence
from tools.generated import Blocks, table, write

DOCUMENT = Path(__file__).parents[1] / "docs" / "configuration.md"

Field = Mapping[str, Any]


def blocks() -> Blocks:
    """Return the table: one row per field, in the order of Airbyte's form."""
    schema = SourceConfluence().spec(logging.getLogger("airbyte")).connectionSpecification
    fields: dict[str, Field] = schema["properties"]
    in_order = sorted(fields, key=lambda name: int(fields[name]["order"]))
    rows = (_row(name, fields[name], name in schema["required"]) for name in in_order)
    return {"configuration": table(("field", "meaning", "default"), rows)}


def main(arguments: Sequence[str], document: Path = DOCUMENT) -> str | None:
    """Write the document, or with `--check` return a sentence if it is not current."""
    return write(arguments, document, blocks())


def _row(name: str, field: Field, is_required: bool) -> tuple[str, str, str]:
    default = f"`{json.dumps(field['default'])}`" if "default" in field else ""
    meaning = " ".join((field["description"], *_limits(field), *_forms(field)))
    return f"`{name}`", meaning.replace("|", "\\|"), "required" if is_required else default


def _limits(field: Field) -> Iterator[str]:
    if "minimum" in field:
        yield f"From {field['minimum']} to {field['maximum']}."
    allowed = field.get("items", {}).get("enum", ())
    if allowed:
        yield f"Any of {', '.join(f'`{value}`' for value in allowed)}."


def _forms(field: Field) -> Iterator[str]:
    """Yield an example of each form that an object can have."""
    for form in field.get("oneOf", ()):
        example = {
            name: inner.get("const") or inner["examples"][0]
            for name, inner in form["properties"].items()
        }
        yield f"{form['title']}: `{json.dumps(example)}`."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
