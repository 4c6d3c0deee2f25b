"""No command prints a secret, at any log level."""

from __future__ import annotations

import base64

import pytest

from integration_tests.confluence_emulator import Emulator, Fault
from integration_tests.connector import ForkedConnector, Json, catalog_of
from integration_tests.truth import MODES


@pytest.mark.parametrize(
    ("form", "level"),
    [("flat", "--debug"), ("nested", "LOG_LEVEL")],
)
def test_neither_the_token_nor_its_base64_is_printed(
    emulator: Emulator,
    forked: ForkedConnector,
    monkeypatch: pytest.MonkeyPatch,
    form: str,
    level: str,
) -> None:
    email, token = emulator.email, emulator.token
    if form == "nested":
        forked.config = {
            "domain_name": emulator.url,
            "credentials": {"auth_type": "api_token", "email": email, "api_token": token},
        }
    flags = ["--debug"] if level == "--debug" else []
    if not flags:
        monkeypatch.setenv("LOG_LEVEL", "debug")
    emulator.faults.add(Fault("/pages", status=500, times=2))
    emulator.faults.add(Fault("/group", status=403, times=None))
    config = forked.write("config", forked.config)

    runs = [
        forked.run("check", "--config", config, *flags),
        forked.run("discover", "--config", config, *flags),
        forked.read(catalog_of(MODES), None, *flags),
        forked.read(catalog_of(MODES, "overwrite"), None, *flags),
    ]

    for run in runs:
        assert b"DEBUG" in run.stdout
        for secret in secrets_of(email, token):
            assert secret not in run.stdout + run.stderr
    assert runs[2].records["pages"]

    previewed = forked.run("cost", "--config", config, *flags)
    assert previewed.returncode == 0
    for secret in secrets_of(email, token):
        assert secret not in previewed.stdout + previewed.stderr


def test_the_message_about_a_bad_config_does_not_quote_it(forked: ForkedConnector) -> None:
    token = forked.config["api_token"]
    broken: list[Json] = [
        {"credentials": token},
        {"credentials": {"auth_type": token}},
        {"credentials": [token]},
        {"domain_name": f"https://somebody:{token}@your-domain.atlassian.net"},
        {"domain_name": f"https://somebody:{token}@["},
        {"api_token": [token]},
        {"api_token": {"value": token}},
    ]

    for changes in broken:
        run = forked.check(**changes)
        assert run.connection_status["status"] == "FAILED"
        assert token.encode() not in run.stdout + run.stderr


def secrets_of(email: str, token: str) -> list[bytes]:
    pair = f"{email}:{token}".encode()
    return [token.encode(), base64.b64encode(pair), base64.b64encode(token.encode())]
