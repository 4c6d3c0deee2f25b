"""examples/terraform: its config, and the streams it selects."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from airbyte_cdk.models import SyncMode

from source_confluence.airbyte.default_catalog import discover_streams
from source_confluence.config.config import Config
from source_confluence.confluence.credentials import ApiToken
from unit_tests.fakes import API_TOKEN, spec_schema

EXAMPLE = Path(__file__).parents[1] / "examples" / "terraform"
MODES = {
    "incremental_deduped_history": SyncMode.incremental,
    "full_refresh_overwrite": SyncMode.full_refresh,
}


def text_of(name: str) -> str:
    return (EXAMPLE / name).read_text(encoding="utf-8")


def values() -> dict[str, Any]:
    """Return the variables of terraform.tfvars.example, plus a token as from the environment."""
    given = re.findall(r"^(\w+) += (.+)$", text_of("terraform.tfvars.example"), re.MULTILINE)
    return {name: json.loads(value) for name, value in given} | {"confluence_api_token": API_TOKEN}


def local(name: str) -> Any:
    """Return a local value as jsonencode writes it; supports objects, strings and variables."""
    (block,) = re.findall(rf"(?ms)^  {name} = (\{{.*?^  \}})$", text_of("locals.tf"))
    block = re.sub(r"var\.(\w+)", lambda found: json.dumps(values()[found[1]]), block)
    block = re.sub(r"^ *(\w+) +=", r'"\1":', block, flags=re.MULTILINE)
    return json.loads(re.sub(r"(?<!\{)\n(?! *\})", ",\n", block))


def blocks(name: str, kind: str) -> dict[str, str]:
    """Return the blocks of a kind in a file, by their last label."""
    found = re.findall(rf'(?ms)^{kind} (?:"\w+" )*"(\w+)" \{{\n(.*?)^\}}$', text_of(name))
    return dict(found)


def test_the_config_is_valid() -> None:
    config = Config.parse(local("configuration"), spec_schema())

    assert config.domain_name == "your-domain.atlassian.net"
    assert config.credentials == ApiToken("you@example.com", API_TOKEN)
    assert config.space_keys == ("DOCS", "HR")


def test_the_config_has_only_fields_of_the_spec() -> None:
    """The connector ignores unknown fields, so no other test would fail."""
    given = local("configuration")
    fields = spec_schema()["properties"]
    (variant,) = [
        one["properties"]
        for one in fields["credentials"]["oneOf"]
        if one["properties"]["auth_type"]["const"] == given["credentials"]["auth_type"]
    ]

    assert not set(given) - set(fields)
    assert not set(given["credentials"]) - set(variant)


def test_it_is_for_a_self_managed_airbyte() -> None:
    """Airbyte Cloud can't run the connector, so its addresses must not be defaults."""
    variables = blocks("variables.tf", "variable")
    addresses = {name for name in variables if re.match(r"airbyte_\w+_url$", name)}

    assert addresses == {"airbyte_server_url", "airbyte_token_url"}
    assert not any("default" in variables[name] for name in addresses)
    assert addresses <= values().keys()
    assert not any("api.airbyte.com" in path.read_text() for path in EXAMPLE.iterdir())


def test_the_selected_streams_support_their_sync_modes() -> None:
    supported = {stream.name: stream.supported_sync_modes for stream in discover_streams()}

    for name, mode in local("streams").items():
        assert MODES[mode] in supported[name], name
        is_best = MODES[mode] is SyncMode.incremental or SyncMode.incremental not in supported[name]
        assert is_best, name


def test_secrets_are_sensitive_and_in_no_file() -> None:
    variables = blocks("variables.tf", "variable")
    secrets = {name for name in variables if re.search(r"secret$|api_token$", name)}

    assert secrets == {"confluence_api_token", "airbyte_client_secret"}
    assert secrets == {
        name for name, body in variables.items() if re.search(r"sensitive += true", body)
    }
    assert not any("default" in variables[name] for name in secrets)
    assert not secrets & set(values().keys() - {"confluence_api_token"})


def test_every_variable_is_used_and_declared() -> None:
    used = re.findall(r"\bvar\.(\w+)", text_of("main.tf") + text_of("locals.tf"))

    assert set(used) == set(blocks("variables.tf", "variable"))
    assert values().keys() <= set(used)


@pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is not installed")
def test_terraform_evaluates_the_same_values(tmp_path: Path) -> None:
    """Leaves out main.tf, which would need to download the provider."""
    for name in ("locals.tf", "variables.tf"):
        shutil.copy(EXAMPLE / name, tmp_path)
    shutil.copy(EXAMPLE / "terraform.tfvars.example", tmp_path / "terraform.tfvars")
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment |= {"CHECKPOINT_DISABLE": "1", "TF_VAR_airbyte_client_secret": "made-up"}
    environment["TF_VAR_confluence_api_token"] = API_TOKEN

    def terraform(*args: str, cwd: Path, given: str | None = None) -> str:
        done = subprocess.run(
            ["terraform", *args],
            cwd=cwd,
            env=environment,
            input=given,
            text=True,
            capture_output=True,
            check=True,
            timeout=60,
        )
        return done.stdout

    for name in ("configuration", "streams"):
        expression = f"nonsensitive(jsonencode([{name!r}, local.{name}]))".replace("'", '"')
        output = terraform("console", "-no-color", cwd=tmp_path, given=expression)
        assert json.loads(json.loads(output)) == [name, local(name)]
    terraform("fmt", "-check", "-diff", cwd=EXAMPLE)
