"""What nobody expects in a config, in a state, or in a record of the server."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson
import pytest

from integration_tests.confluence_emulator import Emulator, Fault, SiteSpec
from integration_tests.conftest import connector_for, forked_for
from integration_tests.connector import Connector, catalog_of

LONGEST_MESSAGE = 2_000
"""Characters."""
TEN_MEGABYTES = 10_000_000
PAGES = catalog_of({"pages": "incremental"})


def state_of(value: object) -> list[Any]:
    stream = {"stream_descriptor": {"name": "pages"}, "stream_state": {"lastModifiedAt": value}}
    return [{"type": "STREAM", "stream": stream}]


@pytest.mark.parametrize(
    "state",
    [
        state_of("x" * TEN_MEGABYTES),
        state_of(["x" * TEN_MEGABYTES]),
        [{"type": "x" * TEN_MEGABYTES}],
        [{"x" * TEN_MEGABYTES: 1}],
        [{"type": "STREAM", "stream": "x" * TEN_MEGABYTES}],
        ["x" * TEN_MEGABYTES],
    ],
    ids=["value", "list", "type", "name", "stream", "text"],
)
def test_a_bad_state_of_ten_megabytes_is_not_echoed(
    emulator: Emulator, tmp_path: Path, state: list[Any]
) -> None:
    run = forked_for(emulator, tmp_path).read(PAGES, state)

    assert run.returncode == 1
    assert run.errors[0]["failure_type"] == "config_error"
    assert len(run.stdout) + len(run.stderr) < 10 * LONGEST_MESSAGE
    assert b"Traceback" not in run.stdout + run.stderr


def test_unknown_keys_of_ten_megabytes_are_not_echoed(emulator: Emulator, tmp_path: Path) -> None:
    state = state_of("2020-01-01T00:00:00.000Z")
    state[0]["stream"]["stream_state"]["k" * TEN_MEGABYTES] = 1
    run = forked_for(emulator, tmp_path).read(PAGES, state)

    assert all(len(log) < LONGEST_MESSAGE for log in run.logs)


@pytest.mark.parametrize("command", ["check", "read"])
@pytest.mark.parametrize(
    "domain_name",
    [
        "{token}",
        "https://{token}",
        "https://{token}.atlassian.net",
        "{token}.atlassian.net/wiki",
        "https://somebody:{token}@your-domain.atlassian.net",
        " {token} ",
        "{token}/wiki",
    ],
)
def test_a_token_that_was_typed_into_domain_name_is_not_printed(
    tmp_path: Path, emulator: Emulator, domain_name: str, command: str
) -> None:
    token = "ATATT3xFfGF0" + "aB3_dE5-gH7" * 15 + "=1A2B3C4D"
    connector = forked_for(emulator, tmp_path)
    changes = {"domain_name": domain_name.format(token=token), "api_token": "something-else"}

    run = (
        connector.check(**changes) if command == "check" else connector.read(PAGES, None, **changes)
    )

    assert b"Traceback" not in run.stdout + run.stderr
    lowered = (run.stdout + run.stderr).lower()
    assert token.lower().encode() not in lowered
    assert token[12:60].lower().encode() not in lowered


def test_misspelled_fields_are_named_and_no_value_is(emulator: Emulator, tmp_path: Path) -> None:
    connector = forked_for(emulator, tmp_path)
    email, token = connector.config.pop("email"), connector.config.pop("api_token")
    connector.config |= {
        "space_key": ["SECRETSPACE"],
        "credentials": {
            "auth_type": "api_token",
            "email": email,
            "api_token": token,
            "api_tokn": "hidden-value",
        },
    }
    checked = connector.check()
    read = connector.read(PAGES)

    assert checked.connection_status["status"] == "SUCCEEDED"
    for name in ("space_key", "space_keys", "credentials.api_tokn", "credentials.api_token"):
        assert name in checked.connection_status["message"]
        assert any(name in warning for warning in read.warnings)
    for run in (checked, read):
        assert b"hidden-value" not in run.stdout
        assert b"SECRETSPACE" not in run.stdout


def test_the_help_and_the_version_need_no_cdk(emulator: Emulator, tmp_path: Path) -> None:
    connector: Connector = connector_for(emulator, tmp_path)

    assert connector.run("--version").stdout.split(b".")[0] == b"2"
    assert b"discover" in connector.run("--help").stdout


ODD_IDS = ["../../../../rest/api/user", "1?x=1", "1#f", "1/../2", "%2e%2e", "", " ", "\u0000", 7.5]


@pytest.mark.parametrize("odd", [*ODD_IDS, None, ["1"], {"id": 1}], ids=repr)
def test_odd_ids_of_parents_lead_to_no_other_path(tmp_path: Path, odd: object) -> None:
    """Neither do they end other streams, or print a stack trace."""
    with Emulator(SiteSpec(pages=120, blog_posts=12)) as site:
        site.faults.add(Fault(r"/api/v2/pages\?", "records", times=None, values={"id": odd}))
        streams = ("pages", "page_labels", "page_views", "page_watchers", "blog_posts", "labels")
        targets: list[str] = []
        site.settings.on_request = lambda request: targets.append(request.target)
        run = forked_for(site, tmp_path).read(catalog_of(dict.fromkeys(streams, "full_refresh")))

        assert b"Traceback" not in run.stdout + run.stderr
        assert run.statuses["blog_posts"] == run.statuses["labels"] == "COMPLETE"
        paths = [urlsplit(target).path for target in targets]
        assert not [path for path in paths if ".." in unquote(path) and "%2F" not in path]
        assert not [target for target in targets if "x=1" in urlsplit(target).query]
        assert not [path for path in paths if path.endswith(("/pages/1", "/rest/api/user"))]


@pytest.mark.parametrize("field", ["version", "version.createdAt", "spaceId", "id", "authorId"])
@pytest.mark.parametrize("value", [None, 7, ["list"], {"a": 1}], ids=repr)
def test_odd_fields_print_no_stack_trace(tmp_path: Path, field: str, value: object) -> None:
    with Emulator(SiteSpec(pages=60, blog_posts=12, spaces=4)) as site:
        site.faults.add(Fault(r"/api/v2/", "records", times=None, values={field: value}))
        modes = {
            "pages": "incremental",
            "blog_posts": "incremental",
            "attachments": "incremental",
            "page_footer_comments": "incremental",
            "page_versions": "incremental",
            "page_labels": "full_refresh",
            "custom_content": "incremental",
            "space": "full_refresh",
            "tasks": "incremental",
            "users": "full_refresh",
            "folders": "full_refresh",
        }
        run = forked_for(site, tmp_path).read(catalog_of(modes))

        assert b"Traceback" not in run.stdout + run.stderr
        assert set(run.statuses.values()) <= {"COMPLETE", "INCOMPLETE"}
        assert set(run.statuses) == set(modes)
        for error in run.errors:
            assert not error.get("stack_trace")
            assert len(orjson.dumps(error)) < 10 * LONGEST_MESSAGE
