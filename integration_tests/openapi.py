"""Checks requests and responses against Atlassian's OpenAPI documents of Confluence Cloud.

The documents are not part of this project: they are in the directory that the environment
variable CONFLUENCE_OPENAPI_DIR names, or else in ../shared/reference/openapi beside the
repository. Tests that need them are skipped where they are absent.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator, FormatChecker, ValidationError

Json = dict[str, Any]

_DEFAULT_DIRECTORY = Path(__file__).resolve().parents[2] / "shared" / "reference" / "openapi"
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_V2_PREFIX = "/wiki/api/v2"


def open_api() -> "OpenApi":
    """Return the check, or skip the test that needs it."""
    directory = Path(os.environ.get("CONFLUENCE_OPENAPI_DIR") or _DEFAULT_DIRECTORY)
    files = [directory / "cloud-v2.json", directory / "cloud-v1.json"]
    if not all(file.is_file() for file in files):
        pytest.skip(
            "Atlassian's OpenAPI documents (cloud-v1.json, cloud-v2.json) are not here: "
            "set CONFLUENCE_OPENAPI_DIR to their directory"
        )
    v2, v1 = (Document(orjson.loads(file.read_bytes())) for file in files)
    return OpenApi(v2, v1)


@dataclass(frozen=True)
class Operation:
    """One method of one path, as a document declares it."""

    template: str
    parts: Mapping[str, str]
    """What the request's path has in place of the template's placeholders."""
    declaration: Json


class Document:
    """One OpenAPI 3.0 document."""

    def __init__(self, content: Json) -> None:
        self._content = content
        self._templates = [(template, _pattern(template)) for template in content["paths"]]

    def operation(self, method: str, path: str) -> Operation:
        """Return the operation with the fewest placeholders; raises LookupError for none."""
        found = [
            Operation(template, match.groupdict(), declared[method.lower()])
            for template, pattern in self._templates
            if (match := pattern.fullmatch(path))
            and method.lower() in (declared := self._content["paths"][template])
        ]
        if not found:
            raise LookupError(f"{method} {path} is in no document")
        return min(found, key=lambda operation: operation.template.count("{"))

    def resolved(self, schema: Json) -> Json:
        """Return a schema, or what its $ref leads to."""
        if "$ref" not in schema:
            return schema
        target: Any = self._content
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return self.resolved(target)

    def parameters(self, operation: Operation) -> list[Json]:
        """Return the declared parameters with their schemas resolved."""
        declared = [self.resolved(one) for one in operation.declaration.get("parameters", [])]
        return [{**one, "schema": self.resolved(one.get("schema", {}))} for one in declared]

    def success_schema(self, operation: Operation) -> Json:
        """Return the schema of the 200 response; raises LookupError if none is declared."""
        schema: Json = operation.declaration["responses"]["200"]["content"]["application/json"][
            "schema"
        ]
        return schema

    def validator(self, schema: Json) -> Draft202012Validator:
        """Return a validator of responses against a schema of this document."""
        checker = FormatChecker(formats=())
        checker.checks("date-time")(_is_date_time)
        whole = {"components": {"schemas": self._components}, **_json_schema(schema)}
        return Draft202012Validator(whole, format_checker=checker)

    @cached_property
    def _components(self) -> Json:
        schemas: Json = self._content["components"]["schemas"]
        return {name: _json_schema(schema) for name, schema in schemas.items()}


class OpenApi:
    """Both documents: v2 for paths below /wiki/api/v2, v1 for the rest."""

    def __init__(self, v2: Document, v1: Document) -> None:
        self._v2 = v2
        self._v1 = v1

    def check_response(self, method: str, path: str, body: object) -> list[str]:
        """Return what is wrong with the body of a 200 response; raises LookupError.

        Confluence sends null for what it does not have, so null is accepted wherever a field is
        not required, and so are fields that the document does not know.
        """
        document, operation = self._find(method, path)
        validator = document.validator(document.success_schema(operation))
        errors = [leaf for error in validator.iter_errors(body) for leaf in _leaves(error)]
        return [f"{error.json_path}: {error.message}" for error in errors]

    def check_request(
        self, method: str, path: str, query: Mapping[str, Sequence[str]]
    ) -> list[str]:
        """Return what is wrong with a request of ours.

        Undeclared parameters count, because Confluence ignores them silently. A list is
        one comma-separated parameter.
        """
        try:
            document, operation = self._find(method, path)
        except LookupError as error:
            return [str(error)]
        problems: list[str] = []
        declared = {one["name"]: one for one in document.parameters(operation)}
        for name, one in declared.items():
            if one["in"] == "path":
                problems += _problems(one, [operation.parts[_group(name)]])
            elif one["in"] == "query" and name in query:
                problems += _problems(one, query[name])
            elif one["in"] == "query" and one.get("required"):
                problems.append(f"{name}: is required")
        in_query = {name for name, one in declared.items() if one["in"] == "query"}
        return problems + [f"{name}: is not declared" for name in query if name not in in_query]

    def item_fields(self, path: str) -> set[str]:
        """Return the names of the fields that the records of a list may have."""
        document, operation = self._find("GET", path)
        schema = document.resolved(document.success_schema(operation))
        item = document.resolved(schema["properties"]["results"]["items"])
        return set(item["properties"])

    def _find(self, method: str, path: str) -> tuple[Document, Operation]:
        if path.startswith(_V2_PREFIX):
            return self._v2, self._v2.operation(method, path.removeprefix(_V2_PREFIX))
        return self._v1, self._v1.operation(method, path)


def _pattern(template: str) -> re.Pattern[str]:
    pieces = re.split(r"\{([^}]+)\}", template)
    return re.compile(
        "".join(
            f"(?P<{_group(piece)}>[^/]+)" if index % 2 else re.escape(piece)
            for index, piece in enumerate(pieces)
        )
    )


def _group(name: str) -> str:
    return name.replace("-", "_")


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """Return what is wrong beneath an alternative, of which the first one is the real schema."""
    beneath = [one for one in error.context or () if one.relative_schema_path[0] == 0]
    if not beneath:
        yield error
    for one in beneath:
        yield from _leaves(one)


def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or _DATE_TIME.fullmatch(value) is not None


def _json_schema(schema: Json) -> Json:
    """Return the JSON Schema of an OAS 3.0 schema, lenient about null as check_response says."""
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}
    converted: Json = {
        name: schema[name]
        for name in ("type", "enum", "format", "required", "minimum", "maximum")
        if name in schema
    }
    if "properties" in schema:
        required = schema.get("required", [])
        converted["properties"] = {
            name: _json_schema(one) if name in required else _nullable(_json_schema(one))
            for name, one in schema["properties"].items()
        }
    for name in ("items", "additionalProperties", "not"):
        if isinstance(schema.get(name), dict):
            converted[name] = _json_schema(schema[name])
    for name in ("allOf", "anyOf", "oneOf"):
        if name in schema:
            converted[name] = [_json_schema(one) for one in schema[name]]
    return _nullable(converted) if schema.get("nullable") else converted


def _nullable(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


def _problems(parameter: Json, values: Sequence[str]) -> Iterable[str]:
    name, schema = parameter["name"], parameter["schema"]
    if len(values) > 1:
        yield f"{name}: is given {len(values)} times"
    if schema.get("type") != "array":
        for value in values:
            yield from _value_problems(name, schema, value)
        return
    elements = [element for value in values for element in value.split(",")]
    if len(elements) > schema.get("maxItems", len(elements)):
        yield f"{name}: has {len(elements)} elements, at most {schema['maxItems']} are taken"
    for element in elements:
        yield from _value_problems(name, schema.get("items", {}), element)


def _value_problems(name: str, schema: Json, value: str) -> Iterable[str]:
    kind = schema.get("type")
    if kind == "integer":
        if re.fullmatch(r"-?\d+", value) is None:
            yield f"{name}: {value!r} is not an integer"
        elif (
            not schema.get("minimum", int(value)) <= int(value) <= schema.get("maximum", int(value))
        ):
            yield f"{name}: {value} is out of range"
    if kind == "boolean" and value not in ("true", "false"):
        yield f"{name}: {value!r} is not a boolean"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{name}: {value!r} is none of {schema['enum']}"
