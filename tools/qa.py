"""Run Airbyte's own QA checks on the connector, without the network: `make qa`.

Runs in .venv-qa. The checks expect a connector inside Airbyte's repository, so they run on a copy
of the files in git, laid out as they would be there.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn

import yaml

ROOT = Path(__file__).parents[1]
CONNECTOR = Path("airbyte-integrations/connectors/source-confluence")
DOCUMENTATION = Path("docs/integrations/sources")
DOCUMENTS = ("confluence.md", "confluence-migrations.md")

NOT_COPIED = {"Dockerfile": "Airbyte builds its images from its own Dockerfile"}
NOT_RUN = {
    "CheckDocumentationLinks": "requests every address in the documentation",
    "CheckVersionIncrement": "compares with the version in Airbyte's repository",
}
LEVEL_OF_EVERY_CHECK = 300
"""Airbyte only checks the documentation of its most used connectors. We also want ours checked."""


def main() -> int:
    """Print the outcome of each check. Returns the number of failures."""
    with tempfile.TemporaryDirectory() as folder:
        copy_to(Path(folder))
        os.chdir(folder)
        results = list(outcomes())
        os.chdir(ROOT)
    results += [("LEFT OUT", name, reason) for name, reason in {**NOT_COPIED, **NOT_RUN}.items()]
    for status, name, message in results:
        sys.stdout.write(f"{status:<8} {name}: {' '.join(message.split())}\n")
    return sum(status == "FAILED" for status, _, _ in results)


def copy_to(folder: Path) -> None:
    """Copy the files to where they would be in Airbyte's repository."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True)  # noqa: S603  # fixed
    for name in set(found.stdout.decode().splitlines()) - set(NOT_COPIED):
        if (ROOT / name).is_file():
            (folder / CONNECTOR / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / CONNECTOR / name)
    (folder / DOCUMENTATION).mkdir(parents=True)
    for name in DOCUMENTS:
        shutil.copy(ROOT / "docs" / name, folder / DOCUMENTATION / name)
    path = folder / CONNECTOR / "metadata.yaml"
    metadata = yaml.safe_load(path.read_text())
    metadata["data"].setdefault("ab_internal", {})["sl"] = LEVEL_OF_EVERY_CHECK
    path.write_text(yaml.safe_dump(metadata))


def outcomes() -> Iterator[tuple[str, str, str]]:
    """Yield status, name and message of each check that needs no network."""
    # Installed in .venv-qa only, where no type checker runs.
    checks: Any = import_module("airbyte_ops_mcp.connector_qa.checks")
    connector_class: Any = import_module("airbyte_ops_mcp.connector_ops.utils").Connector
    # No lookup in the registry: this connector was never released from Airbyte's repository.
    connector_class.is_released = False
    socket.socket.connect = refused  # type: ignore[method-assign]
    enabled = {type(check).__name__: check for check in checks.ENABLED_CHECKS}
    if unknown := set(NOT_RUN) - set(enabled):
        sys.exit(f"Airbyte no longer has these checks: {', '.join(sorted(unknown))}")
    connector = connector_class(CONNECTOR.name)
    for name, check in enabled.items():
        if name == "ValidateMetadata":
            yield validated(name, connector)
        elif name not in NOT_RUN:
            result = check.run(connector)
            yield result.status.name, name, result.message


def validated(name: str, connector: Any) -> tuple[str, str, str]:
    """Validate metadata.yaml as the check does, without looking for images on Docker Hub."""
    validator: Any = import_module("airbyte_ops_mcp.metadata_validator")
    options = validator.ValidatorOptions(
        docs_path=str(connector.documentation_file_path), disable_dockerhub_checks=True
    )
    with redirect_stdout(StringIO()):  # it prints its steps
        model, error = validator.validate_and_load(
            connector.metadata_file_path, validator.PRE_UPLOAD_VALIDATORS, options
        )
    return ("PASSED" if model else "FAILED"), name, error or "valid, Docker Hub not checked"


def refused(*_: object) -> NoReturn:
    """Replace socket.connect, so that a check which needs the network fails."""
    raise OSError("make qa uses no network")


if __name__ == "__main__":
    sys.exit(min(main(), 1))
