"""Every command with only the packages that the image has.

The image leaves out what requirements/not-in-image.txt lists. If one of these tests fails after an
update of the CDK, the CDK needs one of these packages now, or doesn't depend on it any more: change
that list. Needs no container engine; test_image.py tests the image itself.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import orjson
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from integration_tests.confluence_emulator import Emulator, Fault, SiteSpec
from integration_tests.conftest import config_for, connector_for
from integration_tests.connector import LONGEST_RUN, Connector, Json, Run, catalog_of
from integration_tests.image_packages import in_image, left_out, link_packages, locked
from integration_tests.test_every_stream import BEST, FULL, STREAMS, assert_exact, wanted
from integration_tests.truth import assert_same, key_of

RUN = "from source_confluence.run import run; run()"
CATALOG = "from source_confluence.airbyte.configured_catalog import main; main()"
NAMES = """
import json, sys
from importlib.metadata import distributions
from importlib.util import find_spec
found = [name for name in sys.argv[1:] if find_spec(name)]
print(json.dumps({"packages": [one.name for one in distributions()], "found": found}))
"""
LOADED = """
import json, pkgutil, sys
import source_confluence
for module in pkgutil.walk_packages(source_confluence.__path__, "source_confluence."):
    if not module.name.endswith("__main__"):
        __import__(module.name)
files = {name: getattr(module, "__file__", None) for name, module in sys.modules.items()}
print(json.dumps(files))
"""
IMPORTED_LATER = {
    # For a stream whose responses are files; only sources that a manifest declares have one.
    ("airbyte_cdk.sources.declarative.extractors.response_to_file_extractor", "pandas"),
}
"""Imports inside functions that we never call: the module, and what it would import."""


class BareConnector(Connector):
    """Runs the connector with nothing but the standard library and the packages of a folder."""

    def __init__(self, packages: Path, folder: Path, config: Json) -> None:
        super().__init__(folder, config)
        self.packages = packages

    def run(self, *arguments: str) -> Run:
        """Run what the console script runs."""
        return self.execute(RUN, *arguments)

    def execute(self, code: str, *arguments: str) -> Run:
        """Run a piece of Python."""
        # -S: without site-packages.
        done = subprocess.run(
            [sys.executable, "-S", "-c", code, *arguments],
            capture_output=True,
            cwd=self.folder,
            env={"PYTHONPATH": str(self.packages)},
            timeout=LONGEST_RUN,
            check=False,
        )
        return Run(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages")
    link_packages(folder)
    return folder


@pytest.fixture(scope="module")
def site() -> Iterator[Emulator]:
    with Emulator(SiteSpec()) as running:
        yield running


@pytest.fixture
def bare(packages: Path, site: Emulator, tmp_path: Path) -> BareConnector:
    return BareConnector(packages, tmp_path, config_for(site))


def imported_as(names: set[str]) -> set[str]:
    """Return what one imports from packages and from no other, such as `google`."""
    return {
        module
        for module, owners in packages_distributions().items()
        if {canonicalize_name(owner) for owner in owners} <= names
    }


def test_each_package_is_a_dependency() -> None:
    assert left_out()
    assert left_out() <= locked()


def test_only_the_cdk_and_they_themselves_depend_on_them() -> None:
    needed = {
        (name, canonicalize_name(requirement.name))
        for name, package in in_image().items()
        if name != "airbyte-cdk"
        for requirement in map(Requirement, package.requires or ())
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    }

    assert {(name, other) for name, other in needed if other in left_out()} == set()


def test_these_tests_run_without_them(bare: BareConnector) -> None:
    names = imported_as(left_out())
    assert {"pandas", "google", "grpc", "rich"} <= names

    run = bare.execute(NAMES, *names)

    (found,) = run.messages
    assert {canonicalize_name(name) for name in found["packages"]} == in_image().keys()
    assert found["found"] == []


def test_no_module_that_is_loaded_imports_them_later(bare: BareConnector) -> None:
    run = bare.execute(LOADED)
    assert run.returncode == 0, run.stderr.decode()
    (files,) = run.messages
    names = imported_as(left_out())

    later = {
        (module, name)
        for module, file in files.items()
        if file is not None and file.endswith(".py")
        for name in imports_of(Path(file))
        if name in names
    }

    assert later == IMPORTED_LATER


def imports_of(file: Path) -> Iterator[str]:
    """Yield the first name of every module that a file imports anywhere."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def assert_same_messages(run: Run, other: Run) -> None:
    """Assert that two runs printed the same, except for their logs."""
    assert run.returncode == other.returncode, run.stderr.decode()
    messages = [[m for m in one.messages if m["type"] != "LOG"] for one in (run, other)]
    assert messages[0]
    assert messages[0] == messages[1]


def test_spec(bare: BareConnector, tmp_path: Path) -> None:
    assert_same_messages(bare.spec(), Connector(tmp_path, {}).spec())


def test_check(bare: BareConnector) -> None:
    assert bare.check().connection_status == {"status": "SUCCEEDED"}


@pytest.mark.parametrize("changes", [{"api_token": "wrong"}, {"start_date": "yesterday"}])
def test_check_of_a_bad_config(bare: BareConnector, changes: Json) -> None:
    (field,) = changes

    status = bare.check(**changes).connection_status

    assert status["status"] == "FAILED"
    assert field in status["message"]


def test_discover(bare: BareConnector, site: Emulator, tmp_path: Path) -> None:
    assert_same_messages(bare.discover(), connector_for(site, tmp_path).discover())


def test_cost(bare: BareConnector) -> None:
    run = bare.run("cost", "--config", bare.write("config", bare.config))

    assert run.returncode == 0, run.stderr.decode()
    assert run.stdout.splitlines()[0].split() == [b"first", b"sync", b"later", b"sync"]


def test_full_refresh_of_every_stream(bare: BareConnector, site: Emulator) -> None:
    run = bare.read(catalog_of(FULL))

    assert run.returncode == 0, run.errors
    assert run.statuses == dict.fromkeys(FULL, "COMPLETE")
    for stream in FULL:
        assert run.records[stream], "the site has no records: nothing is tested"
        assert_exact(site, run, stream)


def test_incremental_reads_of_every_stream(packages: Path, tmp_path: Path) -> None:
    with Emulator(SiteSpec()) as site:
        bare = BareConnector(packages, tmp_path, config_for(site))
        first = bare.read(catalog_of(BEST))
        edited = {page["id"] for page in first.records["pages"][:3]}
        for page in edited:
            site.mutations.edit("page", page)

        second = bare.read(catalog_of(BEST), first.states.values())

        assert second.returncode == 0, second.errors
        assert edited <= {page["id"] for page in second.records["pages"]}
        for stream, mode in BEST.items():
            runs = (first, second) if mode == "incremental" else (second,)
            key = STREAMS[stream].key
            latest = {key_of(r, key): r for run in runs for r in run.records[stream]}
            assert_same(latest.values(), wanted(site, stream), key)


def test_requests_that_fail_or_are_denied(packages: Path, tmp_path: Path) -> None:
    with Emulator(SiteSpec()) as site:
        site.faults.add(Fault("/blogposts", status=400, times=None))
        site.faults.add(Fault("/attachments", kind="truncated_json", times=1))
        site.faults.add(Fault("/wiki/rest/api/audit", status=403, times=None))
        site.faults.add(Fault("/spaces", kind="reset", times=1))
        modes = {name: FULL[name] for name in ("space", "blog_posts", "attachments", "audit")}

        run = BareConnector(packages, tmp_path, config_for(site)).read(catalog_of(modes))

        assert run.returncode == 1
        assert run.errors_of("blog_posts")
        assert run.statuses["blog_posts"] == "INCOMPLETE"
        assert run.warnings_about("audit")
        for stream in ("space", "attachments"):
            assert_exact(site, run, stream)


def test_a_bad_config_and_a_bad_catalog_fail_read(bare: BareConnector) -> None:
    config = bare.read(catalog_of(FULL), num_workers=0)
    catalog = bare.read({"streams": [{"stream": {"name": "pages"}}]})

    for run in (config, catalog):
        assert run.returncode == 1
        assert {error["failure_type"] for error in run.errors} == {"config_error"}


def test_a_wrong_command_line_prints_its_usage(bare: BareConnector) -> None:
    run = bare.run("read")

    assert run.returncode == 2
    assert b"--config" in run.stderr


def test_the_version(bare: BareConnector, tmp_path: Path) -> None:
    run = bare.run("--version")

    assert run.returncode == 0
    assert run.stdout == Connector(tmp_path, {}).run("--version").stdout


def test_the_configured_catalog(bare: BareConnector) -> None:
    run = bare.execute(CATALOG, "pages", "space")

    assert run.returncode == 0, run.stderr.decode()
    catalog = orjson.loads(run.stdout)
    assert {one["stream"]["name"] for one in catalog["streams"]} == {"pages", "space"}
