"""The site has properties with values of every JSON type, and PostgreSQL to store them can run."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from integration_tests.confluence_emulator import Emulator, SiteSpec
from integration_tests.postgres import HOST, Postgres, programs
from integration_tests.truth import all_streams

PROPERTIES = [name for name in all_streams() if name.endswith("_properties")]
EVERY_TYPE = {str, int, float, bool, type(None), list, dict}


@pytest.mark.parametrize("stream", PROPERTIES)
def test_the_values_of_properties_have_every_json_type(stream: str) -> None:
    with Emulator(SiteSpec()) as emulator:
        values = [record["value"] for record in emulator.expected(stream)]

    assert {type(value) for value in values} == EVERY_TYPE


def test_a_server_runs_while_its_context_is_open() -> None:
    folder = programs(Path(sys.executable))
    if folder is None:
        pytest.skip("PostgreSQL is neither a package of this Python nor installed on the system")
    with Postgres(folder) as server, socket.create_connection((HOST, server.port), timeout=10):
        pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, server.port), timeout=10)


def test_a_server_that_cannot_start_is_an_error() -> None:
    with pytest.raises((RuntimeError, OSError)), Postgres(Path("/nowhere")):
        pass
