"""The arguments of the console script: those of the Airbyte protocol, and of `cost`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version

import pytest

from source_confluence.airbyte.arguments import parse, parse_catalog

FILES = {
    "spec": [],
    "check": ["config"],
    "discover": ["config"],
    "read": ["config", "catalog", "state"],
    "cost": ["config", "catalog"],
}
OTHERS = {"cost": {"requests_per_second": None}}
"""What else the parsed arguments of a command hold."""


def arguments_of(command: str) -> list[str]:
    return [command, *(f"--{name}={name}.json" for name in FILES[command])]


@pytest.mark.parametrize("command", FILES)
@pytest.mark.parametrize("debug", [False, True])
def test_the_commands(command: str, *, debug: bool) -> None:
    parsed = parse(arguments_of(command) + ["--debug"] * debug)

    files = {name: f"{name}.json" for name in FILES[command]}
    others = OTHERS.get(command, {})
    assert vars(parsed) == {"command": command, "debug": debug, **files, **others}


def test_the_state_is_optional() -> None:
    parsed = parse(["read", "--config", "config.json", "--catalog", "catalog.json"])

    assert parsed.state is None


def test_a_rate_that_is_no_number_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse([*arguments_of("cost"), "--requests-per-second", "many"])

    assert "more than 0" in capsys.readouterr().err


def test_the_cost_of_every_stream_at_a_rate() -> None:
    parsed = parse(["cost", "--config", "config.json", "--requests-per-second", "2.5"])

    assert parsed.catalog is None
    assert parsed.requests_per_second == 2.5


@pytest.mark.parametrize(
    ("args", "named"),
    [
        *[
            ([*arguments_of(command), "--manifest-path", "m.yaml"], "--manifest-path")
            for command in FILES
        ],
        *[
            ([*arguments_of(command), "--components-path", "c.py"], "--components-path")
            for command in FILES
        ],
        (["check"], "--config"),
        (["discover"], "--config"),
        (["read", "--config", "config.json"], "--catalog"),
        (["cost"], "--config"),
        (["cost", "--config", "c.json", "--state", "s.json"], "--state"),
        *[
            (["cost", "--config", "c.json", "--requests-per-second", rate], "--requests-per-second")
            for rate in ("0", "-1", "inf", "nan", "many")
        ],
        (["--"], "command"),
        (["fly"], "fly"),
    ],
)
def test_wrong_arguments_exit_with_2_and_are_named(
    args: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exited:
        parse(args)

    usage, _, error = capsys.readouterr().err.rpartition("error: ")
    assert exited.value.code == 2
    assert usage.startswith("usage: source-confluence ")
    assert named in error


@pytest.mark.parametrize("command", FILES)
def test_help_names_every_file_of_a_command(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exited:
        parse([command, "--help"])

    text = capsys.readouterr().out
    assert exited.value.code == 0
    assert text.startswith(f"usage: source-confluence {command} ")
    assert all(f"--{name} " in text for name in FILES[command])


@pytest.mark.parametrize("parser", [parse, parse_catalog])
def test_the_version_is_that_of_the_package(
    parser: Callable[[list[str]], object], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exited:
        parser(["--version"])

    assert exited.value.code == 0
    assert capsys.readouterr().out == f"{version('source-confluence')}\n"


def test_no_arguments_print_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        parse([])

    assert exited.value.code == 0
    assert capsys.readouterr().out.startswith("usage: source-confluence ")


@pytest.mark.parametrize("script", ["run", "airbyte.configured_catalog"])
def test_the_command_line_is_parsed_without_the_cdk(script: str) -> None:
    """Importing it takes seconds; `--help` should not."""
    code = f"import source_confluence.{script}, sys; sys.exit('airbyte_cdk' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
