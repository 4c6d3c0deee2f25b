"""Tasks: in full, and changes in three ways."""

from __future__ import annotations

from typing import Any

import pytest

from unit_tests.fake_site import FakeSite, Json, ids, page, space
from unit_tests.fakes import make_setup
from unit_tests.run_sync import Outcome, entry, run_sync

SINCE = "2025-05-01T00:00:00.000Z"
SINCE_MS = 1746057600000
STATE = {"tasks": {"updatedAt": SINCE}}


def task(task_id: int, created: str = "2025-01-01T00:00:00.000Z", **more: Any) -> Json:
    return {
        "id": str(task_id),
        "status": "incomplete",
        "spaceId": "1",
        "pageId": "1",
        "createdAt": created,
        "updatedAt": created,
        "completedAt": None,
        **more,
    }


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    """Tasks on two pages and a blog post in two spaces."""
    site.spaces = [space(1), space(2)]
    site.pages = [page(1), page(2, spaceId="2")]
    site.blogposts = [page(3)]
    site.lists["tasks"] = [
        task(1),
        task(2, "2025-02-01T00:00:00.000Z", pageId="2", spaceId="2"),
        task(3, pageId=None, blogPostId="3"),
    ]
    return site


def read(states: dict[str, Json] | None = None, **config: Any) -> Outcome:
    return run_sync(make_setup(**config), [entry("tasks")], states)


def test_a_first_sync_is_one_list(site: FakeSite) -> None:
    outcome = read()

    assert outcome.records("tasks") == site.lists["tasks"]
    assert site.requests_besides("spaces") == [
        ("tasks", {"body-format": "storage", "limit": "250"})
    ]
    assert outcome.states("tasks") == [{"updatedAt": "2025-02-01T00:00:00.000Z"}]


def test_bodies_can_be_left_out(site: FakeSite) -> None:
    read(body_format="none")

    assert site.requests_besides("spaces") == [("tasks", {"limit": "250"})]


def test_an_incremental_sync_reads_changes_in_three_ways(
    site: FakeSite,
) -> None:
    late = "2025-05-20T00:00:00.000Z"
    site.pages[0]["version"] = {"number": 2, "createdAt": late}
    site.blogposts[0]["version"] = {"number": 2, "createdAt": late}
    site.lists["tasks"] += [
        task(4, late, pageId="2", spaceId="2"),
        task(5, completedAt=late, updatedAt=late, status="complete", pageId="2"),
        task(6, late, completedAt=late),
    ]

    outcome = read(STATE)

    assert ids(outcome.records("tasks")) == ["4", "6", "5", "1", "3"]
    since = str(SINCE_MS - 600_000)
    common = {"body-format": "storage", "limit": "250"}
    assert site.requests_to("tasks") == [
        {"created-at-from": since, **common},
        {"completed-at-from": since, **common},
        {"page-id": "1", **common},
        {"blogpost-id": "3", **common},
    ]
    for kind in ("pages", "blogposts"):
        assert [params["sort"] for params in site.requests_to(kind)] == ["-modified-date"]
        assert "body-format" not in site.requests_to(kind)[0]
    assert outcome.states("tasks") == [{"updatedAt": late}]


def test_a_sync_without_changes_sends_four_requests(site: FakeSite) -> None:
    outcome = read(STATE)

    assert outcome.records("tasks") == []
    requested = sorted(name for name, _ in site.requests_besides("spaces"))
    assert requested == ["blogposts", "pages", "tasks", "tasks"]
    assert outcome.states("tasks") == [STATE["tasks"]]


def test_tasks_of_many_changed_pages_are_requested_250_pages_at_a_time(site: FakeSite) -> None:
    site.pages = [page(number, SINCE) for number in range(1, 601)]
    site.lists["tasks"] = [task(number, pageId=str(number)) for number in range(1, 601)]

    outcome = read(STATE)

    assert len(outcome.records("tasks")) == 600
    batches = [p["page-id"] for p in site.requests_to("tasks") if "page-id" in p]
    assert sorted({len(part.split(",")) for part in batches}) == [100, 250]
    assert len(site.requests_to("tasks")) < 10


def test_tasks_and_versions_share_the_list_of_changes(site: FakeSite) -> None:
    site.pages[0]["version"] = {"number": 1, "createdAt": "2025-05-20T00:00:00.000Z"}
    states = {**STATE, "page_versions": {"lastModifiedAt": SINCE}}

    run_sync(make_setup(), [entry("tasks"), entry("page_versions")], states)

    assert len(site.requests_to("pages")) == 1


def test_tasks_of_few_spaces_are_requested_by_space(site: FakeSite) -> None:
    outcome = read(space_keys=["S1"])

    assert ids(outcome.records("tasks")) == ["1", "3"]
    assert [params["space-id"] for params in site.requests_to("tasks")] == ["1"]


def test_tasks_of_many_spaces_are_filtered(site: FakeSite) -> None:
    site.spaces = [space(number) for number in range(1, 103)]

    outcome = read(excluded_space_keys=["S2"])

    assert ids(outcome.records("tasks")) == ["1", "3"]
    assert "space-id" not in site.requests_to("tasks")[0]


def test_filters_apply_to_an_incremental_sync(site: FakeSite) -> None:
    site.lists["tasks"] = [
        task(4, SINCE),
        task(5, SINCE, spaceId="2", pageId="2"),
    ]

    assert ids(read(STATE, space_keys=["S1"]).records("tasks")) == ["4"]


def test_cql_selects_tasks_by_their_container(site: FakeSite) -> None:
    site.found['type=page and (label = "x")'] = [{"id": "2"}]
    site.found['type=blogpost and (label = "x")'] = [{"id": "3"}]

    assert ids(read(cql='label = "x"').records("tasks")) == ["2", "3"]


@pytest.mark.parametrize(
    ("start_date", "wanted"),
    [
        ("2025-01-01T00:00:00Z", ["1", "2", "3"]),
        ("2025-02-01T00:00:00Z", ["2"]),
        ("2025-02-01T00:00:01Z", []),
    ],
)
@pytest.mark.usefixtures("site")
def test_start_date_excludes_older_tasks(start_date: str, wanted: list[str]) -> None:
    assert ids(read(start_date=start_date).records("tasks")) == wanted


def test_a_task_without_a_usable_date_is_a_record(site: FakeSite) -> None:
    site.lists["tasks"] = [task(1, updatedAt=None), task(2, updatedAt="once upon a time")]

    assert ids(read(start_date="2025-02-01T00:00:00Z").records("tasks")) == ["1", "2"]


def test_a_task_without_an_id_is_a_record(site: FakeSite) -> None:
    nameless = {"createdAt": SINCE, "updatedAt": SINCE, "pageId": "1"}
    site.lists["tasks"] = [nameless]

    assert read(STATE).records("tasks") == [nameless]


@pytest.mark.parametrize(
    ("statuses", "pages", "blog_posts"),
    [
        (["current"], "current,archived", "current"),
        (["archived"], "current,archived", "current"),
        (["trashed"], "current,archived,trashed", "current,trashed"),
        (["archived", "current"], "archived,current", "current"),
    ],
)
def test_tasks_of_changed_content_are_read_in_every_status(
    site: FakeSite, statuses: list[str], pages: str, blog_posts: str
) -> None:
    """As in a first sync: no list of tasks depends on the status of the container."""
    late = {"number": 2, "createdAt": "2025-05-20T00:00:00.000Z"}
    site.pages = [page(1, version=late), page(2, version=late, status="archived")]
    site.blogposts[0]["version"] = late

    outcome = read(STATE, content_statuses=statuses)

    assert ids(outcome.records("tasks")) == ["1", "2", "3"]
    assert [params["status"] for params in site.requests_to("pages")] == [pages]
    assert [params["status"] for params in site.requests_to("blogposts")] == [blog_posts]


@pytest.mark.parametrize(("statuses", "lists"), [(["current", "archived"], 1), (["current"], 2)])
def test_a_list_of_changes_is_shared_only_if_it_has_the_same_statuses(
    site: FakeSite, statuses: list[str], lists: int
) -> None:
    states = {**STATE, "page_versions": {"lastModifiedAt": SINCE}}
    setup = make_setup(content_statuses=statuses)
    site.pages[1]["status"] = "archived"
    for one in site.pages:
        one["version"]["createdAt"] = "2025-05-20T00:00:00.000Z"

    outcome = run_sync(setup, [entry("tasks"), entry("page_versions")], states)

    assert len(site.requests_to("pages")) == lists
    versions = {record["pageId"] for record in outcome.records("page_versions")}
    assert versions == ({"1", "2"} if "archived" in statuses else {"1"})
