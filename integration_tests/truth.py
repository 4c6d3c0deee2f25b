"""What the connector should bring, and whether it did: record by record."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from typing import Any

import orjson
from jsonschema import Draft7Validator, FormatChecker

from integration_tests.confluence_emulator import Emulator
from source_confluence.source import SourceConfluence

Json = dict[str, Any]

STREAMS = ("pages", "blog_posts", "space", "group", "audit")
INCREMENTAL = ("pages", "blog_posts", "audit")
MODES = {name: "incremental" if name in INCREMENTAL else "full_refresh" for name in STREAMS}
DEFAULT_STATUSES = ("current", "archived")


def expected(
    emulator: Emulator,
    stream: str,
    *,
    body_format: str | None = "storage",
    statuses: Collection[str] = DEFAULT_STATUSES,
    space_keys: Collection[str] | None = None,
) -> list[Json]:
    """Return the records that a stream of the site has, with the fields that we add."""
    records = emulator.expected(
        stream, body_format=body_format, statuses=statuses, space_keys=space_keys
    )
    return [_with_our_fields(stream, record) for record in records]


def assert_same(actual: Iterable[Json], wanted: Iterable[Json]) -> None:
    """Assert that the records are those wanted, each once.

    The CDK's serializer leaves out a record's fields that are null, which means the same.
    """
    actual, wanted = list(actual), [_without_nulls(record) for record in wanted]
    ids = [record["id"] for record in actual]
    assert len(ids) == len(set(ids)), "a primary key came twice"
    by_id = {record["id"]: record for record in wanted}
    assert set(ids) == set(by_id)
    for record in actual:
        assert record == by_id[record["id"]]


def assert_valid(stream: str, records: Iterable[Json]) -> None:
    """Assert that every record fits the stream's schema."""
    config = {"domain_name": "site", "email": "somebody", "api_token": "token"}
    schemas = {s.name: s.get_json_schema() for s in SourceConfluence().streams(config)}
    validator = Draft7Validator(schemas[stream], format_checker=FormatChecker())
    for record in records:
        validator.validate(record)


def _with_our_fields(stream: str, record: Json) -> Json:
    if stream == "audit":
        content = orjson.dumps(record, option=orjson.OPT_SORT_KEYS)
        return {**record, "id": hashlib.sha256(content).hexdigest()[:32]}
    if "version" in record:
        return {**record, "lastModifiedAt": (record["version"] or {}).get("createdAt")}
    return record


def _without_nulls(record: Json) -> Json:
    return {name: value for name, value in record.items() if value is not None}
