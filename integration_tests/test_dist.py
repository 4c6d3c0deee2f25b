"""The wheel and the sdist, as `make dist` builds them: complete, and fit to run."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import orjson
import pytest

ROOT = Path(__file__).parents[1]
NEEDED = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("source_confluence/**/*.json")}
NEEDED |= {"source_confluence/config/spec.yaml", "source_confluence/py.typed"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    return folder


def test_schemas_and_spec_lie_inside(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    (sdist,) = built.glob("*.tar.gz")

    with zipfile.ZipFile(wheel) as archive:
        in_wheel = set(archive.namelist())
    with tarfile.open(sdist) as tar:
        in_sdist = {name.partition("/")[2] for name in tar.getnames()}

    assert in_wheel >= NEEDED
    assert in_sdist >= NEEDED | {"pyproject.toml", "README.md"}
    assert not any(name.startswith(("unit_tests", "integration_tests")) for name in in_wheel)


@pytest.mark.parametrize("pattern", ["*.whl", "*.tar.gz"])
def test_it_runs_from_an_environment_of_its_own(built: Path, tmp_path: Path, pattern: str) -> None:
    """With what it depends on lent by this environment: that has been tried by installing it."""
    (package,) = built.glob(pattern)
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    site = next((tmp_path / "env").glob("lib/python*/site-packages"))
    (site / "lent.pth").write_text(sysconfig.get_path("purelib"))
    install = ["-m", "pip", "install", "-qq", "--no-deps", "--no-build-isolation", "--no-index"]
    environment = {name: v for name, v in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run(
        [str(python), *install, "--force-reinstall", str(package)], check=True, env=environment
    )

    script = tmp_path / "env" / "bin" / "source-confluence"
    done = subprocess.run(
        [str(script), "spec"], check=True, capture_output=True, cwd=tmp_path, env=environment
    )
    where = subprocess.run(
        [str(python), "-c", "import source_confluence; print(source_confluence.__file__)"],
        check=True,
        capture_output=True,
        cwd=tmp_path,
        env=environment,
    )

    messages = [orjson.loads(line) for line in done.stdout.splitlines()]
    assert [message["type"] for message in messages].count("SPEC") == 1
    assert str(tmp_path) in where.stdout.decode()
