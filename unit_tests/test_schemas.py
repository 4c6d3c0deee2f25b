"""The schemas that discover publishes: their structure, and Atlassian's documented fields."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from airbyte_cdk.sources.utils.schema_helpers import ResourceSchemaLoader
from jsonschema import Draft7Validator

from source_confluence import streams
from unit_tests.schema_expectations import (
    BEYOND_THE_DOCUMENTS,
    DOCUMENTED,
    NEVER_EXPANDED,
    Documented,
    listed,
)

Schema = Mapping[str, Any]

REPOSITORY = Path(__file__).parents[1]
PACKAGE = "source_confluence"
SCHEMAS = REPOSITORY / PACKAGE / "schemas"
OPENAPI_DOCUMENTS = Path(
    os.environ.get("CONFLUENCE_OPENAPI_DIR", REPOSITORY.parent / "shared/reference/openapi")
)

STREAMS = sorted(path.stem for path in SCHEMAS.glob("*.json"))
SHARED_DEFINITIONS = sorted(path.name for path in (SCHEMAS / "shared").glob("*.json"))
SCHEMA_FILES = sorted(SCHEMAS.rglob("*.json"))
PRIMARY_KEYS = {stream.name: set(stream.key) for stream in streams.STREAMS}

ENDPOINTS = {stream.name: stream.cloud.endpoints[0] for stream in streams.STREAMS}

ANY_JSON = {"null", "object", "array", "string", "number", "boolean"}
ANY_JSON_FIELD = {
    "airbyte_type": "object",
    "oneOf": [
        {"type": "null"},
        {"type": "object", "additionalProperties": True},
        {"type": "array"},
        {"type": "string"},
        {"type": "number"},
        {"type": "boolean"},
    ],
}
"""How a field that holds any JSON is declared, apart from its description.

Destinations that know unions store a `oneOf` as JSON. For a list of types, older ones choose one of
them and drop all other values. PyAirbyte knows neither, but takes `airbyte_type`; without it, it
prints a warning and chooses text, into which PostgreSQL cannot put an object.
"""


@cache
def published(stream: str) -> dict[str, Any]:
    """Return the schema of a stream as `Stream.get_json_schema()` passes it to discover."""
    return ResourceSchemaLoader(PACKAGE).get_schema(stream)


def subschemas(schema: Schema, path: str = "") -> Iterator[tuple[str, Schema]]:
    """Yield every field in a schema with its path: `a.b` for nested fields, `a[]` for items."""
    for name, field in schema.get("properties", {}).items():
        field_path = f"{path}.{name}" if path else name
        yield field_path, field
        yield from subschemas(field, field_path)
    if "items" in schema:
        yield f"{path}[]", schema["items"]
        yield from subschemas(schema["items"], f"{path}[]")
    for part in schema.get("allOf", []):
        yield from subschemas(part, path)


def types_of(schema: Schema) -> set[str]:
    """Return the JSON types that a schema allows; a schema without a type allows any."""
    if "oneOf" in schema:
        return set().union(*map(types_of, schema["oneOf"]))
    declared = schema.get("type", ANY_JSON)
    return {declared} if isinstance(declared, str) else set(declared)


def key_of(stream: str) -> dict[str, Any]:
    return {name: 1 if name == "number" else "1" for name in PRIMARY_KEYS[stream]}


def keywords_of(node: object) -> Iterator[str]:
    """Yield every key in a JSON document, at any depth."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from keywords_of(value)
    elif isinstance(node, list):
        for value in node:
            yield from keywords_of(value)


def references_of(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from references_of(value)
    elif isinstance(node, list):
        for value in node:
            yield from references_of(value)


def at(document: Schema, pointer: tuple[str, ...]) -> Any:
    target: Any = document
    for step in pointer:
        target = target[step]
    return target


def with_references_resolved(document: Schema, node: Any) -> Any:
    if isinstance(node, dict):
        if "$ref" in node:
            pointer = tuple(node["$ref"].removeprefix("#/").split("/"))
            if pointer[-1] in NEVER_EXPANDED:
                return {"type": "object"}
            return with_references_resolved(document, at(document, pointer))
        return {key: with_references_resolved(document, value) for key, value in node.items()}
    if isinstance(node, list):
        return [with_references_resolved(document, item) for item in node]
    return node


@cache
def atlassians_document(file_name: str) -> Schema:
    path = OPENAPI_DOCUMENTS / file_name
    if not path.is_file():
        pytest.skip(
            f"Atlassian's document {file_name} is not here: "
            "set CONFLUENCE_OPENAPI_DIR to the directory that holds it"
        )
    document: Schema = json.loads(path.read_bytes())
    return document


def documented_of(stream: str) -> tuple[Documented, ...]:
    """Return Atlassian's schemas of a stream's records."""
    return DOCUMENTED.get(stream) or (listed(ENDPOINTS[stream].removeprefix("v2 ")),)


def documented_fields(documented: Documented) -> list[tuple[str, Schema]]:
    """Return the fields of one of Atlassian's objects, by their paths in our record."""
    document = atlassians_document(documented.file_name)
    found = with_references_resolved(document, at(document, documented.pointer))
    return list(subschemas(found, documented.at))


def test_every_stream_has_a_schema() -> None:
    assert sorted(PRIMARY_KEYS) == STREAMS


def test_no_expectation_is_stale() -> None:
    assert set(DOCUMENTED) | set(BEYOND_THE_DOCUMENTS) <= set(STREAMS)


@pytest.mark.parametrize("stream", STREAMS)
class TestForm:
    def test_is_a_draft_07_object_with_properties(self, stream: str) -> None:
        schema = published(stream)

        Draft7Validator.check_schema(schema)
        assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
        assert schema["type"] == "object"
        assert schema["properties"]

    def test_has_only_keywords_that_destinations_support(self, stream: str) -> None:
        field_names = {path.rpartition(".")[2] for path, _ in subschemas(published(stream))}
        keywords = set(keywords_of(published(stream))) - field_names

        assert keywords <= {
            "$schema",
            "title",
            "description",
            "type",
            "format",
            "airbyte_type",
            "oneOf",
            "properties",
            "items",
            "additionalProperties",
        }

    def test_every_field_is_described_in_a_sentence(self, stream: str) -> None:
        fields = {path: field for path, field in subschemas(published(stream)) if path[-1] != "]"}

        undescribed = [
            path for path, field in fields.items() if not field.get("description", "").endswith(".")
        ]

        assert undescribed == []

    def test_only_the_primary_key_is_not_nullable(self, stream: str) -> None:
        not_nullable = {
            path for path, field in subschemas(published(stream)) if "null" not in types_of(field)
        }

        assert not_nullable == PRIMARY_KEYS[stream]

    def test_a_field_of_several_types_is_a_union_that_every_client_keeps(self, stream: str) -> None:
        several = {
            path: {name: part for name, part in field.items() if name != "description"}
            for path, field in subschemas(published(stream))
            if len(types_of(field) - {"null"}) > 1
        }

        assert several == dict.fromkeys(several, ANY_JSON_FIELD)
        assert all(path.endswith("value") for path in several)

    def test_every_object_is_open(self, stream: str) -> None:
        schema = published(stream)
        objects = [("", schema), *subschemas(schema)]

        closed = [
            path
            for path, node in objects
            if "object" in types_of(node)
            and "oneOf" not in node
            and node.get("additionalProperties") is not True
        ]

        assert closed == []

    def test_every_array_declares_its_items(self, stream: str) -> None:
        undeclared = [
            path
            for path, field in subschemas(published(stream))
            if "array" in types_of(field) and "items" not in field and "oneOf" not in field
        ]

        assert undeclared == []

    def test_every_timestamp_is_a_date_time_with_a_timezone(self, stream: str) -> None:
        timestamps = {
            path: (field.get("format"), field.get("airbyte_type"))
            for path, field in subschemas(published(stream))
            if path.endswith("At") or "format" in field
        }

        assert set(timestamps.values()) <= {("date-time", "timestamp_with_timezone")}

    def test_every_versioned_record_has_its_modification_time(self, stream: str) -> None:
        fields = published(stream)["properties"]

        assert ("lastModifiedAt" in fields) == ("version" in fields or stream.endswith("_versions"))


@pytest.mark.parametrize("stream", STREAMS)
class TestRecords:
    def test_a_record_with_only_its_key_is_valid(self, stream: str) -> None:
        validator = Draft7Validator(published(stream))

        assert validator.is_valid(key_of(stream))

    def test_a_record_whose_other_fields_are_null_is_valid(self, stream: str) -> None:
        schema = published(stream)
        record = dict.fromkeys(schema["properties"]) | key_of(stream)

        assert Draft7Validator(schema).is_valid(record)

    def test_a_record_with_null_in_its_key_is_invalid(self, stream: str) -> None:
        validator = Draft7Validator(published(stream))

        valid = [name for name in PRIMARY_KEYS[stream] if validator.is_valid({name: None})]

        assert valid == []

    def test_unknown_fields_are_valid_at_every_level(self, stream: str) -> None:
        schema = published(stream)
        unknown = {"addedNextYear": [1]}
        record: dict[str, Any] = {
            name: dict(unknown)
            for name, field in schema["properties"].items()
            if "object" in types_of(field)
        }
        record |= unknown | key_of(stream)

        assert Draft7Validator(schema).is_valid(record)


@pytest.mark.parametrize(
    ("stream", "record"),
    [
        ("pages", {"id": 1}),
        ("pages", {"id": "1", "position": "7"}),
        ("pages", {"id": "1", "version": {"number": "7"}}),
        ("pages", {"id": "1", "body": {"storage": {"value": {}}}}),
        ("blog_posts", {"id": "1", "version": {"minorEdit": "false"}}),
        ("space", {"id": "1", "description": {"plain": "words"}}),
        ("group", {"id": "1", "_links": "https://example.com"}),
        ("audit", {"id": "1", "creationDate": "2024-01-01T00:00:00Z"}),
        ("audit", {"id": "1", "changedValues": [{"name": 1}]}),
        ("audit", {"id": "1", "author": {"operations": ["read"]}}),
        ("attachments", {"id": "1", "fileSize": "7"}),
        ("tasks", {"id": "1", "body": "words"}),
        ("page_labels", {"pageId": 1, "id": "1"}),
        ("page_versions", {"pageId": "1", "number": "1"}),
        ("page_content_properties", {"pageId": "1", "id": "1", "key": {}}),
        ("page_inline_comments", {"id": "1", "properties": {"inlineMarkerRef": 1}}),
        ("page_footer_comments", {"id": "1", "likes": {"results": [{"accountId": 1}]}}),
        ("space_roles", {"id": "1", "spacePermissions": [1]}),
        ("classification_levels", {"id": "1", "order": "1"}),
        ("users", {"accountId": "1", "profilePicture": "picture.png"}),
        ("page_watchers", {"pageId": "1", "accountId": "1", "watcher": {"operations": ["read"]}}),
        ("page_views", {"pageId": "1", "count": "7"}),
        ("templates", {"templateId": "1", "labels": ["words"]}),
    ],
)
def test_a_value_of_the_wrong_type_is_invalid(stream: str, record: dict[str, Any]) -> None:
    assert not Draft7Validator(published(stream)).is_valid(record)


@pytest.mark.parametrize("value", [None, {"a": [1]}, [1, {}], "words", 7, 0.5, True])
@pytest.mark.parametrize("stream", [name for name in PRIMARY_KEYS if name.endswith("_properties")])
def test_the_value_of_a_property_is_any_json(stream: str, value: Any) -> None:
    assert Draft7Validator(published(stream)).is_valid(key_of(stream) | {"value": value})


@pytest.mark.parametrize("stream", STREAMS)
class TestAgainstAtlassiansDocuments:
    def test_every_documented_field_is_published_with_its_type(self, stream: str) -> None:
        ours = dict(subschemas(published(stream)))
        objects = [documented_fields(documented) for documented in documented_of(stream)]
        documented = [field for fields in objects for field in fields]

        missing = sorted({path for path, _ in documented} - set(ours))
        mistyped = [
            path
            for path, field in documented
            if path in ours
            and (
                not types_of(field) <= types_of(ours[path])
                or (field.get("format") == "date-time") != ("format" in ours[path])
            )
        ]

        assert all(objects)
        assert missing == []
        assert mistyped == []

    def test_every_undocumented_field_is_expected(self, stream: str) -> None:
        ours = {path for path, _ in subschemas(published(stream))}
        documented = {
            path
            for documented in documented_of(stream)
            for path, _ in documented_fields(documented)
        }

        assert ours - documented == BEYOND_THE_DOCUMENTS.get(stream, set())


@pytest.mark.parametrize("stream", STREAMS)
def test_fields_beyond_the_documents_are_published(stream: str) -> None:
    ours = {path for path, _ in subschemas(published(stream))}

    assert ours >= BEYOND_THE_DOCUMENTS.get(stream, set())


def test_every_shared_definition_is_used_and_exists() -> None:
    referenced = {
        reference.partition("#")[0]
        for path in SCHEMA_FILES
        for reference in references_of(json.loads(path.read_bytes()))
    }

    assert sorted(referenced) == SHARED_DEFINITIONS


def test_pages_and_blog_posts_share_their_nested_objects() -> None:
    pages, blog_posts = published("pages")["properties"], published("blog_posts")["properties"]

    for name in ("version", "body", "_links"):
        assert pages[name] == blog_posts[name]
