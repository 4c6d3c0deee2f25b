"""Versions: requested only for parents with several, and later for those that changed."""

from __future__ import annotations

from typing import Any

import pytest

from unit_tests.fake_site import FakeSite, Json, page
from unit_tests.fakes import Setup, make_setup
from unit_tests.run_sync import entry, run_sync

SINCE = "2025-05-01T00:00:00.000Z"
VERSIONS = [entry("page_versions")]
STATE = {"page_versions": {"lastModifiedAt": SINCE}}


def day(number: int, month: int = 5) -> str:
    return f"2025-{month:02d}-{number:02d}T00:00:00.000Z"


def versions(*dates: str) -> list[Json]:
    """Return the versions of one page, newest first, created at `dates`."""
    return [
        {"number": len(dates) - at, "createdAt": date, "message": ""}
        for at, date in enumerate(dates)
    ]


def with_versions(site: FakeSite, content_id: int, *dates: str, **more: Any) -> Json:
    history = versions(*dates)
    site.lists[f"pages/{content_id}/versions"] = history
    return {**page(content_id), "version": dict(history[0]), **more}


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    """Old pages, a changed one, a new one."""
    site.pages = [
        with_versions(site, 1, day(1, 3), day(1, 2)),
        with_versions(site, 2, day(1, 2)),
        with_versions(site, 3, day(9), day(2), day(1, 4), day(1, 3)),
        with_versions(site, 4, day(8)),
    ]
    return site


def keys(records: list[Json]) -> list[tuple[str, int]]:
    return sorted((record["pageId"], record["number"]) for record in records)


def test_a_first_sync_reads_all_versions_with_their_cursor_field(
    site: FakeSite, setup: Setup
) -> None:
    outcome = run_sync(setup, VERSIONS)

    records = outcome.records("page_versions")
    assert keys(records) == [
        *(("1", 1), ("1", 2), ("2", 1)),
        *(("3", 1), ("3", 2), ("3", 3), ("3", 4), ("4", 1)),
    ]
    assert all(record["lastModifiedAt"] == record["createdAt"] for record in records)
    assert {"pageId": "2", "message": "", "number": 1, "createdAt": day(1, 2)}.items() <= next(
        record for record in records if record["pageId"] == "2"
    ).items()
    assert [name for name in site.endpoints() if "versions" in name] == [
        "pages/1/versions",
        "pages/3/versions",
    ]
    assert outcome.states("page_versions")[-1] == {"lastModifiedAt": day(9)}


def test_an_incremental_sync_requests_only_changed_pages(site: FakeSite, setup: Setup) -> None:
    outcome = run_sync(setup, VERSIONS, STATE)

    assert keys(outcome.records("page_versions")) == [("3", 3), ("3", 4), ("4", 1)]
    requested = sorted(name for name, _ in site.requests_besides("spaces"))
    assert requested == ["pages", "pages/3/versions"]
    assert site.requests_to("pages")[0]["sort"] == "-modified-date"
    assert "body-format" not in site.requests_to("pages")[0]
    assert outcome.states("page_versions") == [{"lastModifiedAt": day(9)}]


def test_a_sync_without_changes_sends_one_request(site: FakeSite, setup: Setup) -> None:
    state = {"page_versions": {"lastModifiedAt": day(20)}}

    outcome = run_sync(setup, VERSIONS, state)

    assert outcome.records("page_versions") == []
    assert [name for name, _ in site.requests_besides("spaces")] == ["pages"]
    assert outcome.states("page_versions") == [state["page_versions"]]


def test_a_long_history_is_read_to_its_first_old_page_of_results(
    site: FakeSite, setup: Setup
) -> None:
    new, old = [day(number) for number in range(28, 8, -1)], [day(1, 1)] * 600
    site.pages = [with_versions(site, 3, *new, *old)]

    records = run_sync(setup, VERSIONS, STATE).records("page_versions")

    assert [record["createdAt"] for record in records] == new
    assert site.requests_to("pages/3/versions") == [{"sort": "-modified-date", "limit": "250"}]


def test_start_date_excludes_older_versions(site: FakeSite) -> None:
    setup = make_setup(start_date=day(1, 4))

    outcome = run_sync(setup, VERSIONS)

    assert keys(outcome.records("page_versions")) == [("3", 2), ("3", 3), ("3", 4), ("4", 1)]
    assert [name for name in site.endpoints() if "versions" in name] == ["pages/3/versions"]


def test_the_list_of_changes_is_read_to_its_first_old_page_of_results(
    site: FakeSite, setup: Setup
) -> None:
    site.pages += [with_versions(site, number, day(1, 1)) for number in range(10, 800)]

    run_sync(setup, VERSIONS, STATE)

    assert len(site.requests_to("pages")) == 1


def test_incremental_versions_are_not_in_batches(site: FakeSite, setup: Setup) -> None:
    entries = [*VERSIONS, entry("page_likes"), entry("page_content_properties")]

    outcome = run_sync(setup, entries, STATE)

    assert keys(outcome.records("page_versions")) == [("3", 3), ("3", 4), ("4", 1)]
    included = [sorted(params) for name, params in site.requests if name in ("pages/1", "pages/3")]
    assert included == [["include-likes", "include-properties"]] * 2


@pytest.mark.parametrize(
    ("stream", "endpoint", "parent_key"),
    [
        ("blog_post_versions", "blogposts", "blogPostId"),
        ("attachment_versions", "attachments", "attachmentId"),
        ("footer_comment_versions", "footer-comments", "commentId"),
        ("inline_comment_versions", "inline-comments", "commentId"),
        ("custom_content_versions", "custom-content", "customContentId"),
    ],
)
@pytest.mark.parametrize("state", [None, {"lastModifiedAt": SINCE}])
def test_versions_of_all_kinds_are_read(
    site: FakeSite, stream: str, endpoint: str, parent_key: str, state: Json | None
) -> None:
    setup = make_setup(custom_content_types=["ac:app:thing"])
    parents = [
        {**page(1), "version": versions(day(2), day(1))[0], "type": "ac:app:thing"},
        {**page(2), "type": "ac:app:thing"},
    ]
    if endpoint == "blogposts":
        site.blogposts = parents
    else:
        site.lists[endpoint] = parents
    site.lists[f"{endpoint}/1/versions"] = versions(day(2), day(1))

    outcome = run_sync(setup, [entry(stream)], {stream: state} if state else {})

    found = sorted((r[parent_key], r["number"]) for r in outcome.records(stream))
    assert found == [("1", 1), ("1", 2)] + ([] if state else [("2", 1)])
    assert len(site.requests_to(f"{endpoint}/1/versions")) == 1
    assert site.requests_to(f"{endpoint}/2/versions") == []


def test_a_row_that_is_no_version_is_named_although_the_list_ends_early(site: FakeSite) -> None:
    changed = "2025-06-01T11:58:00.000Z"
    site.pages = [page(1, changed, version={"number": 30, "createdAt": changed})]
    old = [{"number": n, "createdAt": "2020-01-01T00:00:00.000Z"} for n in range(29, 0, -1)]
    rows = [{"number": 30, "createdAt": changed}, None, *old]
    more = {"next": "/wiki/x?cursor=31"}
    site.faults["pages/1/versions"] = lambda _: (200, {"results": rows, "_links": more})
    state = {"page_versions": {"lastModifiedAt": "2025-06-01T11:00:00.000Z"}}

    outcome = run_sync(make_setup(), [entry("page_versions")], state)

    assert [one["number"] for one in outcome.records("page_versions")] == [30]
    assert outcome.statuses("page_versions")[-1] == "INCOMPLETE"
