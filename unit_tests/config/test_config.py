"""The config: what it takes, and in what words it refuses the rest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from airbyte_cdk.models import FailureType

from source_confluence.config.config import ApiToken, Config
from source_confluence.config.problems import problems_of
from source_confluence.confluence.errors import ConfigError
from unit_tests.fakes import API_TOKEN, DOMAIN_NAME, EMAIL, RAW_CONFIG, make_config, spec_schema

CREDENTIALS = {"auth_type": "api_token", "email": "other@example.com", "api_token": "other-token"}
GIVE = "give the Atlassian account's email and an API token of that account."
A_SITE = "the address of a site, such as your-domain.atlassian.net"
A_DATE = "a date that exists, like 2024-01-01T00:00:00Z"
A_MOMENT = "a UTC date and time, such as 2024-01-01T00:00:00Z"


def refusal(raw: Mapping[str, Any]) -> str:
    """The sentence with which a config is refused."""
    with pytest.raises(ConfigError) as refused:
        Config.parse(raw, spec_schema())
    assert refused.value.failure_type is FailureType.config_error
    return refused.value.sentence


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


def test_empty_flat_credentials_do_not_spoil_the_others() -> None:
    config = make_config(credentials=CREDENTIALS, email="", api_token="")

    assert config.credentials.email == CREDENTIALS["email"]


def test_unknown_fields_are_passed_over() -> None:
    assert make_config(added_next_year=True) == make_config()


def test_blanks_around_pasted_credentials_do_not_count() -> None:
    flat = make_config(email=f" {EMAIL}\n", api_token=f"\t{API_TOKEN}\n")
    nested = make_config(credentials={**CREDENTIALS, "api_token": "other-token\n"})

    assert flat.credentials == ApiToken(EMAIL, API_TOKEN)
    assert nested.credentials == ApiToken("other@example.com", "other-token")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"domain_name": None}, "The config lacks domain_name."),
        ({"domain_name": ""}, "The config lacks domain_name."),
        ({"domain_name": "a b"}, f"The config's domain_name must be {A_SITE}."),
        ({"domain_name": "ftp://site"}, f"The config's domain_name must be {A_SITE}."),
        ({"domain_name": 7}, "The config's domain_name must be of type string."),
        ({"email": None}, f"The config's email is empty: {GIVE}"),
        ({"email": ""}, f"The config's email is empty: {GIVE}"),
        ({"email": "  "}, f"The config's email is empty: {GIVE}"),
        ({"api_token": None}, f"The config's api_token is empty: {GIVE}"),
        ({"api_token": ""}, f"The config's api_token is empty: {GIVE}"),
        ({"api_token": " \n"}, f"The config's api_token is empty: {GIVE}"),
        ({"api_token": 7}, "The config's api_token must be of type string."),
        ({"credentials": "a-token"}, "The config's credentials must be of type object."),
        ({"credentials": {}}, "The config's credentials.auth_type must be api_token."),
        (
            {"credentials": {**CREDENTIALS, "auth_type": "carrier_pigeon"}},
            "The config's credentials.auth_type must be api_token.",
        ),
        (
            {"credentials": {**CREDENTIALS, "auth_type": ["api_token"]}},
            "The config's credentials.auth_type must be api_token.",
        ),
        (
            {"credentials": {"auth_type": "api_token", "email": EMAIL}},
            "The config lacks credentials.api_token.",
        ),
        (
            {"credentials": {**CREDENTIALS, "email": ""}},
            "The config's credentials.email must not be empty.",
        ),
        (
            {"credentials": {**CREDENTIALS, "email": " "}},
            f"The config's credentials.email is empty: {GIVE}",
        ),
        (
            {"credentials": {**CREDENTIALS, "api_token": "\t"}},
            f"The config's credentials.api_token is empty: {GIVE}",
        ),
        (
            {"credentials": {**CREDENTIALS, "api_token": None}},
            "The config's credentials.api_token must be of type string.",
        ),
        ({"start_date": "2024-01-01"}, f"The config's start_date must be {A_MOMENT}."),
        ({"start_date": "yesterday"}, f"The config's start_date must be {A_MOMENT}."),
        ({"cql": "a ORDER BY b"}, "The config's cql must be a CQL clause without ORDER BY."),
        (
            {"start_date": "2024-02-30T00:00:00Z"},
            f"The config's start_date must be {A_DATE}, not '2024-02-30T00:00:00Z'.",
        ),
        (
            {"start_date": "2024-02-30T00:00:00.000Z"},
            f"The config's start_date must be {A_DATE}, not '2024-02-30T00:00:00.000Z'.",
        ),
        ({"space_keys": "DOCS"}, "The config's space_keys must be of type array."),
        ({"space_keys": ["A", "A"]}, "The config's space_keys must not name anything twice."),
        (
            {"space_keys": ["DOCS", "HR,IT"]},
            "The config's space_keys.1 must be one space key, such as DOCS.",
        ),
        (
            {"excluded_space_keys": [""]},
            "The config's excluded_space_keys.0 must be one space key, such as SANDBOX.",
        ),
        ({"content_statuses": []}, "The config's content_statuses must not be empty."),
        (
            {"content_statuses": ["deleted"]},
            "The config's content_statuses.0 must be current, archived or trashed, not 'deleted'.",
        ),
        (
            {"body_format": "storge"},
            "The config's body_format must be storage, atlas_doc_format or none, not 'storge'.",
        ),
        (
            {"lookback_window_minutes": -1},
            "The config's lookback_window_minutes must be at least 0, not -1.",
        ),
        (
            {"lookback_window_minutes": 43201},
            "The config's lookback_window_minutes must be at most 43200, not 43201.",
        ),
        (
            {"lookback_window_minutes": 1.5},
            "The config's lookback_window_minutes must be of type integer.",
        ),
        ({"num_workers": 0}, "The config's num_workers must be at least 1, not 0."),
        ({"num_workers": 41}, "The config's num_workers must be at most 40, not 41."),
        ({"num_workers": "10"}, "The config's num_workers must be of type integer."),
        ({"num_workers": True}, "The config's num_workers must be of type integer."),
        (
            {"requests_per_second": 0},
            "The config's requests_per_second must be at least 0.1, not 0.",
        ),
    ],
)
def test_says_what_a_field_should_be(changes: dict[str, Any], sentence: str) -> None:
    assert refusal(RAW_CONFIG | changes) == sentence


def test_says_all_that_is_wrong_and_each_thing_once() -> None:
    raw = {"domain_name": DOMAIN_NAME, "num_workers": 0, "body_format": "xml", "email": 7}

    assert refusal(raw) == (
        "The config's body_format must be storage, atlas_doc_format or none, not 'xml'. "
        "The config's email must be of type string. "
        "The config's num_workers must be at least 1, not 0."
    )


def test_an_empty_config() -> None:
    assert refusal({}) == "The config lacks domain_name."


def test_speaks_of_the_kind_of_credentials_that_was_meant() -> None:
    """Each variant finds its own faults; the others' would only confuse."""

    def variant(kind: str, *fields: str) -> dict[str, Any]:
        properties: dict[str, Any] = {name: {"type": "string", "minLength": 1} for name in fields}
        properties["auth_type"] = {"const": kind}
        return {"required": ["auth_type", *fields], "properties": properties}

    variants = [variant("api_token", "email", "api_token"), variant("pat", "token"), variant("key")]
    schema = {"properties": {"credentials": {"oneOf": variants}}}

    def problems(credentials: dict[str, Any]) -> list[str]:
        return problems_of({"credentials": credentials}, schema)

    assert problems({"auth_type": "pat", "token": "x"}) == []
    assert problems({"auth_type": "pat"}) == ["The config lacks credentials.token."]
    assert problems({"auth_type": "pat", "token": ""}) == [
        "The config's credentials.token must not be empty."
    ]
    assert problems({"auth_type": "api_token", "email": 7}) == [
        "The config lacks credentials.api_token.",
        "The config's credentials.email must be of type string.",
    ]
    assert problems({"auth_type": "pta", "token": "x"}) == [
        "The config's credentials.auth_type must be api_token, pat or key."
    ]


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
    ],
)
def test_quotes_nothing_that_may_be_a_secret(raw: dict[str, Any]) -> None:
    assert "hunter2" not in refusal({"domain_name": DOMAIN_NAME, **raw})


def test_a_whole_number_may_be_written_with_a_point() -> None:
    workers = make_config(num_workers=10.0).num_workers

    assert workers == 10
    assert isinstance(workers, int)
