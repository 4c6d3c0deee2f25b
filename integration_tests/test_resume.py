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

        first_sync = state["stream"]["stream_state"]["firstSync"]
        up_to = int(first_sync["upTo"])
        from_on = int(first_sync.get("fromOn", 10**18))
        second = connector.read(catalog, [state])

        assert second.returncode == 0
        read_again = {page["id"] for page in second.records["pages"]}
        assert all(up_to < int(page_id) < from_on for page_id in read_again)
        assert len(read_again) < len(wanted) / 2
        union = {page["id"]: page for page in [*read_before, *second.records["pages"]]}
        assert_same(union.values(), wanted)
        assert "firstSync" not in second.state_of("pages")
