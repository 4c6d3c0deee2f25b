"""The arguments of the console script: those of the Airbyte protocol, and no others."""

from __future__ import annotations

import pytest

from source_confluence.airbyte.entrypoint import Entrypoint

FILES = {
    "spec": [],
    "check": ["config"],
    "discover": ["config"],
    "read": ["config", "catalog", "state"],
}


def arguments_of(command: str) -> list[str]:
    return [command, *(f"--{name}={name}.json" for name in FILES[command])]


@pytest.mark.parametrize("command", FILES)
@pytest.mark.parametrize("debug", [False, True])
def test_the_commands(command: str, *, debug: bool) -> None:
    parsed = Entrypoint.parse_args(arguments_of(command) + ["--debug"] * debug)

    files = {name: f"{name}.json" for name in FILES[command]}
    assert vars(parsed) == {"command": command, "debug": debug, **files}


def test_a_state_can_be_left_out() -> None:
    parsed = Entrypoint.parse_args(["read", "--config", "config.json", "--catalog", "catalog.json"])

    assert parsed.state is None


@pytest.mark.parametrize("command", FILES)
@pytest.mark.parametrize("option", ["--manifest-path", "--components-path"])
def test_the_files_of_a_declarative_connector_are_refused(
    command: str, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        Entrypoint.parse_args([*arguments_of(command), option, "file.yaml"])

    assert ended.value.code == 2
    assert f"unrecognized arguments: {option} file.yaml" in capsys.readouterr().err


@pytest.mark.parametrize("command", FILES)
def test_the_help_names_what_there_is(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        Entrypoint.parse_args([command, "--help"])

    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert said.startswith(f"usage: source-confluence {command} ")
    assert all(f"--{name} " in said for name in FILES[command])
    assert "-path" not in said


def test_a_command_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        Entrypoint.parse_args(["--"])

    assert ended.value.code == 2
    assert "required: command" in capsys.readouterr().err
