"""The ground truth of each stream, and comparisons of records with it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from typing import Any

import orjson
from jsonschema import Draft7Validator, FormatChecker

from integration_tests.confluence_emulator import Controls
from source_confluence import SourceConfluence
from source_confluence.streams.stream import ConfluenceStream

Json = dict[str, Any]

STREAMS = ("pages", "blog_posts", "space", "group", "audit")
"""The streams of Airbyte's own source."""
INCREMENTAL = ("pages", "blog_posts", "audit")
MODES = {name: "incremental" if name in INCREMENTAL else "full_refresh" for name in STREAMS}
DEFAULT_STATUSES = ("current", "archived")
OF_ONE_SOURCE = ("page", "blogpost", "attachment", "custom", "comment", "ncsStepVersion")
"""The fields of a version that only a list of versions has (its parent), or only the parent."""


def all_streams() -> dict[str, ConfluenceStream]:
    """Return every stream of the connector by its name."""
    config = {"domain_name": "site", "email": "somebody", "api_token": "token"}
    streams = SourceConfluence().streams(config)
    return {stream.name: stream for stream in streams if isinstance(stream, ConfluenceStream)}


def expected(
    emulator: Controls,
    stream: str,
    *,
    body_format: str | None = "storage",
    statuses: Collection[str] = DEFAULT_STATUSES,
    space_keys: Collection[str] | None = None,
    named_by: Collection[str] | None = None,
) -> list[Json]:
    """Return the records of a stream of the site, with the fields that the connector adds."""
    records = emulator.expected(
        stream,
        body_format=body_format,
        statuses=statuses,
        space_keys=space_keys,
        named_by=named_by,
    )
    return [_with_added_fields(stream, record) for record in records]


def assert_same(
    actual: Iterable[Json], wanted: Iterable[Json], key: Collection[str] = ("id",)
) -> None:
    """Assert that the records are those wanted, each of them once."""
    found = [(key_of(record, key), comparable(record)) for record in actual]
    by_key = {key_of(record, key): comparable(record) for record in wanted}
    keys = [one for one, _ in found]
    assert len(keys) == len(set(keys)), "a primary key occurs twice"
    assert set(keys) == set(by_key)
    for one, record in found:
        assert record == by_key[one]


def assert_valid(stream: str, records: Iterable[Json]) -> None:
    """Assert that every record fits the stream's schema."""
    schema = all_streams()[stream].get_json_schema()
    validator = Draft7Validator(schema, format_checker=FormatChecker())
    for record in records:
        validator.validate(record)


def _with_added_fields(stream: str, record: Json) -> Json:
    if stream == "audit":
        account_id = record["author"].get("accountId")
        lasting = {**record, "author": {"accountId": account_id}} if account_id else record
        content = orjson.dumps(lasting, option=orjson.OPT_SORT_KEYS)
        return {**record, "id": hashlib.sha256(content).hexdigest()[:32]}
    if stream.endswith("_versions"):
        return {**record, "lastModifiedAt": record["createdAt"]}
    if stream == "space_role_assignments":
        principal = record["principal"]
        return {**record, **{name: principal[name] for name in ("principalType", "principalId")}}
    if stream.endswith("_watchers"):
        return {**record, "accountId": record["watcher"]["accountId"]}
    if "version" in record and not stream.endswith("properties"):
        return {**record, "lastModifiedAt": (record["version"] or {}).get("createdAt")}
    return record


def key_of(record: Json, key: Collection[str]) -> tuple[object, ...]:
    """Return the primary key of a record."""
    return tuple(record[name] for name in key)


def comparable(record: Json) -> Json:
    """Return the record without what depends on which of two endpoints returned it."""
    kept = dict(record)
    if "number" in kept:
        kept = {name: value for name, value in kept.items() if name not in OF_ONE_SOURCE}
    if isinstance(kept.get("_links"), dict):
        kept["_links"] = {name: v for name, v in kept["_links"].items() if name != "base"}
    return kept
