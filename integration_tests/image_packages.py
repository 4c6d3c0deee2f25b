"""Which packages the image has: those of runtime.txt without those of not-in-image.txt."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.utils import canonicalize_name

from tools.lock_freshness import exported

ROOT = Path(__file__).parents[1]
REQUIREMENTS = ROOT / "requirements"
CONNECTOR = "source-confluence"


def left_out() -> set[str]:
    """Return the names of the packages that the image leaves out."""
    text = (REQUIREMENTS / "not-in-image.txt").read_text()
    return set(re.findall(r"^[\w.-]+", text, re.MULTILINE))


def locked() -> set[str]:
    """Return the names of the connector's dependencies, on any platform."""
    requirements = exported((REQUIREMENTS / "runtime.txt").read_text())
    return {requirement.partition("==")[0] for requirement in requirements}


def in_image() -> dict[str, Distribution]:
    """Return the packages of the image by name, as this environment has them."""
    names = locked() - left_out() | {CONNECTOR}
    found = ((str(canonicalize_name(package.name)), package) for package in distributions())
    return {name: package for name, package in found if name in names}


def link_packages(folder: Path) -> None:
    """Fill a folder with links to the files of the image's packages, and to the connector."""
    for package in in_image().values():
        for file in package.files or ():
            if ".." not in file.parts:
                link = folder / file
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(file.locate())
    (folder / "source_confluence").symlink_to(ROOT / "source_confluence")
