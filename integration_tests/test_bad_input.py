"""Whatever a user gets wrong is answered with one clear sentence, and never with a stack trace."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any

import pytest

from integration_tests.confluence_emulator import Emulator
from integration_tests.connector import Connector, Run, catalog_of
from integration_tests.truth import MODES, STREAMS, assert_same, expected

BAD_CONFIGS: dict[str, tuple[dict[str, Any], str]] = {
    "unknown domain": (
        {"domain_name": "https://no-such-site.invalid"},
        "no-such-site.invalid cannot be reached: check domain_name and the network.",
    ),
    "http to another host": (
        {"domain_name": "http://your-domain.atlassian.net"},
        "domain_name must begin with https://",
    ),
    "wrong token": ({"api_token": "wrong"}, "does not accept the credentials: check email and"),
    "wrong email": ({"email": "nobody@example.com"}, "does not accept the credentials"),
    "empty token": ({"api_token": ""}, "The config's api_token is empty"),
    "blank token": ({"api_token": "  "}, "The config's api_token is empty"),
    "no token": ({"api_token": None}, "The config's api_token is empty"),
    "no domain": ({"domain_name": None}, "The config lacks domain_name."),
    "unknown space key": (
        {"space_keys": ["NOSUCHSPACE"]},
        "space_keys names NOSUCHSPACE, but the account sees no space with that key.",
    ),
    "no workers": ({"num_workers": 0}, "num_workers must be at least 1, not 0."),
    "too many workers": ({"num_workers": 41}, "num_workers must be at most 40, not 41."),
    "workers in words": ({"num_workers": "ten"}, "num_workers must be of type integer."),
    "misspelt body format": (
        {"body_format": "storrage"},
        "body_format must be storage, atlas_doc_format or none, not 'storrage'.",
    ),
    "misspelt status": (
        {"content_statuses": ["current", "archive"]},
        "content_statuses.1 must be current, archived or trashed, not 'archive'.",
    ),
    "no date": ({"start_date": "yesterday"}, "start_date must be a UTC date and time"),
    "impossible date": ({"start_date": "2024-02-31T00:00:00Z"}, "start_date must be a date"),
    "unknown kind of credentials": (
        {"credentials": {"auth_type": "password"}},
        "credentials.auth_type must be api_token.",
    ),
    "half of the credentials": (
        {"credentials": {"auth_type": "api_token", "email": "e"}},
        "The config lacks credentials.api_token.",
    ),
}


@pytest.mark.parametrize(
    ("changes", "sentence"), BAD_CONFIGS.values(), ids=list(BAD_CONFIGS.keys())
)
def test_a_bad_config(connector: Connector, changes: dict[str, Any], sentence: str) -> None:
    checked = connector.check(**changes)

    assert checked.connection_status["status"] == "FAILED"
    assert sentence in checked.connection_status["message"]
    assert_no_stack_trace(checked)


@pytest.mark.parametrize(
    "name", ["http to another host", "empty token", "unknown space key", "no workers"]
)
def test_a_bad_config_fails_a_read_too(connector: Connector, name: str) -> None:
    changes, sentence = BAD_CONFIGS[name]

    run = connector.read(catalog_of(MODES), **changes)

    assert run.returncode == 1
    assert [error["failure_type"] for error in run.errors] == ["config_error"]
    assert sentence in run.errors[0]["message"]
    assert not run.records
    assert_no_stack_trace(run)


def test_a_host_that_never_answers_is_given_up_in_time(connector: Connector) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        run = connector.check(domain_name=f"http://127.0.0.1:{silent.getsockname()[1]}")

    assert run.connection_status["status"] == "FAILED"
    assert "did not answer in time" in run.connection_status["message"]
    assert time.monotonic() - started < 20


def test_what_is_no_confluence(connector: Connector, emulator: Emulator) -> None:
    emulator.settings.forbidden["."] = 403

    run = connector.check()

    assert run.connection_status["status"] == "FAILED"
    assert_no_stack_trace(run)


def test_an_unknown_stream_fails_and_the_others_are_read(
    emulator: Emulator, connector: Connector
) -> None:
    run = connector.read(catalog_of({**MODES, "pagez": "full_refresh"}))

    assert run.returncode == 1
    assert run.statuses["pagez"] == "INCOMPLETE"
    assert "The catalog names stream pagez, which this connector does not have" in str(run.errors)
    for stream in STREAMS:
        assert run.statuses[stream] == "COMPLETE"
        assert_same(run.records[stream], expected(emulator, stream))
    assert_no_stack_trace(run)


def state_of(stream: str, blob: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "STREAM",
        "stream": {"stream_descriptor": {"name": stream}, "stream_state": blob},
    }


@pytest.mark.parametrize(
    "marker",
    [
        {"__ab_no_cursor_state_message": True},
        {"__ab_full_refresh_sync_complete": True},
        {},
    ],
)
def test_the_state_of_a_full_refresh_simply_works(
    emulator: Emulator, connector: Connector, marker: dict[str, Any]
) -> None:
    run = connector.read(catalog_of(MODES), [state_of(stream, marker) for stream in STREAMS])

    assert run.returncode == 0
    assert not [log for log in run.logs if log.startswith("WARN")]
    for stream in STREAMS:
        assert_same(run.records[stream], expected(emulator, stream))


def test_foreign_keys_in_a_state_are_named_and_passed_over(
    emulator: Emulator, connector: Connector
) -> None:
    run = connector.read(catalog_of(MODES), [state_of("pages", {"next_page_token": {"start": 50}})])

    assert run.returncode == 0
    warning = next(log for log in run.logs if log.startswith("WARN"))
    assert "The state of stream pages holds next_page_token" in warning
    assert_same(run.records["pages"], expected(emulator, "pages"))


@pytest.mark.parametrize(
    "blob",
    [
        {"lastModifiedAt": "the day before"},
        {"lastModifiedAt": 1700000000000},
        {"lastModifiedAt": "2024-01-01T00:00:00.000Z", "firstSync": {"doneSpaceIds": "all"}},
    ],
)
def test_a_value_of_a_state_that_we_never_wrote_is_a_config_error(
    connector: Connector, blob: dict[str, Any]
) -> None:
    run = connector.read(catalog_of(MODES), [state_of("pages", blob)])

    assert run.returncode == 1
    assert "The state of stream pages holds a value that this connector did not write" in str(
        run.errors
    )
    assert_no_stack_trace(run)


@pytest.mark.parametrize("kind", ["config", "catalog", "state"])
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'{"domain_name": ', "is not valid JSON"),
        (b"\xff\xfe", "is not valid JSON"),
        (b'["a", 1]', "must be"),
        (None, "cannot be read: No such file or directory."),
    ],
)
def test_files_that_hold_something_else(
    connector: Connector, tmp_path: Path, kind: str, content: bytes | None, sentence: str
) -> None:
    connector.read_arguments(catalog_of(MODES), [])
    path = tmp_path / f"{kind}.json"
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)

    files = [f"--{name}={tmp_path}/{name}.json" for name in ("config", "catalog", "state")]
    run = connector.run("read", *files)

    assert run.returncode == 1
    (error,) = run.errors
    assert error["failure_type"] == "config_error"
    assert sentence in error["message"]
    assert f"{kind}.json" in error["message"]
    assert_no_stack_trace(run)


def assert_no_stack_trace(run: Run) -> None:
    """Assert that nobody has to read Python to understand what was wrong."""
    assert b"Traceback" not in run.stdout
    assert b"Traceback" not in run.stderr
    assert b"stack_trace" not in run.stdout
