"""A mistake of the user gets one clear message, and never a stack trace.

The unit tests go through every field of the config and every kind of broken file; these show that
the message arrives where Airbyte looks for it.
"""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from integration_tests.confluence_emulator import Emulator
from integration_tests.connector import ForkedConnector, Json, Run, catalog_of
from integration_tests.truth import MODES, STREAMS, assert_same, expected

BAD_CONFIGS: dict[str, tuple[Json, list[str]]] = {
    "http to another host": (
        {"domain_name": "http://your-domain.atlassian.net"},
        ["domain_name", "https://"],
    ),
    "wrong token": ({"api_token": "wrong"}, ["email", "api_token"]),
    "wrong email": ({"email": "nobody@example.com"}, ["email", "api_token"]),
    "empty token": ({"api_token": ""}, ["api_token"]),
    "unknown space key": ({"space_keys": ["NOSUCHSPACE"]}, ["space_keys", "NOSUCHSPACE"]),
    "no workers": ({"num_workers": 0}, ["num_workers", "1"]),
    "half of the credentials": (
        {"credentials": {"auth_type": "api_token", "email": "e"}},
        ["credentials.api_token"],
    ),
}


@pytest.mark.parametrize(("changes", "names"), BAD_CONFIGS.values(), ids=BAD_CONFIGS.keys())
def test_a_bad_config_fails_check_and_read(
    forked: ForkedConnector, changes: Json, names: list[str]
) -> None:
    checked = forked.check(**changes)
    read = forked.read(catalog_of(MODES), **changes)

    assert checked.connection_status["status"] == "FAILED"
    assert read.returncode == 1
    assert {error["failure_type"] for error in read.errors} == {"config_error"}
    for message in (checked.connection_status["message"], read.errors[0]["message"]):
        assert all(name in message for name in names)
    assert not any(read.records.values())
    assert_no_stack_trace(checked, read)


def test_a_host_that_cannot_be_found(forked: ForkedConnector) -> None:
    checked = forked.check(domain_name="https://no-such-site.invalid")

    assert checked.connection_status["status"] == "FAILED"
    assert "no-such-site.invalid" in checked.connection_status["message"]
    assert "domain_name" in checked.connection_status["message"]
    assert_no_stack_trace(checked)


def test_a_host_that_never_responds(forked: ForkedConnector) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        started = time.monotonic()
        checked = forked.check(domain_name=f"http://{address}")

    assert checked.connection_status["status"] == "FAILED"
    assert time.monotonic() - started < 20
    assert_no_stack_trace(checked)


def test_a_site_that_denies_everything(forked: ForkedConnector, emulator: Emulator) -> None:
    emulator.forbid({".": 403})

    checked = forked.check()

    assert checked.connection_status["status"] == "FAILED"
    assert_no_stack_trace(checked)


def test_an_unknown_stream_fails_and_the_others_are_read(
    emulator: Emulator, forked: ForkedConnector
) -> None:
    run = forked.read(catalog_of({**MODES, "pagez": "full_refresh"}))

    assert run.returncode == 1
    assert run.statuses["pagez"] == "INCOMPLETE"
    assert any("pagez" in error["message"] for error in run.errors)
    for stream in STREAMS:
        assert run.statuses[stream] == "COMPLETE"
        assert_same(run.records[stream], expected(emulator, stream))
    assert_no_stack_trace(run)


def state_of(stream: str, blob: Json) -> Json:
    return {
        "type": "STREAM",
        "stream": {"stream_descriptor": {"name": stream}, "stream_state": blob},
    }


@pytest.mark.parametrize(
    "marker",
    [{"__ab_no_cursor_state_message": True}, {"__ab_full_refresh_sync_complete": True}, {}],
)
def test_the_state_of_a_full_refresh_is_no_obstacle(
    emulator: Emulator, forked: ForkedConnector, marker: Json
) -> None:
    run = forked.read(catalog_of(MODES), [state_of(stream, marker) for stream in STREAMS])

    assert run.returncode == 0
    assert not run.warnings
    for stream in STREAMS:
        assert_same(run.records[stream], expected(emulator, stream))


def test_unknown_keys_in_a_state_are_named_and_ignored(
    emulator: Emulator, forked: ForkedConnector
) -> None:
    run = forked.read(catalog_of(MODES), [state_of("pages", {"next_page_token": {"start": 50}})])

    assert run.returncode == 0
    (warning,) = run.warnings
    assert "pages" in warning
    assert "next_page_token" in warning
    assert_same(run.records["pages"], expected(emulator, "pages"))


@pytest.mark.parametrize(
    "blob",
    [
        {"lastModifiedAt": "the day before"},
        {"lastModifiedAt": 1700000000000},
        {"lastModifiedAt": "2024-01-01T00:00:00.000Z", "firstSync": {"upTo": "all"}},
    ],
)
def test_a_value_in_a_state_that_the_connector_never_writes_is_a_config_error(
    forked: ForkedConnector, blob: Json
) -> None:
    run = forked.read(catalog_of(MODES), [state_of("pages", blob)])

    assert run.returncode == 1
    (error,) = [error for error in run.errors if "pages" in error["message"]]
    assert error["failure_type"] == "config_error"
    assert_no_stack_trace(run)


@pytest.mark.parametrize(
    ("kind", "content"),
    [("config", b'{"domain_name": '), ("catalog", b'["a", 1]'), ("state", None)],
    ids=["half of its JSON", "other JSON", "not there"],
)
def test_a_broken_file_is_named(
    forked: ForkedConnector, tmp_path: Path, kind: str, content: bytes | None
) -> None:
    arguments = forked.read_arguments(catalog_of(MODES), [])
    path = tmp_path / f"{kind}.json"
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)

    run = forked.run(*arguments)

    assert run.returncode == 1
    (error,) = run.errors
    assert error["failure_type"] == "config_error"
    assert str(path) in error["message"]
    assert_no_stack_trace(run)


def assert_no_stack_trace(*runs: Run) -> None:
    """Assert that no message takes knowledge of Python to understand."""
    for run in runs:
        assert b"Traceback" not in run.stdout + run.stderr
        assert b"stack_trace" not in run.stdout
