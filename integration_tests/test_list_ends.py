"""Lists whose server says the wrong thing about their end, or ignores where to continue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_tests.confluence_emulator import Emulator, Fault, SiteSpec
from integration_tests.conftest import forked_for
from integration_tests.connector import Run, catalog_of
from integration_tests.truth import all_streams, assert_same, expected

STREAMS = all_streams()
V1_LISTS = (
    "group",
    "group_members",
    "users",
    "audit",
    "templates",
    "space_watchers",
    "page_watchers",
)
V1 = "/rest/api/(group|search/user|audit|template|space/.*watch|content/.*notification)"
CIRCLED = {
    "attachments": "/attachments",
    "tasks": "/tasks",
    "labels": "/labels[?]",
    "group": "/group[?]",
    "users": "/search/user",
    "audit": "/audit",
}


@pytest.fixture(scope="module")
def large() -> Iterator[Emulator]:
    """A site with several pages of results in each list of REST v1."""
    spec = SiteSpec(
        groups=320,
        audit_records=2600,
        users=540,
        templates=60,
        attachments=600,
        labels=600,
        tasks=600,
    )
    with Emulator(spec) as running:
        yield running


@pytest.fixture
def site(large: Emulator) -> Iterator[Emulator]:
    """That site, without faults afterwards."""
    yield large
    large.reset()


def read(site: Emulator, folder: Path, *streams: str) -> Run:
    return forked_for(site, folder).read(catalog_of(dict.fromkeys(streams, "full_refresh")))


def assert_whole(site: Emulator, run: Run, *streams: str) -> None:
    for stream in streams:
        wanted = expected(site, stream, named_by=streams)
        assert_same(run.records[stream], wanted, STREAMS[stream].key)


def test_lists_without_a_next_are_read_to_their_end(site: Emulator, tmp_path: Path) -> None:
    run = read(site, tmp_path, *V1_LISTS)

    assert run.returncode == 0
    assert_whole(site, run, *V1_LISTS)
    assert len(run.records["users"]) > 540


@pytest.mark.parametrize("cap", [25, 100])
def test_a_limit_that_is_lowered_in_silence_ends_no_list(
    site: Emulator, tmp_path: Path, cap: int
) -> None:
    site.add_fault(Fault(V1, kind="limit_echoed", amount=cap, times=None))

    run = read(site, tmp_path, *V1_LISTS)

    assert run.returncode == 0
    assert_whole(site, run, *V1_LISTS)


def test_most_parents_cost_one_request(site: Emulator, tmp_path: Path) -> None:
    """A second one is sent only after as many rows as servers usually lower the limit to."""
    run = read(site, tmp_path, "group_members", "page_watchers")

    caps = (25, 50, 100, 200, 250, 500, 1000)
    for stream, parents, path in (
        ("group_members", "group", "membersByGroupId"),
        ("page_watchers", "pages", "child-created"),
    ):
        field = {"group": "groupId", "pages": "pageId"}[parents]
        counts = [0] * len(expected(site, parents))
        sizes: dict[str, int] = {}
        for record in run.records[stream]:
            sizes[record[field]] = sizes.get(record[field], 0) + 1
        more = sum(size // 200 + (size % 200 in caps) for size in sizes.values())
        sent = sum(n for name, n in site.requests.counts().items() if name.endswith(path))
        assert sent <= len(counts) + more


@pytest.mark.parametrize(("stream", "path"), CIRCLED.items(), ids=CIRCLED.keys())
def test_a_server_that_ignores_where_to_continue_fails_the_stream(
    site: Emulator, tmp_path: Path, stream: str, path: str
) -> None:
    site.add_fault(Fault(path, kind="start_ignored", times=None))

    run = read(site, tmp_path, stream)

    assert run.returncode == 1
    assert run.statuses[stream] == "INCOMPLETE"
    assert set(run.errors_of(stream).values()) == {"system_error"}
    assert len(site.requests) < 20


def test_rows_that_are_no_objects_are_counted_and_fail_only_their_list(
    site: Emulator, tmp_path: Path
) -> None:
    lists = {"labels": "/labels[?]", "group": "/group[?]", "audit": "/audit", "tasks": "/tasks"}
    for path in lists.values():
        site.add_fault(Fault(path, kind="odd_rows", times=1))

    run = read(site, tmp_path, *lists, "space_roles")

    assert run.returncode == 1
    assert_whole(site, run, *lists, "space_roles")
    for stream in lists:
        assert run.statuses[stream] == "INCOMPLETE"
        assert run.warnings_about("4", "rows", stream)
    assert run.statuses["space_roles"] == "COMPLETE"
