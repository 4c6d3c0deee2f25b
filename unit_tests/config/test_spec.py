"""spec.yaml: which configs it accepts, and how it describes them to those who fill in the form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from airbyte_cdk.models.airbyte_protocol import ConnectorSpecification
from airbyte_cdk.utils.airbyte_secrets_utils import get_secrets
from jsonschema import Draft7Validator

SPEC = Path(__file__).parents[2] / "source_confluence" / "config" / "spec.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(SPEC.read_text(encoding="utf-8"))
SPECIFICATION: dict[str, Any] = DOCUMENT["connectionSpecification"]

SITE = {"domain_name": "your-domain.atlassian.net"}
CREDENTIALS = {"auth_type": "api_token", "email": "you@example.com", "api_token": "a-token"}


def fields(schema: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field by its path; the path of one of the credentials names their variant."""
    for name, field in schema.get("properties", {}).items():
        yield f"{path}{name}", field
        for variant in field.get("oneOf", ()):
            auth_type = variant["properties"]["auth_type"]["const"]
            yield from fields(variant, f"{path}{name}.{auth_type}.")


FIELDS = dict(fields(SPECIFICATION))
CREDENTIALS_VARIANTS: list[dict[str, Any]] = SPECIFICATION["properties"]["credentials"]["oneOf"]


def invalid_fields(config: Mapping[str, Any]) -> set[str]:
    """The path of each invalid field of a config; for a missing field that of its parent."""
    errors = Draft7Validator(SPECIFICATION).iter_errors(config)
    return {".".join(map(str, error.absolute_path)) for error in errors}


@pytest.mark.parametrize(
    "config",
    [
        pytest.param({}, id="the site alone"),
        pytest.param({"email": "you@example.com", "api_token": "a-token"}, id="flat credentials"),
        pytest.param({"credentials": CREDENTIALS}, id="credentials"),
        pytest.param({"domain_name": "your-domain"}, id="first part of the site"),
        pytest.param({"domain_name": " your-domain.atlassian.net\n"}, id="pasted with blanks"),
        pytest.param({"domain_name": "https://d.atlassian.net/wiki/spaces/A?b=c#d"}, id="address"),
        pytest.param({"domain_name": "https://wiki.example.com:8443/confluence"}, id="data center"),
        pytest.param({"domain_name": "your-domain.atlassian.net/wiki"}, id="address, no scheme"),
        pytest.param({"domain_name": "http://127.0.0.1:8090"}, id="loopback"),
        pytest.param({"domain_name": "http://[::1]:8090/wiki"}, id="loopback over IPv6"),
        pytest.param({"start_date": "2024-01-01T00:00:00Z"}, id="start_date"),
        pytest.param({"start_date": "2024-01-01T00:00:00.123Z"}, id="start_date with a fraction"),
        pytest.param({"space_keys": []}, id="no space key"),
        pytest.param({"space_keys": ["DOCS", "~712020ab:c_d-e.f"]}, id="space_keys"),
        pytest.param({"excluded_space_keys": ["ds"]}, id="excluded_space_keys"),
        pytest.param({"cql": 'label = "handbook"'}, id="cql"),
        pytest.param({"cql": 'title = "In order by \\" name"'}, id="cql with ORDER BY in quotes"),
        pytest.param({"cql": "order = 1 and by = 2"}, id="cql with the words, but no ORDER BY"),
        pytest.param({"custom_content_types": []}, id="no custom content type"),
        pytest.param({"custom_content_types": ["ac:com.example.app:d"]}, id="custom_content_types"),
        pytest.param({"content_statuses": ["trashed"]}, id="one status"),
        pytest.param({"content_statuses": ["current", "archived", "trashed"]}, id="all statuses"),
        pytest.param({"body_format": "atlas_doc_format"}, id="atlas_doc_format"),
        pytest.param({"body_format": "none"}, id="no bodies"),
        pytest.param({"lookback_window_minutes": 0}, id="no lookback"),
        pytest.param({"lookback_window_minutes": 43200}, id="longest lookback"),
        pytest.param({"num_workers": 1}, id="one worker"),
        pytest.param({"num_workers": 40}, id="most workers"),
        pytest.param({"requests_per_second": 0.1}, id="slowest"),
        pytest.param({"requests_per_second": 1000}, id="fastest"),
        pytest.param({"added_next_year": True}, id="unknown field"),
        pytest.param({"credentials": CREDENTIALS | {"added": 1}}, id="unknown credentials field"),
    ],
)
def test_accepts(config: dict[str, Any]) -> None:
    assert invalid_fields(SITE | config) == set()


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"domain_name": ""}, "domain_name"),
        ({"domain_name": "  "}, "domain_name"),
        ({"domain_name": None}, "domain_name"),
        ({"domain_name": "your domain"}, "domain_name"),
        ({"domain_name": "https://"}, "domain_name"),
        ({"domain_name": "https://you:secret@your-domain.atlassian.net"}, "domain_name"),
        ({"domain_name": "you@example.com"}, "domain_name"),
        ({"domain_name": "ftp://your-domain.atlassian.net"}, "domain_name"),
        ({"domain_name": "your-domain.atlassian.net:port"}, "domain_name"),
        ({"email": ""}, "email"),
        ({"api_token": ""}, "api_token"),
        ({"api_token": 7}, "api_token"),
        ({"credentials": {}}, "credentials"),
        ({"credentials": "a-token"}, "credentials"),
        ({"credentials": CREDENTIALS | {"auth_type": "carrier_pigeon"}}, "credentials"),
        ({"credentials": CREDENTIALS | {"api_token": ""}}, "credentials"),
        ({"credentials": {"auth_type": "api_token", "email": "you@example.com"}}, "credentials"),
        ({"credentials": {"auth_type": "api_token", "api_token": "a-token"}}, "credentials"),
        ({"start_date": "2024-01-01"}, "start_date"),
        ({"start_date": "2024-01-01T00:00:00"}, "start_date"),
        ({"start_date": "2024-01-01T00:00:00+02:00"}, "start_date"),
        ({"start_date": "yesterday"}, "start_date"),
        ({"space_keys": "DOCS"}, "space_keys"),
        ({"space_keys": ["DOCS", "DOCS"]}, "space_keys"),
        ({"space_keys": ["DOCS", ""]}, "space_keys.1"),
        ({"space_keys": ["DOCS,HR"]}, "space_keys.0"),
        ({"excluded_space_keys": ["MY SPACE"]}, "excluded_space_keys.0"),
        ({"excluded_space_keys": [7]}, "excluded_space_keys.0"),
        ({"cql": ""}, "cql"),
        ({"cql": " \n "}, "cql"),
        ({"cql": "type = page ORDER BY created"}, "cql"),
        ({"cql": 'title = "a" order by created'}, "cql"),
        ({"cql": "type = page\norder\tby created"}, "cql"),
        ({"cql": ["type = page"]}, "cql"),
        ({"custom_content_types": "ac:com.example.app:d"}, "custom_content_types"),
        ({"custom_content_types": ["a:b", "a:b"]}, "custom_content_types"),
        ({"custom_content_types": ["a:b,c:d"]}, "custom_content_types.0"),
        ({"custom_content_types": [""]}, "custom_content_types.0"),
        ({"content_statuses": []}, "content_statuses"),
        ({"content_statuses": ["current", "current"]}, "content_statuses"),
        ({"content_statuses": ["deleted"]}, "content_statuses.0"),
        ({"body_format": "storge"}, "body_format"),
        ({"body_format": None}, "body_format"),
        ({"lookback_window_minutes": -1}, "lookback_window_minutes"),
        ({"lookback_window_minutes": 43201}, "lookback_window_minutes"),
        ({"lookback_window_minutes": 1.5}, "lookback_window_minutes"),
        ({"num_workers": 0}, "num_workers"),
        ({"num_workers": 41}, "num_workers"),
        ({"num_workers": "10"}, "num_workers"),
        ({"requests_per_second": 0}, "requests_per_second"),
        ({"requests_per_second": 1001}, "requests_per_second"),
    ],
)
def test_rejects(config: dict[str, Any], field: str) -> None:
    assert invalid_fields(SITE | config) == {field}


def test_requires_only_the_domain_name() -> None:
    assert SPECIFICATION["required"] == ["domain_name"]
    assert invalid_fields({"email": "you@example.com", "api_token": "a-token"}) == {""}


def test_is_a_connector_specification() -> None:
    specification = ConnectorSpecification(**DOCUMENT)

    assert specification.documentationUrl
    assert SPECIFICATION["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert SPECIFICATION["additionalProperties"] is True
    Draft7Validator.check_schema(SPECIFICATION)


@pytest.mark.parametrize("path", FIELDS)
def test_every_field_has_a_title_and_is_described_with_an_example(path: str) -> None:
    field = FIELDS[path]

    assert field["title"]
    assert field["description"].endswith(".")
    assert field.get("examples") or field.keys() & {"const", "oneOf"}


@pytest.mark.parametrize("path", FIELDS)
def test_examples_and_defaults_are_valid(path: str) -> None:
    field = FIELDS[path]
    values = [*field.get("examples", ()), *([field["default"]] if "default" in field else ())]

    invalid = [value for value in values if not Draft7Validator(field).is_valid(value)]

    assert invalid == []


def test_defaults() -> None:
    defaults = {path: field["default"] for path, field in FIELDS.items() if "default" in field}

    assert defaults == {
        "content_statuses": ["current", "archived"],
        "body_format": "storage",
        "lookback_window_minutes": 10,
        "num_workers": 10,
    }


def test_every_pattern_is_described_in_words() -> None:
    items = [field["items"] for field in FIELDS.values() if "items" in field]
    patterned = [schema for schema in [*FIELDS.values(), *items] if "pattern" in schema]

    assert patterned
    assert all(schema["pattern_descriptor"] for schema in patterned)


@pytest.mark.parametrize(
    "properties",
    [SPECIFICATION["properties"], *(variant["properties"] for variant in CREDENTIALS_VARIANTS)],
    ids=["top level", *(variant["title"] for variant in CREDENTIALS_VARIANTS)],
)
def test_fields_are_listed_in_their_order(properties: Mapping[str, Any]) -> None:
    assert [field["order"] for field in properties.values()] == list(range(len(properties)))


def test_each_variant_of_the_credentials_has_its_own_auth_type() -> None:
    auth_types = [variant["properties"]["auth_type"]["const"] for variant in CREDENTIALS_VARIANTS]

    assert auth_types == ["api_token"]
    assert all("auth_type" in variant["required"] for variant in CREDENTIALS_VARIANTS)


def test_only_the_flat_credentials_are_hidden() -> None:
    hidden = {path for path, field in FIELDS.items() if field.get("airbyte_hidden")}

    assert hidden == {"email", "api_token"}


def test_the_sign_in_is_not_folded_away_in_the_form() -> None:
    """Airbyte's form folds fields that are not required; it never shows the flat credentials."""
    shown = {path for path, field in FIELDS.items() if field.get("always_show")}

    assert shown == {"credentials"}


def test_every_token_is_marked_as_a_secret_and_nothing_else_is() -> None:
    secrets = {path for path, field in FIELDS.items() if field.get("airbyte_secret") is True}

    assert secrets == {"api_token", "credentials.api_token.api_token"}


@pytest.mark.parametrize(
    "config",
    [
        {"email": "you@example.com", "api_token": "a-token"},
        {"credentials": CREDENTIALS},
    ],
)
def test_the_cdk_finds_the_secret_to_mask(config: dict[str, Any]) -> None:
    assert get_secrets(SPECIFICATION, SITE | config) == ["a-token"]


@pytest.mark.parametrize("credentials", [None, "a-token", [], 7, {}])
def test_the_cdk_survives_malformed_credentials(credentials: object) -> None:
    assert get_secrets(SPECIFICATION, SITE | {"credentials": credentials}) == []
