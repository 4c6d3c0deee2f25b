"""A first sync that is killed halfway."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from integration_tests.confluence_emulator import Emulator, Settings, SiteSpec
from integration_tests.conftest import connector_for
from integration_tests.connector import catalog_of
from integration_tests.truth import assert_same, expected


def test_a_killed_first_sync_continues_from_its_last_state(tmp_path: Path) -> None:
    with Emulator(SiteSpec(pages=6000, spaces=40), Settings(latency=0.1)) as emulator:
        connector = connector_for(emulator, tmp_path)
        catalog = catalog_of({"pages": "incremental"})
        wanted = expected(emulator, "pages")
        read_before: list[dict[str, Any]] = []
        state: dict[str, Any] = {}

        process = connector.start(*connector.read_arguments(catalog, num_workers=4))
        try:
            assert process.stdout is not None
            for line in process.stdout:
                message = orjson.loads(line)
                if message["type"] == "RECORD":
                    read_before.append(message["record"]["data"])
                elif message["type"] == "STATE":
                    state = message["state"]
                    if len(read_before) > len(wanted) / 2:
                        break
        finally:
            process.kill()
            process.communicate()

        done = set(state["stream"]["stream_state"]["firstSync"]["doneSpaceIds"])
        emulator.requests.clear()
        second = connector.read(catalog, [state])

        requested = {
            space_id
            for request in emulator.requests
            for value in request.query.get("space-id", [])
            for space_id in value.split(",")
        }
        assert second.returncode == 0
        assert done
        assert not requested & done
        union = {page["id"]: page for page in [*read_before, *second.records["pages"]]}
        assert_same(union.values(), wanted)
        assert list(second.state_of("pages")) == ["lastModifiedAt"]
