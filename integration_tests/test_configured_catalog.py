"""The commands of examples/README.md, in a shell."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import orjson
import pytest

from integration_tests.confluence_emulator import Emulator, SiteSpec
from integration_tests.conftest import connector_for, forked_for
from integration_tests.connector import CONSOLE_SCRIPT, LONGEST_RUN, Run
from integration_tests.truth import assert_same, expected

DOCUMENT = Path(__file__).parents[1] / "examples" / "README.md"
COMMAND = CONSOLE_SCRIPT.parent / "source-confluence-catalog"
KEYS = {"pages": ["id"], "page_labels": ["pageId", "id"], "users": ["accountId"]}


@pytest.fixture
def emulator() -> Emulator:
    """A small site: every stream of it is read."""
    return Emulator(SiteSpec(pages=40, blog_posts=10))


def in_shell(commands: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    """Run the commands as a user who has activated the environment."""
    path = f"{CONSOLE_SCRIPT.parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["sh", "-euc", commands],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        timeout=LONGEST_RUN,
        check=False,
    )


def messages_in(path: Path) -> Run:
    return Run(0, path.read_bytes(), b"")


def test_the_commands_as_printed(emulator: Emulator, tmp_path: Path) -> None:
    first, second = re.findall(r"(?ms)^```sh\n(.*?)^```$", DOCUMENT.read_text())
    with emulator:
        secrets = tmp_path / "secrets"
        secrets.mkdir()
        connector = connector_for(emulator, secrets)
        connector.write("config", connector.config)

        assert in_shell(first, tmp_path).returncode == 0
        read = messages_in(tmp_path / "messages.jsonl")
        for stream, key in KEYS.items():
            assert_same(read.records[stream], expected(emulator, stream, named_by=KEYS), key)

        edited = read.records["pages"][0]["id"]
        emulator.mutate("edit", kind="page", content_id=edited)
        assert in_shell(second, tmp_path).returncode == 0
        again = messages_in(tmp_path / "more.jsonl")
        came = [page["id"] for page in again.records["pages"]]
        assert edited in came
        assert len(came) < 5 < len(read.records["pages"])
        users = expected(emulator, "users", named_by=KEYS)
        assert_same(again.records["users"], users, KEYS["users"])


def test_every_stream_can_be_read_with_it(emulator: Emulator, tmp_path: Path) -> None:
    with emulator:
        made = subprocess.run([COMMAND], capture_output=True, timeout=LONGEST_RUN, check=True)

        run = forked_for(emulator, tmp_path).read(orjson.loads(made.stdout))

        assert run.returncode == 0
        assert len(run.statuses) > 50
        assert set(run.statuses.values()) == {"COMPLETE"}
        assert set(run.records) == set(run.statuses)
