"""Every request that we make is one that Atlassian's documents describe."""

from __future__ import annotations

from integration_tests.confluence_emulator import Emulator
from integration_tests.connector import Connector, catalog_of
from integration_tests.openapi import open_api
from integration_tests.truth import all_streams


def test_requests_name_only_documented_parameters(emulator: Emulator, connector: Connector) -> None:
    documents = open_api()
    streams = all_streams()
    full = dict.fromkeys(streams, "full_refresh")
    best = full | {n: "incremental" for n, one in streams.items() if one.supports_incremental}
    some_key = emulator.expected("space")[0]["key"]
    connector.check(space_keys=[some_key])
    first = connector.read(catalog_of(best))
    connector.read(catalog_of(best), first.states.values(), start_date="2024-01-01T00:00:00Z")
    connector.read(
        catalog_of(full),
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
    # The document takes the ids of attachments for numbers; they begin with "att".
    assert not {problem for problem in problems if not problem.startswith("id: 'att")}
