"""The raw config, parsed and validated once per command: everything else takes a `Config`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from source_confluence.config.problems import Schema, find_problems
from source_confluence.confluence import timestamps
from source_confluence.confluence.credentials import ApiToken
from source_confluence.confluence.errors import ConfigError


@dataclass(frozen=True)
class Config:
    """The user's settings, as spec.yaml describes them, with its defaults filled in."""

    domain_name: str
    credentials: ApiToken
    start_date: str | None
    space_keys: tuple[str, ...]
    excluded_space_keys: tuple[str, ...]
    cql: str | None
    custom_content_types: tuple[str, ...]
    content_statuses: tuple[str, ...]
    body_format: str
    lookback: timedelta
    num_workers: int
    requests_per_second: float | None

    @classmethod
    def parse(cls, raw: Mapping[str, Any], schema: Schema) -> Config:
        """Return `raw` as a Config, validated against `schema` (spec.yaml).

        Unknown fields are ignored (see `unknown_fields`). Raises ConfigError, which names each
        invalid field and what it must be.
        """
        given = {name: value for name, value in raw.items() if not _is_empty(value)}
        if problems := find_problems(given, schema):
            raise ConfigError(" ".join(problems))
        values = {**_defaults(schema), **given}
        return cls(
            domain_name=values["domain_name"],
            credentials=_credentials(values),
            start_date=_start_date(values.get("start_date")),
            space_keys=_distinct_keys(values.get("space_keys")),
            excluded_space_keys=_distinct_keys(values.get("excluded_space_keys")),
            cql=values.get("cql", "").strip() or None,
            custom_content_types=tuple(values.get("custom_content_types") or ()),
            content_statuses=tuple(values["content_statuses"]),
            body_format=values["body_format"],
            lookback=timedelta(minutes=values["lookback_window_minutes"]),
            num_workers=int(values["num_workers"]),
            requests_per_second=values.get("requests_per_second"),
        )


def _is_empty(value: Any) -> bool:
    """Some clients send an empty form field as "", others as null."""
    return value is None or (isinstance(value, str) and not value.strip())


def _distinct_keys(keys: Iterable[str] | None) -> tuple[str, ...]:
    """Confluence knows a space by its key in any case."""
    return tuple({key.casefold(): key for key in reversed(list(keys or ()))}.values())[::-1]


def _defaults(schema: Schema) -> dict[str, Any]:
    return {
        name: field["default"] for name, field in schema["properties"].items() if "default" in field
    }


def _credentials(values: Mapping[str, Any]) -> ApiToken:
    """Both forms must keep working: `credentials`, and Airbyte's own flat email and api_token."""
    given = values.get("credentials")
    fields: Mapping[str, Any] = values if given is None else given
    prefix = "" if given is None else "credentials."
    for name in ("email", "api_token"):
        if not str(fields.get(name) or "").strip():
            raise ConfigError(
                f"The config's {prefix}{name} is empty: give the Atlassian account's email "
                "and an API token of that account."
            )
    return ApiToken(email=fields["email"].strip(), api_token=fields["api_token"].strip())


def _start_date(text: str | None) -> str | None:
    if not text:
        return None
    try:
        return timestamps.canonical(text)
    except ValueError as error:
        raise ConfigError(
            "The config's start_date must be an existing date, such as 2024-01-01T00:00:00Z."
        ) from error
