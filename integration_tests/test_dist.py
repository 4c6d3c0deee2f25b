"""The wheel and the sdist, as `make dist` builds them."""

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


def test_both_contain_the_schemas_and_the_spec(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    (sdist,) = built.glob("*.tar.gz")

    with zipfile.ZipFile(wheel) as archive:
        in_wheel = set(archive.namelist())
    with tarfile.open(sdist) as tar:
        in_sdist = {name.partition("/")[2] for name in tar.getnames()}

    assert in_wheel >= NEEDED
    assert in_sdist >= NEEDED | {"pyproject.toml", "README.md"}
    assert not any(name.startswith(("unit_tests", "integration_tests")) for name in in_wheel)


def test_the_wheel_runs_in_an_environment_of_its_own(built: Path, tmp_path: Path) -> None:
    """The wheel is built from the sdist. Its dependencies are those of this environment."""
    (wheel,) = built.glob("*.whl")
    venv.create(tmp_path / "env")
    python = tmp_path / "env" / "bin" / "python"
    site = next((tmp_path / "env").glob("lib/python*/site-packages"))
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "-qq"]
    environment = {name: v for name, v in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run(
        [*pip, "--no-deps", "--no-index", "--force-reinstall", str(wheel)],
        check=True,
        env=environment,
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
