"""Atlassian's OpenAPI documents describe every request that the connector makes."""

from __future__ import annotations

from pathlib import Path

from integration_tests.confluence_emulator import Emulator, SiteSpec
from integration_tests.conftest import forked_for
from integration_tests.connector import catalog_of
from integration_tests.openapi import open_api
from integration_tests.truth import all_streams

CONTENT = ("pages", "blog_posts", "custom_content", "attachments", "group", "audit")


def test_requests_have_only_documented_parameters(tmp_path: Path) -> None:
    documents = open_api()
    streams = all_streams()
    full = dict.fromkeys(streams, "full_refresh")
    best = full | {n: "incremental" for n, one in streams.items() if one.supports_incremental}
    # The sizes beyond which the pages are partitioned and lists have several pages of results.
    with Emulator(SiteSpec(pages=1600, spaces=12, custom_content=300)) as emulator:
        content = catalog_of({name: best[name] for name in CONTENT})
        connector = forked_for(emulator, tmp_path)
        connector.read(content)
        connector.run("cost", "--config", connector.write("config", connector.config))
        requests = list(emulator.requests)
    with Emulator(SiteSpec(pages=60, blog_posts=15)) as emulator:
        connector = forked_for(emulator, tmp_path)
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
        requests += emulator.requests

    problems = {
        problem
        for request in requests
        for problem in documents.check_request(request.method, request.path, request.query)
    }
    assert len(requests) > 40
    # The document declares the ids of attachments as numbers; they begin with "att".
    assert not {problem for problem in problems if not problem.startswith("id: 'att")}
