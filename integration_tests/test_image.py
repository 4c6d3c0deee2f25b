"""The image as Airbyte runs it: a read-only file system, no capabilities, little memory.

Needs a container engine and the image that `make image` builds; skipped without them.
"""

from __future__ import annotations

import gc
import os
import re
import tarfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import orjson
import pytest
import tomli
import yaml
from docker.errors import DockerException, ImageNotFound
from packaging.utils import canonicalize_name

from integration_tests.confluence_emulator import Emulator, SiteSpec
from integration_tests.conftest import connector_for
from integration_tests.connector import LONGEST_RUN, Connector, Json, Run, catalog_of
from integration_tests.image_packages import left_out
from integration_tests.test_every_stream import BEST, FULL, assert_exact

ROOT = Path(__file__).parents[1]
IMAGE_VARIABLE = "CONNECTOR_IMAGE"
"""Names the image; if it is set, these tests fail instead of being skipped."""
IMAGE = os.environ.get(IMAGE_VARIABLE, "airbyte/source-confluence:dev")
ENTRYPOINT = "/opt/venv/bin/source-confluence"
MOST_ADDED = 79_000_000
"""Bytes that the image may add to its base image."""
MOST_OF_THE_CODE = 5_000_000
"""How many of them may be in the layer of the connector, which changes with each line of code."""
PACKAGES = """
import json
from importlib.metadata import distributions
print(json.dumps([package.name for package in distributions()]))
"""


class ImageConnector(Connector):
    """Runs the image instead of the console script, on the same files."""

    def __init__(self, client: Any, folder: Path, config: Json) -> None:
        super().__init__(folder, config)
        self.client = client
        # The user in the container does not own the folder.
        folder.chmod(0o755)

    def run(self, *arguments: str) -> Run:
        """Run the image's entry point to its end."""
        return self.run_in_image(None, *arguments)

    def run_in_image(self, entrypoint: list[str] | None, *arguments: str) -> Run:
        """Run the image to its end, with another entry point if one is given."""
        container = self.client.containers.run(
            IMAGE,
            list(arguments),
            entrypoint=entrypoint,
            detach=True,
            read_only=True,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            mem_limit="512m",
            memswap_limit="512m",
            network_mode="host",
            volumes={str(self.folder): {"bind": str(self.folder), "mode": "ro"}},
        )
        try:
            code = container.wait(timeout=LONGEST_RUN)["StatusCode"]
            container.reload()
            assert not container.attrs["State"]["OOMKilled"]
            return Run(code, container.logs(stderr=False), container.logs(stdout=False))
        finally:
            container.remove(force=True)


def connected() -> tuple[Any, str]:
    """Return a client of the engine, or None and why there is none."""
    reason = ""
    with warnings.catch_warnings():
        # If nothing listens, docker-py leaves its socket to the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            return docker.from_env(), reason
        except DockerException as error:
            reason = str(error)
        gc.collect()
    return None, reason


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """The engine, if it has the image."""
    give_up = pytest.fail if IMAGE_VARIABLE in os.environ else pytest.skip
    engine, reason = connected()
    if engine is None:
        give_up(f"no container engine responds: {reason}")
    try:
        engine.images.get(IMAGE)
        yield engine
    except ImageNotFound:
        give_up(f"the engine has no image {IMAGE}: run make image")
    finally:
        engine.close()


@pytest.fixture(scope="module")
def site() -> Iterator[Emulator]:
    with Emulator(SiteSpec()) as running:
        yield running


@pytest.fixture
def image(client: Any, site: Emulator, tmp_path: Path) -> ImageConnector:
    return ImageConnector(client, tmp_path, connector_for(site, tmp_path).config)


def message_of(run: Run, kind: str) -> Json:
    """Return the one message of a kind that a successful run printed."""
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    (message,) = [message for message in run.messages if message["type"] == kind]
    found: Json = message
    return found


def version() -> str:
    pyproject = tomli.loads((ROOT / "pyproject.toml").read_text())
    found: str = pyproject["tool"]["poetry"]["version"]
    return found


def test_the_dockerfile_labels_the_version_of_pyproject() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()

    assert re.findall(r"io\.airbyte\.version=(\S+)", dockerfile) == [version()]


def test_the_dockerfile_builds_on_the_base_image_of_the_metadata() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    metadata = yaml.safe_load((ROOT / "metadata.yaml").read_text())

    base = metadata["data"]["connectorBuildOptions"]["baseImage"]
    assert re.findall(r"^ARG BASE_IMAGE=(\S+)$", dockerfile, re.MULTILINE) == [base]


def test_the_image_has_the_labels_and_the_entry_point_that_airbyte_needs(client: Any) -> None:
    config = client.images.get(IMAGE).attrs["Config"]
    environment = dict(entry.split("=", 1) for entry in config["Env"])

    assert config["Entrypoint"] == [ENTRYPOINT]
    assert environment["AIRBYTE_ENTRYPOINT"] == ENTRYPOINT
    assert config["Labels"]["io.airbyte.name"] == "airbyte/source-confluence"
    assert config["Labels"]["io.airbyte.version"] == version()
    user, group = config["User"].split(":")
    assert int(user) > 0
    assert int(group) > 0


def test_the_connector_has_a_layer_of_its_own(client: Any, tmp_path: Path) -> None:
    layers = [layer for layer in layers_of(client, tmp_path) if layer]

    assert sum(size for layer in layers for size in layer.values()) < MOST_ADDED
    *others, code = layers
    assert len(others) == 2
    assert sum(code.values()) < MOST_OF_THE_CODE
    assert any(path.endswith("/source_confluence/run.py") for path in code)
    assert not [path for layer in others for path in layer if "source_confluence" in path]
    # No layer replaces a file of another one.
    assert sum(map(len, layers)) == len({path for layer in layers for path in layer})


def layers_of(client: Any, folder: Path) -> Iterator[dict[str, int]]:
    """Yield each layer's files that are not from the base image, with their sizes; oldest first."""
    archive = folder / "image.tar"
    with archive.open("wb") as file:
        file.writelines(client.images.get(IMAGE).save())
    with tarfile.open(archive) as saved:
        for name in json_in(saved, "manifest.json")[0]["Layers"]:
            with tarfile.open(fileobj=saved.extractfile(name)) as layer:
                yield {
                    member.name: member.size
                    for member in layer
                    if member.isfile() and member.name.startswith(("opt/venv/", "opt/bytecode/"))
                }


def json_in(archive: tarfile.TarFile, name: str) -> Any:
    file = archive.extractfile(name)
    assert file is not None
    return orjson.loads(file.read())


def test_the_image_has_no_package_that_it_should_leave_out(image: ImageConnector) -> None:
    run = image.run_in_image(["python", "-c", PACKAGES])

    (names,) = run.messages
    packages = {canonicalize_name(name) for name in names}
    assert {"airbyte-cdk", "requests", "source-confluence"} <= packages
    assert packages & left_out() == set()


def test_spec_equals_that_of_the_console_script(image: ImageConnector, tmp_path: Path) -> None:
    script = Connector(tmp_path, {})

    assert message_of(image.spec(), "SPEC") == message_of(script.spec(), "SPEC")


def test_check_succeeds(image: ImageConnector) -> None:
    assert image.check().connection_status == {"status": "SUCCEEDED"}


def test_check_names_the_wrong_field(image: ImageConnector) -> None:
    status = image.check(api_token="wrong").connection_status

    assert status["status"] == "FAILED"
    assert "api_token" in status["message"]


def test_discover_equals_that_of_the_console_script(
    image: ImageConnector, site: Emulator, tmp_path: Path
) -> None:
    catalog = message_of(image.discover(), "CATALOG")["catalog"]

    assert {stream["name"] for stream in catalog["streams"]} == set(BEST)
    script = connector_for(site, tmp_path)
    assert catalog == message_of(script.discover(), "CATALOG")["catalog"]


def test_read_is_what_the_site_has(image: ImageConnector, site: Emulator) -> None:
    run = image.read(catalog_of(FULL))

    assert run.returncode == 0, run.errors
    assert set(run.statuses.values()) == {"COMPLETE"}
    for stream in FULL:
        assert run.records[stream], "the site has no records: nothing is tested"
        assert_exact(site, run, stream)


def test_a_second_read_continues_from_the_state(client: Any, tmp_path: Path) -> None:
    with Emulator(SiteSpec()) as site:
        image = ImageConnector(client, tmp_path, connector_for(site, tmp_path).config)
        modes = {"pages": "incremental", "page_versions": "incremental"}
        first = image.read(catalog_of(modes))
        edited = {page["id"] for page in first.records["pages"][:3]}
        for page in edited:
            site.mutations.edit("page", page)

        second = image.read(catalog_of(modes), first.states.values())

    assert second.returncode == 0, second.errors
    assert edited <= {page["id"] for page in second.records["pages"]}
    assert len(second.records["pages"]) < len(first.records["pages"]) / 2
    assert edited <= {version["pageId"] for version in second.records["page_versions"]}


@pytest.mark.parametrize("command", ["spec", "read"])
def test_no_start_compiles_a_module(image: ImageConnector, command: str) -> None:
    arguments = ["spec"] if command == "spec" else image.read_arguments(catalog_of(FULL))

    run = image.run_in_image(["python", "-v"], ENTRYPOINT, *arguments)

    assert run.returncode == 0
    loaded = re.findall(rb"^# code object from '?(/[^'\n]+\.pyc?)'?$", run.stderr, re.MULTILINE)
    assert any(path.startswith(b"/opt/bytecode/") for path in loaded)
    assert [path for path in loaded if path.endswith(b".py")] == []
