"""Checks that poetry.lock and requirements/*.txt match pyproject.toml and name no registry.

`make check` runs this. Poetry could do most of it, but takes half a minute to install.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tomli

ROOT = Path(__file__).parents[1]
# The files that `make lock` exports, and the dependency groups in each.
EXPORTS = {"runtime.txt": {"main"}, "dev.txt": {"main", "dev"}, "bench.txt": {"bench"}}


def content_hash(pyproject: dict[str, Any]) -> str:
    """Return the hash that Poetry writes into its lock file for this pyproject.toml."""
    keys = ("dependencies", "source", "extras", "dev-dependencies", "group")
    poetry = pyproject["tool"]["poetry"]
    relevant = json.dumps({key: poetry.get(key) for key in keys}, sort_keys=True)
    return hashlib.sha256(relevant.encode()).hexdigest()


def locked(lock: dict[str, Any], groups: set[str]) -> dict[str, set[str]]:
    """Return the hashes of each locked package in these groups, by `name==version`."""
    return {
        f"{package['name']}=={package['version']}": {file["hash"] for file in package["files"]}
        for package in lock["package"]
        if groups & set(package["groups"])
    }


def exported(text: str) -> dict[str, set[str]]:
    """Return the hashes of each package in a requirements file, by `name==version`."""
    requirements = re.split(r"(?<!\\)\n", text.strip())
    return {
        line.split()[0]: set(re.findall(r"--hash=(sha256:[0-9a-f]{64})", line))
        for line in requirements
    }


def problems() -> Iterator[str]:
    """Yield a sentence for each stale file and each mention of a registry."""
    lock = tomli.loads((ROOT / "poetry.lock").read_text())
    pyproject = tomli.loads((ROOT / "pyproject.toml").read_text())
    if lock["metadata"]["content-hash"] != content_hash(pyproject):
        yield "poetry.lock does not match the dependencies in pyproject.toml: run make lock"
    for package in lock["package"]:
        if "source" in package:
            yield f"poetry.lock names the registry of {package['name']}"
    for name, groups in EXPORTS.items():
        text = (ROOT / "requirements" / name).read_text()
        if "://" in text:
            yield f"requirements/{name} names a registry"
        elif exported(text) != locked(lock, groups):
            yield f"requirements/{name} does not match poetry.lock: run make lock"


if __name__ == "__main__":
    sys.exit("\n".join(problems()) or None)
