"""The console entry point: what it prints, what it masks, and how it exits."""

from __future__ import annotations

import ctypes
import json
import logging
import re
import runpy
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airbyte_cdk.logger import AirbyteLogFormatter
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException
from airbyte_cdk.utils.constants import ENV_REQUEST_CACHE_PATH
from requests_mock import Mocker
from requests_mock.request import _RequestObjectProxy as Request
from requests_mock.response import _Context as Context

from source_confluence.airbyte.source import SourceConfluence
from source_confluence.confluence.errors import TransientError
from source_confluence.run import run
from unit_tests.fake_site import FakeSite, page
from unit_tests.fakes import API_TOKEN, EMAIL, RAW_CONFIG

SITE = "https://your-domain.atlassian.net/wiki"
IN_TRANSIT = b64encode(f"{EMAIL}:{API_TOKEN}".encode()).decode()

Run = Callable[..., tuple[int, str]]
Messages = list[dict[str, Any]]


@pytest.fixture
def run_command(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Run]:
    """Runs one command; returns its exit code and all that it wrote."""
    root = logging.getLogger()

    def run_and_capture(*args: str) -> tuple[int, str]:
        as_in_a_process = [h for h in root.handlers if isinstance(h.formatter, AirbyteLogFormatter)]
        code = 0
        with monkeypatch.context() as patch:
            patch.setattr(root, "handlers", as_in_a_process)
            try:
                run(args)
            except SystemExit as exit_:
                said = exit_.code if isinstance(exit_.code, str) else ""
                sys.stderr.write(said)  # as Python does before it exits with 1
                code = 1 if said else int(exit_.code or 0)
        return code, "".join(capfd.readouterr())

    loggers = [logging.getLogger(name) for name in ("airbyte", "airbyte.SourceConfluence")]
    levels = [logger.level for logger in loggers]
    monkeypatch.setenv(ENV_REQUEST_CACHE_PATH, "")
    yield run_and_capture
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, object], str]:
    """Writes a file in JSON, or a text as it is; returns its path."""

    def write_file(name: str, content: object) -> str:
        path = tmp_path / name
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write_file


Write = Callable[[str, object], str]


def messages(output: str, kind: str) -> Messages:
    found: Messages = [json.loads(line) for line in output.splitlines()]
    return [message for message in found if message["type"] == kind]


def errors(output: str) -> Messages:
    return [message["trace"]["error"] for message in messages(output, "TRACE")]


def catalog_of(*names: str) -> dict[str, Any]:
    return {
        "streams": [
            {
                "stream": {
                    "name": name,
                    "json_schema": {},
                    "supported_sync_modes": ["full_refresh", "incremental"],
                },
                "sync_mode": "full_refresh",
                "destination_sync_mode": "append",
            }
            for name in names
        ]
    }


def a_site(requests_mock: Mocker) -> None:
    """A site with a few records, and an account that can read everything."""
    site = FakeSite(requests_mock)
    site.pages, site.blogposts = [page(1)], [page(2)]
    site.groups, site.audit = [{"id": "1"}], [{"creationDate": 1}]


def test_spec(run_command: Run) -> None:
    code, output = run_command("spec")

    assert code == 0
    (message,) = messages(output, "SPEC")
    assert message["spec"]["connectionSpecification"]["required"] == ["domain_name"]


def test_check_of_a_good_config(run_command: Run, write: Write, requests_mock: Mocker) -> None:
    a_site(requests_mock)

    code, output = run_command("check", "--config", write("config.json", RAW_CONFIG))

    assert code == 0
    (message,) = messages(output, "CONNECTION_STATUS")
    assert message["connectionStatus"] == {"status": "SUCCEEDED"}


def test_cost_prints_a_text_for_people(
    run_command: Run, write: Write, requests_mock: Mocker
) -> None:
    a_site(requests_mock)
    files = ["--config", write("config.json", RAW_CONFIG)]
    files += ["--catalog", write("catalog.json", catalog_of("page_likes", "group_members"))]

    code, output = run_command("cost", *files)

    assert code == 0
    assert {"page_likes", "group_members", "total"} <= set(re.findall(r"\w+", output))
    assert not output.startswith("{")


@pytest.mark.parametrize(
    ("changes", "catalog", "named"),
    [
        ({"num_workers": 0}, None, "num_workers"),
        ({}, {"streams": 1}, "catalog"),
        ({}, catalog_of("page_likez"), "page_likez"),
    ],
)
def test_an_error_of_cost_is_one_sentence(
    *,
    run_command: Run,
    write: Write,
    requests_mock: Mocker,
    changes: dict[str, Any],
    catalog: dict[str, Any] | None,
    named: str,
) -> None:
    files = ["--config", write("config.json", RAW_CONFIG | changes)]
    files += ["--catalog", write("catalog.json", catalog)] if catalog else []

    code, output = run_command("cost", *files)

    assert code == 1
    assert named in output
    assert not output.startswith("{")
    assert "Traceback" not in output
    assert not requests_mock.called


@pytest.mark.parametrize(
    "start",
    [run, lambda: runpy.run_module("source_confluence", run_name="__main__")],
    ids=["source-confluence", "python -m source_confluence"],
)
def test_the_arguments_of_the_process_are_the_default(
    start: Callable[[], object],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.argv", ["source-confluence", "spec"])

    start()

    assert messages(capfd.readouterr().out, "SPEC")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"num_workers": 0}, "num_workers"),
        ({"domain_name": "http://your-domain.atlassian.net"}, "domain_name"),
        ({"start_date": "2024-02-30T00:00:00Z"}, "start_date"),
    ],
)
def test_a_bad_config_fails_every_command_before_any_request(
    run_command: Run,
    write: Write,
    requests_mock: Mocker,
    changes: dict[str, Any],
    field: str,
) -> None:
    config = write("config.json", RAW_CONFIG | changes)
    catalog = write("catalog.json", catalog_of("pages"))

    code, output = run_command("check", "--config", config)

    assert code == 0
    (message,) = messages(output, "CONNECTION_STATUS")
    assert message["connectionStatus"]["status"] == "FAILED"
    sentence = message["connectionStatus"]["message"]
    assert field in sentence
    assert not messages(output, "TRACE")
    assert "Traceback" not in output

    for command in (["discover"], ["read", "--catalog", catalog]):
        code, output = run_command(*command, "--config", config)

        assert code == 1
        (error,) = errors(output)
        assert error["message"] == sentence
        assert error["failure_type"] == "config_error"
        assert "stack_trace" not in error
        assert "Traceback" not in output
    assert not requests_mock.called


@pytest.mark.parametrize("broken", ["config", "catalog", "state"])
@pytest.mark.parametrize("content", ["{", None], ids=["invalid JSON", "not there"])
def test_a_broken_file(
    *,
    run_command: Run,
    write: Write,
    requests_mock: Mocker,
    tmp_path: Path,
    broken: str,
    content: str | None,
) -> None:
    files = {
        "config": write("config.json", RAW_CONFIG),
        "catalog": write("catalog.json", catalog_of("pages")),
        "state": write("state.json", []),
    }
    path = write(f"{broken}.json", content) if content else str(tmp_path / "nothing.json")
    files[broken] = path

    code, output = run_command(
        "read", *(argument for name in files for argument in (f"--{name}", files[name]))
    )

    assert code == 1
    (error,) = errors(output)
    assert f"{broken} file {path}" in error["message"]
    assert error["failure_type"] == "config_error"
    assert "Traceback" not in output
    assert not requests_mock.called


@pytest.mark.parametrize(
    ("error", "reported"),
    [
        (
            TransientError("Confluence is out."),
            {"message": "Confluence is out.", "failure_type": "transient_error"},
        ),
        (
            AirbyteTracedException(
                message="Two streams failed.",
                internal_message="pages, audit",
                failure_type=FailureType.config_error,
            ),
            {
                "message": "Two streams failed.",
                "internal_message": "pages, audit",
                "failure_type": "config_error",
            },
        ),
    ],
    ids=["ours", "the CDK's"],
)
def test_an_error_that_explains_itself_is_reported_without_a_stack_trace(
    run_command: Run,
    write: Write,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    reported: dict[str, str],
) -> None:
    def fail(*_args: object) -> None:
        raise error

    monkeypatch.setattr(SourceConfluence, "discover", fail)

    code, output = run_command("discover", "--config", write("config.json", RAW_CONFIG))

    assert code == 1
    assert errors(output) == [reported]


def test_glibc_is_set_to_return_freed_memory(
    run_command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    parameters: dict[int, int] = {}
    glibc = SimpleNamespace(mallopt=parameters.__setitem__)
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: glibc)

    run_command("spec")

    assert parameters == {-3: 128 * 1024, -8: 2}


def test_a_c_library_without_mallopt_is_left_alone(
    run_command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: SimpleNamespace())

    code, _ = run_command("spec")

    assert code == 0


def test_a_defect_keeps_its_stack_trace(
    run_command: Run, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise KeyError("a defect")

    monkeypatch.setattr(SourceConfluence, "discover", fail)

    with pytest.raises(KeyError, match="a defect"):
        run_command("discover", "--config", write("config.json", RAW_CONFIG))


@pytest.mark.parametrize("args", [[], ["--help"], ["read", "--help"]])
def test_help(run_command: Run, args: list[str]) -> None:
    code, output = run_command(*args)

    assert code == 0
    assert output.startswith("usage: ")


@pytest.mark.parametrize("args", [["fly"], ["read"], ["check"]])
def test_wrong_arguments(run_command: Run, args: list[str]) -> None:
    code, output = run_command(*args)

    assert code == 2
    assert "usage:" in output
    assert "Traceback" not in output


CREDENTIALS = {"auth_type": "api_token", "email": EMAIL, "api_token": API_TOKEN}


@pytest.mark.parametrize(
    ("config", "platform_logs"),
    [
        (RAW_CONFIG, False),
        ({"domain_name": RAW_CONFIG["domain_name"], "credentials": CREDENTIALS}, True),
        (RAW_CONFIG | {"api_token": f" {API_TOKEN} "}, False),
    ],
    ids=["flat, --debug", "credentials, LOG_LEVEL", "spaces around it"],
)
def test_no_secret_in_any_output_even_if_the_server_repeats_it(
    *,
    run_command: Run,
    write: Write,
    requests_mock: Mocker,
    monkeypatch: pytest.MonkeyPatch,
    config: dict[str, Any],
    platform_logs: bool,
) -> None:
    def repeating(request: Request, context: Context) -> dict[str, str]:
        context.status_code = 403
        return {"message": f"{request.headers['Authorization']} is of {API_TOKEN}"}

    a_site(requests_mock)
    if platform_logs:
        monkeypatch.setenv("LOG_LEVEL", "debug")
    path = write("config.json", config)
    files = ["--config", path, "--catalog", write("catalog.json", catalog_of("space", "audit"))]
    flag = [] if platform_logs else ["--debug"]

    outputs = [
        run_command("spec", *flag),
        run_command("check", "--config", path, *flag),
        run_command("discover", "--config", path, *flag),
        run_command("check", "--config", write("bad.json", config | {"num_workers": 0}), *flag),
    ]
    requests_mock.get(f"{SITE}/rest/api/audit", json=repeating)
    outputs.append(run_command("check", "--config", path, *flag))
    outputs.append(run_command("read", *files, *flag))

    everything = "".join(output for _, output in outputs)
    assert f"GET {SITE}/rest/api/audit" in everything
    assert "Basic **** is of ****" in everything
    assert API_TOKEN not in everything
    assert IN_TRANSIT not in everything
