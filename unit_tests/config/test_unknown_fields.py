"""Fields of a config that the connector does not have."""

from __future__ import annotations

import re
from typing import Any

import pytest

from source_confluence.config.unknown_fields import unknown_fields
from unit_tests.fakes import RAW_CONFIG, spec_schema

CREDENTIALS = {"auth_type": "api_token", "email": "other@example.com", "api_token": "other-token"}


def sentences(**more: Any) -> list[str]:
    return unknown_fields({**RAW_CONFIG, **more}, spec_schema())


@pytest.mark.parametrize(
    ("config", "named", "meant"),
    [
        ({"space_key": ["DOCS"]}, "space_key", "space_keys"),
        ({"exclude_space_keys": []}, "exclude_space_keys", "excluded_space_keys"),
        ({"Num_Workers": 3}, "Num_Workers", "num_workers"),
        ({"next_years_field": 1}, "next_years_field", None),
        (
            {"credentials": {**CREDENTIALS, "api_tokn": "x"}},
            "credentials.api_tokn",
            "credentials.api_token",
        ),
        ({"credentials": {"apitoken": 1}}, "credentials.apitoken", "credentials.api_token"),
        ({"credentials": {**CREDENTIALS, "num_workers": 3}}, "credentials.num_workers", None),
    ],
)
def test_a_field_is_named_with_the_one_that_it_resembles(
    config: dict[str, Any], named: str, meant: str | None
) -> None:
    (sentence,) = sentences(**config)

    words = re.findall(r"[\w.]+\b", sentence)
    assert named in words
    assert (meant in words) if meant else ("?" not in sentence)


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"credentials": CREDENTIALS},
        {"credentials": None},
        {"credentials": "a-token"},
        dict.fromkeys(spec_schema()["properties"]),
        {"__injected_declarative_manifest": {}, "_limit": 5},
        {"credentials": {**CREDENTIALS, "__ab": 1}},
    ],
)
def test_known_fields_and_those_of_airbyte_are_not_named(config: dict[str, Any]) -> None:
    assert sentences(**config) == []


def test_neither_a_value_nor_a_long_name_is_quoted() -> None:
    sentence, other = sentences(tokn="hunter2", **{"x" * 10_000: 1})

    assert "hunter2" not in sentence
    assert len(other) < 200


def test_every_field_is_named() -> None:
    assert len(sentences(a=1, b=2, credentials={**CREDENTIALS, "c": 3})) == 3
