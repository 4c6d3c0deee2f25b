"""Every request that we make is one that Atlassian's documents describe."""

from __future__ import annotations

from integration_tests.confluence_emulator import Emulator
from integration_tests.connector import Connector, catalog_of
from integration_tests.openapi import open_api
from integration_tests.truth import MODES, STREAMS


def test_requests_name_only_documented_parameters(emulator: Emulator, connector: Connector) -> None:
    documents = open_api()
    some_key = emulator.expected("space")[0]["key"]
    connector.check(space_keys=[some_key])
    first = connector.read(catalog_of(MODES))
    connector.read(catalog_of(MODES), first.states.values(), start_date="2024-01-01T00:00:00Z")
    connector.read(
        catalog_of(dict.fromkeys(STREAMS, "full_refresh")),
        space_keys=[some_key],
        content_statuses=["current", "archived", "trashed"],
        body_format="atlas_doc_format",
    )

    problems = {
        problem
        for request in emulator.requests
        for problem in documents.check_request(request.method, request.path, request.query)
    }
    assert len(emulator.requests) > 40
    assert not problems
