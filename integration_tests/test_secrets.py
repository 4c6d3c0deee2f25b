"""No output of any command holds a secret, at any log level."""

from __future__ import annotations

import base64

import pytest

from integration_tests.confluence_emulator import Emulator, Fault
from integration_tests.connector import Connector, Json, catalog_of
from integration_tests.truth import MODES


@pytest.mark.parametrize("form", ["flat", "nested"])
@pytest.mark.parametrize("level", ["--debug", "LOG_LEVEL"])
def test_neither_the_token_nor_its_base64_is_printed(
    emulator: Emulator,
    connector: Connector,
    monkeypatch: pytest.MonkeyPatch,
    form: str,
    level: str,
) -> None:
    email, token = emulator.settings.email, emulator.settings.token
    if form == "nested":
        connector.config = {
            "domain_name": emulator.url,
            "credentials": {"auth_type": "api_token", "email": email, "api_token": token},
        }
    flags = ["--debug"] if level == "--debug" else []
    if not flags:
        monkeypatch.setenv("LOG_LEVEL", "debug")
    emulator.faults.add(Fault("/pages", status=500, times=2))
    emulator.faults.add(Fault("/group", status=403, times=None))
    config = connector.write("config", connector.config)

    runs = [
        connector.run("spec", *flags),
        connector.run("check", "--config", config, *flags),
        connector.run("discover", "--config", config, *flags),
        connector.read(catalog_of(MODES), None, *flags),
        connector.read(catalog_of(MODES, "overwrite"), None, *flags),
    ]

    printed = b"".join(run.stdout + run.stderr for run in runs)
    assert b"DEBUG" in printed
    assert runs[3].records["pages"]
    for secret in secrets_of(email, token):
        assert secret not in printed


def test_a_config_that_is_refused_is_not_quoted(connector: Connector) -> None:
    token = connector.config["api_token"]
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
        run = connector.check(**changes)
        assert run.connection_status["status"] == "FAILED"
        assert token.encode() not in run.stdout + run.stderr


def secrets_of(email: str, token: str) -> list[bytes]:
    pair = f"{email}:{token}".encode()
    return [token.encode(), base64.b64encode(pair), base64.b64encode(token.encode())]
