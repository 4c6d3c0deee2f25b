"""The config: what it accepts, and how it rejects the rest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from airbyte_cdk.models import FailureType

from source_confluence.config.config import Config
from source_confluence.config.problems import find_problems
from source_confluence.confluence.credentials import ApiToken
from source_confluence.confluence.errors import ConfigError
from unit_tests.fakes import API_TOKEN, DOMAIN_NAME, EMAIL, RAW_CONFIG, make_config, spec_schema

CREDENTIALS = {"auth_type": "api_token", "email": "other@example.com", "api_token": "other-token"}


def error_of(raw: Mapping[str, Any]) -> str:
    """The message of the ConfigError that a config raises."""
    with pytest.raises(ConfigError) as raised:
        Config.parse(raw, spec_schema())
    assert raised.value.failure_type is FailureType.config_error
    return str(raised.value)


def test_the_flat_form_with_nothing_else() -> None:
    assert make_config() == Config(
        domain_name=DOMAIN_NAME,
        credentials=ApiToken(EMAIL, API_TOKEN),
        start_date=None,
        space_keys=(),
        excluded_space_keys=(),
        cql=None,
        custom_content_types=(),
        content_statuses=("current", "archived"),
        body_format="storage",
        lookback=timedelta(minutes=10),
        num_workers=10,
        requests_per_second=None,
    )


def test_every_field_given() -> None:
    raw = {
        "domain_name": "your-domain",
        "credentials": CREDENTIALS,
        "start_date": "2024-01-01T00:00:00.5Z",
        "space_keys": ["DOCS", "HR"],
        "excluded_space_keys": ["SANDBOX"],
        "cql": ' label = "handbook"\n',
        "custom_content_types": ["ac:com.example.app:diagram"],
        "content_statuses": ["trashed"],
        "body_format": "none",
        "lookback_window_minutes": 90,
        "num_workers": 3,
        "requests_per_second": 0.5,
    }

    assert Config.parse(raw, spec_schema()) == Config(
        domain_name="your-domain",
        credentials=ApiToken("other@example.com", "other-token"),
        start_date="2024-01-01T00:00:00.500Z",
        space_keys=("DOCS", "HR"),
        excluded_space_keys=("SANDBOX",),
        cql='label = "handbook"',
        custom_content_types=("ac:com.example.app:diagram",),
        content_statuses=("trashed",),
        body_format="none",
        lookback=timedelta(minutes=90),
        num_workers=3,
        requests_per_second=0.5,
    )


def test_credentials_come_before_the_flat_form() -> None:
    config = make_config(credentials=CREDENTIALS)

    assert config.credentials == ApiToken("other@example.com", "other-token")


def test_a_null_is_the_same_as_nothing() -> None:
    nulls = dict.fromkeys(spec_schema()["properties"])

    assert Config.parse({**nulls, **RAW_CONFIG}, spec_schema()) == make_config()


@pytest.mark.parametrize("empty", ["", " \n"])
def test_empty_text_is_no_value(empty: str) -> None:
    texts = [n for n, field in spec_schema()["properties"].items() if field["type"] == "string"]

    assert Config.parse({**dict.fromkeys(texts, empty), **RAW_CONFIG}, spec_schema()) == (
        make_config()
    )


def test_empty_flat_credentials_are_ignored_beside_others() -> None:
    config = make_config(credentials=CREDENTIALS, email="", api_token="")

    assert config.credentials.email == CREDENTIALS["email"]


def test_unknown_fields_are_ignored() -> None:
    assert make_config(added_next_year=True) == make_config()


def test_blanks_around_pasted_credentials_are_ignored() -> None:
    flat = make_config(email=f" {EMAIL}\n", api_token=f"\t{API_TOKEN}\n")
    nested = make_config(credentials={**CREDENTIALS, "api_token": "other-token\n"})

    assert flat.credentials == ApiToken(EMAIL, API_TOKEN)
    assert nested.credentials == ApiToken("other@example.com", "other-token")


@pytest.mark.parametrize(
    ("changes", "mentioned"),
    [
        ({"domain_name": None}, ["domain_name"]),
        ({"domain_name": ""}, ["domain_name"]),
        ({"domain_name": "a b"}, ["domain_name"]),
        ({"domain_name": "ftp://site"}, ["domain_name"]),
        ({"domain_name": 7}, ["domain_name", "string"]),
        *[({"email": empty}, [" email "]) for empty in (None, "", "  ")],
        *[({"api_token": empty}, [" api_token "]) for empty in (None, "", " \n")],
        ({"api_token": 7}, [" api_token ", "string"]),
        ({"credentials": "a-token"}, ["credentials", "object"]),
        ({"credentials": {}}, ["credentials.auth_type", "api_token"]),
        ({"credentials": {**CREDENTIALS, "auth_type": "pigeon"}}, ["credentials.auth_type"]),
        ({"credentials": {**CREDENTIALS, "auth_type": ["api_token"]}}, ["credentials.auth_type"]),
        (
            {"credentials": {"auth_type": "api_token", "email": EMAIL}},
            ["credentials.api_token"],
        ),
        *[
            ({"credentials": {**CREDENTIALS, name: invalid}}, [f"credentials.{name}"])
            for name in ("email", "api_token")
            for invalid in (None, "", "\t", 7)
        ],
        ({"start_date": "2024-01-01"}, ["start_date", "2024-01-01T00:00:00Z"]),
        ({"start_date": "yesterday"}, ["start_date"]),
        ({"start_date": "2024-02-30T00:00:00Z"}, ["start_date"]),
        ({"start_date": "2024-02-30T00:00:00.000Z"}, ["start_date"]),
        ({"cql": "a ORDER BY b"}, ["cql", "ORDER BY"]),
        ({"space_keys": "DOCS"}, ["space_keys", "array"]),
        ({"space_keys": ["A", "A"]}, ["space_keys"]),
        ({"space_keys": ["DOCS", "HR,IT"]}, ["space_keys.1"]),
        ({"excluded_space_keys": [""]}, ["excluded_space_keys.0"]),
        ({"content_statuses": []}, ["content_statuses"]),
        (
            {"content_statuses": ["deleted"]},
            ["content_statuses.0", "current", "archived", "trashed"],
        ),
        ({"body_format": "storge"}, ["body_format", "storage", "none"]),
        ({"lookback_window_minutes": -1}, ["lookback_window_minutes", "0"]),
        ({"lookback_window_minutes": 43201}, ["lookback_window_minutes", "43200"]),
        ({"lookback_window_minutes": 1.5}, ["lookback_window_minutes", "integer"]),
        ({"num_workers": 0}, ["num_workers", "1"]),
        ({"num_workers": 41}, ["num_workers", "40"]),
        ({"num_workers": "10"}, ["num_workers", "integer"]),
        ({"num_workers": True}, ["num_workers", "integer"]),
        ({"requests_per_second": 0}, ["requests_per_second", "0.1"]),
    ],
)
def test_an_invalid_field_is_named_with_what_it_must_be(
    changes: dict[str, Any], mentioned: list[str]
) -> None:
    message = error_of(RAW_CONFIG | changes)

    assert all(text in message for text in mentioned)
    assert "\n" not in message


def test_every_problem_is_named_once() -> None:
    raw = {"domain_name": DOMAIN_NAME, "num_workers": 0, "body_format": "xml", "email": 7}

    message = error_of(raw)

    counts = {name: message.count(f" {name} ") for name in ("body_format", "email", "num_workers")}
    assert counts == {"body_format": 1, "email": 1, "num_workers": 1}


def test_an_empty_config() -> None:
    assert "domain_name" in error_of({})


def test_only_the_chosen_variant_of_the_credentials_is_reported_on() -> None:
    """The problems of the other variants would only confuse."""

    def variant(auth_type: str, *fields: str) -> dict[str, Any]:
        properties: dict[str, Any] = {name: {"type": "string", "minLength": 1} for name in fields}
        properties["auth_type"] = {"const": auth_type}
        return {"required": ["auth_type", *fields], "properties": properties}

    variants = [variant("api_token", "email", "api_token"), variant("pat", "token"), variant("key")]
    schema = {"properties": {"credentials": {"oneOf": variants}}}

    def problems(**credentials: object) -> list[str]:
        return find_problems({"credentials": credentials}, schema)

    assert problems(auth_type="pat", token="x") == []
    (missing,) = problems(auth_type="pat")
    assert "credentials.token" in missing
    (empty,) = problems(auth_type="pat", token="")
    assert "credentials.token" in empty
    token, email = problems(auth_type="api_token", email=7)
    assert "credentials.api_token" in token
    assert "credentials.email" in email
    (unknown,) = problems(auth_type="pta", token="x")
    assert all(name in unknown for name in ("credentials.auth_type", "api_token", "pat", "key"))


@pytest.mark.parametrize(
    "raw",
    [
        {"domain_name": "https://you:hunter2@your-domain.atlassian.net"},
        {"email": ["hunter2"]},
        {"api_token": ["hunter2"]},
        {"api_token": {"value": "hunter2"}},
        {"credentials": "hunter2"},
        {"credentials": ["hunter2"]},
        {"credentials": {"auth_type": "hunter2"}},
        {"credentials": {"auth_type": "api_token", "api_token": "hunter2"}},
        {"credentials": {"auth_type": "api_token", "email": "", "api_token": ["hunter2"]}},
        {"start_date": "hunter2"},
        {"space_keys": ["hunter2 "]},
        {"num_workers": "hunter2"},
        {"body_format": "hunter2"},
        {"content_statuses": ["hunter2"]},
    ],
)
def test_a_value_that_may_be_a_secret_is_never_quoted(raw: dict[str, Any]) -> None:
    assert "hunter2" not in error_of({"domain_name": DOMAIN_NAME, **raw})


def test_a_space_is_named_once_in_any_case() -> None:
    keys = ["Docs", "HR", "DOCS", "docs", "hr"]

    assert make_config(space_keys=keys).space_keys == ("Docs", "HR")
    assert make_config(excluded_space_keys=keys).excluded_space_keys == ("Docs", "HR")


def test_a_whole_number_may_be_written_with_a_point() -> None:
    workers = make_config(num_workers=10.0).num_workers

    assert workers == 10
    assert isinstance(workers, int)
