"""The schemas that discover publishes: their form, and their fields as Atlassian documents them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from airbyte_cdk.sources.utils.schema_helpers import ResourceSchemaLoader
from jsonschema import Draft7Validator

Schema = Mapping[str, Any]

REPOSITORY = Path(__file__).parents[1]
SCHEMAS = REPOSITORY / "source_confluence" / "schemas"
OPENAPI_DOCUMENTS = Path(
    os.environ.get("CONFLUENCE_OPENAPI_DIR", REPOSITORY.parent / "shared/reference/openapi")
)

STREAMS = sorted(path.stem for path in SCHEMAS.glob("*.json"))
SHARED_DEFINITIONS = sorted(path.name for path in (SCHEMAS / "shared").glob("*.json"))
SCHEMA_FILES = sorted(SCHEMAS.rglob("*.json"))

PRIMARY_KEYS = {
    "audit": {"id"},
    "blog_posts": {"id"},
    "group": {"id"},
    "pages": {"id"},
    "space": {"id"},
}

DOCUMENTED_LISTS = {
    "audit": ("cloud-v1.json", "/wiki/rest/api/audit"),
    "blog_posts": ("cloud-v2.json", "/blogposts"),
    "group": ("cloud-v1.json", "/wiki/rest/api/group"),
    "pages": ("cloud-v2.json", "/pages"),
    "space": ("cloud-v2.json", "/spaces"),
}

VERSION_FIELDS_SEEN_LIVE = {
    "version.ncsStepVersion",
    "version.contributorIds",
    "version.contributorIds[]",
}
CONTENT_LINKS_SEEN_LIVE = {"_links.edituiv2", "_links.base", "_links.self"}
CONTENT_FIELDS_SEEN_LIVE = VERSION_FIELDS_SEEN_LIVE | CONTENT_LINKS_SEEN_LIVE
FIELDS_BEYOND_THE_DOCUMENTS = {
    "audit": {"id", "author.accountStatus", "author.locale"},
    "blog_posts": {"lastModifiedAt"} | CONTENT_FIELDS_SEEN_LIVE,
    "group": {"_links.self"},
    "pages": {"lastModifiedAt", "sourceTemplateEntityId"} | CONTENT_FIELDS_SEEN_LIVE,
    "space": {"spaceOwnerId", "_links.base", "_links.self"},
}


def published(stream: str) -> dict[str, Any]:
    """The schema of a stream as `Stream.get_json_schema()` hands it to discover."""
    return ResourceSchemaLoader("source_confluence").get_schema(stream)


def subschemas(schema: Schema, path: str = "") -> Iterator[tuple[str, Schema]]:
    """Every field below a schema with its path: `a.b` for nested fields, `a[]` for items."""
    for name, field in schema.get("properties", {}).items():
        field_path = f"{path}.{name}" if path else name
        yield field_path, field
        yield from subschemas(field, field_path)
    if "items" in schema:
        yield f"{path}[]", schema["items"]
        yield from subschemas(schema["items"], f"{path}[]")


def types_of(schema: Schema) -> set[str]:
    declared = schema["type"]
    return {declared} if isinstance(declared, str) else set(declared)


def keywords_of(node: object) -> Iterator[str]:
    """Every key in a JSON document, at any depth."""
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


def with_references_resolved(document: Schema, node: Any) -> Any:
    if isinstance(node, dict):
        if "$ref" in node:
            target: Any = document
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            return with_references_resolved(document, target)
        return {key: with_references_resolved(document, value) for key, value in node.items()}
    if isinstance(node, list):
        return [with_references_resolved(document, item) for item in node]
    return node


def documented_record(stream: str) -> dict[str, Any]:
    """The schema of one element of the list that Atlassian documents for a stream."""
    file_name, path = DOCUMENTED_LISTS[stream]
    document_path = OPENAPI_DOCUMENTS / file_name
    if not document_path.is_file():
        pytest.skip(
            f"Atlassian's document {file_name} is not here: "
            "set CONFLUENCE_OPENAPI_DIR to the directory that holds it"
        )
    document = json.loads(document_path.read_bytes())
    answer = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    results = with_references_resolved(document, answer["schema"])["properties"]["results"]
    record: dict[str, Any] = results["items"]
    return record


def test_every_stream_has_a_primary_key_here() -> None:
    assert set(STREAMS) == set(PRIMARY_KEYS)


@pytest.mark.parametrize("stream", STREAMS)
class TestForm:
    def test_is_a_draft_07_object_with_properties(self, stream: str) -> None:
        schema = published(stream)

        Draft7Validator.check_schema(schema)
        assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
        assert schema["type"] == "object"
        assert schema["properties"]

    def test_has_no_keyword_that_destinations_do_not_take(self, stream: str) -> None:
        field_names = {path.rpartition(".")[2] for path, _ in subschemas(published(stream))}
        keywords = set(keywords_of(published(stream))) - field_names

        assert keywords <= {
            "$schema",
            "title",
            "description",
            "type",
            "format",
            "airbyte_type",
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

    def test_every_object_is_open(self, stream: str) -> None:
        schema = published(stream)
        objects = [("", schema), *subschemas(schema)]

        closed = [
            path
            for path, node in objects
            if "object" in types_of(node) and node.get("additionalProperties") is not True
        ]

        assert closed == []

    def test_every_array_says_what_it_holds(self, stream: str) -> None:
        silent = [
            path
            for path, field in subschemas(published(stream))
            if "array" in types_of(field) and "items" not in field
        ]

        assert silent == []

    def test_every_timestamp_is_a_date_time_with_a_timezone(self, stream: str) -> None:
        timestamps = {
            path: (field.get("format"), field.get("airbyte_type"))
            for path, field in subschemas(published(stream))
            if path.endswith("At") or "format" in field
        }

        assert set(timestamps.values()) <= {("date-time", "timestamp_with_timezone")}


@pytest.mark.parametrize("stream", STREAMS)
class TestRecords:
    def test_a_record_with_nothing_but_its_key_is_valid(self, stream: str) -> None:
        validator = Draft7Validator(published(stream))

        assert validator.is_valid(dict.fromkeys(PRIMARY_KEYS[stream], "1"))

    def test_a_record_whose_other_fields_are_null_is_valid(self, stream: str) -> None:
        schema = published(stream)
        record = dict.fromkeys(schema["properties"]) | dict.fromkeys(PRIMARY_KEYS[stream], "1")

        assert Draft7Validator(schema).is_valid(record)

    def test_a_record_without_a_value_for_its_key_is_not_valid(self, stream: str) -> None:
        record = dict.fromkeys(PRIMARY_KEYS[stream])

        assert not Draft7Validator(published(stream)).is_valid(record)

    def test_unknown_fields_are_valid_at_every_level(self, stream: str) -> None:
        schema = published(stream)
        unknown = {"addedNextYear": [1]}
        record: dict[str, Any] = {
            name: dict(unknown)
            for name, field in schema["properties"].items()
            if "object" in types_of(field)
        }
        record |= unknown | dict.fromkeys(PRIMARY_KEYS[stream], "1")

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
    ],
)
def test_a_value_of_another_type_is_not_valid(stream: str, record: dict[str, Any]) -> None:
    assert not Draft7Validator(published(stream)).is_valid(record)


@pytest.mark.parametrize("stream", STREAMS)
class TestAgainstAtlassiansDocuments:
    def test_every_documented_field_is_published_with_its_type(self, stream: str) -> None:
        ours = dict(subschemas(published(stream)))
        documented = dict(subschemas(documented_record(stream)))

        missing = sorted(set(documented) - set(ours))
        mistyped = [
            path
            for path, field in documented.items()
            if path in ours
            and (
                not types_of(field) <= types_of(ours[path])
                or (field.get("format") == "date-time") != ("format" in ours[path])
            )
        ]

        assert documented
        assert missing == []
        assert mistyped == []

    def test_every_other_field_is_a_known_one(self, stream: str) -> None:
        ours = {path for path, _ in subschemas(published(stream))}
        documented = {path for path, _ in subschemas(documented_record(stream))}

        assert ours - documented <= FIELDS_BEYOND_THE_DOCUMENTS[stream]


@pytest.mark.parametrize("stream", STREAMS)
def test_fields_beyond_the_documents_are_published(stream: str) -> None:
    ours = {path for path, _ in subschemas(published(stream))}

    assert ours >= FIELDS_BEYOND_THE_DOCUMENTS[stream]


def test_every_shared_definition_is_used_and_exists() -> None:
    referenced = {
        reference
        for path in SCHEMA_FILES
        for reference in references_of(json.loads(path.read_bytes()))
    }

    assert sorted(referenced) == SHARED_DEFINITIONS


def test_pages_and_blog_posts_share_their_nested_objects() -> None:
    pages, blog_posts = published("pages")["properties"], published("blog_posts")["properties"]

    for name in ("version", "body", "_links"):
        assert pages[name] == blog_posts[name]
