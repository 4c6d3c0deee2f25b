"""Content that only a search lists, and the config's CQL."""

from __future__ import annotations

from typing import Any

import pytest
from airbyte_cdk.models import SyncMode

from source_confluence.confluence.errors import ConfigError
from source_confluence.streams.kinds import BLOG_POST, PAGE
from unit_tests.fake_site import FakeSite, Json, always, ids, page, space
from unit_tests.fakes import Setup, make_setup
from unit_tests.run_sync import entry, read_whole, run_sync, streams_of, sync_of

KINDS = {
    "whiteboards": "whiteboard",
    "databases": "database",
    "folders": "folder",
    "embeds": "embed",
}
MODIFIED = "2025-03-03T00:00:00.000Z"


def add(site: FakeSite, name: str, *elements: Json, cql: str | None = None) -> None:
    site.found[cql or f"type={KINDS[name]}"] = [{"id": one["id"]} for one in elements]
    site.lists[name] += elements


def read(name: str, **config: Any) -> list[Json]:
    return read_whole(streams_of(make_setup(**config))[name])


@pytest.mark.parametrize("name", KINDS)
def test_results_are_requested_by_id(site: FakeSite, name: str) -> None:
    add(site, name, *(page(number, MODIFIED, title="T") for number in (1, 2, 3)))

    records = read(name)

    assert ids(records) == ["1", "2", "3"]
    assert records[0] == {**page(1, MODIFIED, title="T"), "lastModifiedAt": MODIFIED}
    by_id = [endpoint for endpoint in site.endpoints() if endpoint.startswith(f"{name}/")]
    assert by_id == [f"{name}/{number}" for number in (1, 2, 3)]
    assert len(site.requests_to("search")) == 1


def test_without_a_filter_no_spaces_are_requested(site: FakeSite) -> None:
    add(site, "folders", page(1))

    read("folders")

    assert "spaces" not in site.endpoints()


def test_slices_are_batches_of_results(site: FakeSite, setup: Setup) -> None:
    add(site, "folders", *(page(number) for number in range(1, 281)))

    slices = list(streams_of(setup)["folders"].stream_slices(sync_mode=SyncMode.full_refresh))

    batches = [part["ids"] for part in slices if "ids" in part]
    assert list(map(len, batches)) == [*[25] * 10, 25, 5]
    assert [p.get("cursor") for p in site.requests_to("search")] == [None, "250"]


def test_content_that_was_deleted_is_skipped_and_logged(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    add(site, "folders", page(1), page(2))
    site.faults["folders/1"] = always((404, {"errors": [{"title": "No folder 1"}]}))

    assert ids(read("folders")) == ["2"]
    assert sum("record 1 of folders" in line for line in caplog.messages) == 1


def test_a_response_without_an_id_is_a_failure(site: FakeSite) -> None:
    add(site, "folders", page(1), page(2))
    site.faults["folders/1"] = always((200, {"message": "down for maintenance"}))

    outcome = run_sync(make_setup(), [entry("folders", SyncMode.full_refresh)])

    assert ids(outcome.records("folders")) == ["2"]
    assert outcome.statuses("folders")[-1] == "INCOMPLETE"


def test_results_without_an_id_are_ignored(site: FakeSite) -> None:
    add(site, "folders", page(1))
    site.found["type=folder"].append({"title": "A folder"})

    assert ids(read("folders")) == ["1"]


def test_spaces_in_the_config_are_searched(site: FakeSite) -> None:
    site.spaces = [space(1), space(2)]
    site.spaces[1]["key"] = '~a"b'
    add(
        site,
        "folders",
        page(1),
        page(2, spaceId="2"),
        cql='type=folder and space in ("S1","~a\\"b")',
    )

    assert ids(read("folders", space_keys=["S1", '~a"b'])) == ["1", "2"]


def test_a_search_names_spaces_as_confluence_writes_them(site: FakeSite) -> None:
    site.spaces = [space(1), {**space(2), "key": "Docs"}]
    add(
        site, "folders", page(1), page(2, spaceId="2"), cql='type=folder and space in ("Docs","S1")'
    )

    assert ids(read("folders", space_keys=["DOCS", "s1"])) == ["1", "2"]


def test_many_spaces_are_searched_50_at_a_time(site: FakeSite) -> None:
    keys = [f"S{number}" for number in range(1, 121)]
    site.spaces = [space(number) for number in range(1, 121)]

    read("folders", space_keys=keys)

    searches = [params["cql"] for params in site.requests_to("search")]
    assert all(cql.endswith(" order by created asc") for cql in searches)
    assert [cql.count(",") + 1 for cql in searches] == [50, 50, 20]


def test_content_in_an_excluded_space_is_excluded(site: FakeSite) -> None:
    site.spaces = [space(1), space(2)]
    add(site, "folders", page(1), page(2, spaceId="2"))

    assert ids(read("folders", excluded_space_keys=["S2"])) == ["1"]


CQL = 'label = "handbook"'
PAGES_CQL, BLOG_CQL = (f"type={kind} and ({CQL})" for kind in ("page", "blogpost"))


@pytest.fixture
def handbook(site: FakeSite) -> FakeSite:
    """Pages and blog posts, of which a search finds some."""
    site.spaces = [space(1), space(2)]
    site.pages = [page(number, spaceId=str(1 + number % 2)) for number in range(1, 11)]
    site.blogposts = [page(number) for number in range(11, 14)]
    site.found[PAGES_CQL] = [{"id": str(number)} for number in (2, 3, 5)]
    site.found[BLOG_CQL] = [{"id": "12"}]
    return site


def test_cql_selects_pages_and_blog_posts_by_id(handbook: FakeSite) -> None:
    setup = make_setup(cql=CQL)

    outcome = run_sync(setup, [entry("pages"), entry("blog_posts")])

    assert ids(outcome.records("pages")) == ["2", "3", "5"]
    assert ids(outcome.records("blog_posts")) == ["12"]
    assert [params["id"] for params in handbook.requests_to("pages")] == ["2,3,5"]
    assert len(handbook.requests_to("search")) == 2
    assert set(outcome.states("pages")[-1]) == {"lastModifiedAt"}


def test_cql_that_finds_nothing_reads_nothing(handbook: FakeSite) -> None:
    handbook.found.clear()

    outcome = run_sync(make_setup(cql=CQL), [entry("pages")])

    assert outcome.records("pages") == []
    assert handbook.requests_to("pages") == []


def test_invalid_cql_is_an_error_of_the_config(handbook: FakeSite) -> None:
    handbook.faults["search"] = always((400, {"message": "Could not parse cql : x"}))

    with pytest.raises(ConfigError, match=r"cql.*Could not parse cql : x"):
        read("pages", cql=CQL)


def test_many_results_of_cql_are_requested_150_at_a_time(handbook: FakeSite) -> None:
    handbook.pages = [page(number) for number in range(1, 601)]
    handbook.found[PAGES_CQL] = [{"id": str(number)} for number in range(1, 601)]

    outcome = run_sync(make_setup(cql=CQL), [entry("pages")])

    assert len(outcome.records("pages")) == 600
    assert len(handbook.requests_to("search")) == 3
    firsts = [p["id"].split(",") for p in handbook.requests_to("pages") if "cursor" not in p]
    assert sorted(map(len, firsts)) == [150, 150, 150, 150]


def test_an_incremental_sync_selects_changes_by_the_results_of_cql(handbook: FakeSite) -> None:
    for one in handbook.pages[:3]:
        one["version"]["createdAt"] = "2025-05-05T00:00:00.000Z"
    state = {"pages": {"lastModifiedAt": "2025-05-01T00:00:00.000Z"}}

    outcome = run_sync(make_setup(cql=CQL), [entry("pages")], state)

    assert sorted(ids(outcome.records("pages"))) == ["2", "3"]
    assert "id" not in handbook.requests_to("pages")[0]


def test_cql_and_spaces_apply_together(handbook: FakeSite) -> None:
    assert handbook.found

    assert ids(read("pages", cql=CQL, space_keys=["S2"])) == ["3", "5"]


def test_only_children_of_the_results_of_cql_are_requested(handbook: FakeSite) -> None:
    for one in handbook.pages:
        handbook.lists[f"pages/{one['id']}/likes/users"] = [{"accountId": "a"}]

    records = read("page_likes", cql=CQL)

    assert [record["pageId"] for record in records] == ["2", "3", "5"]
    assert len([name for name in handbook.endpoints() if "likes" in name]) == 3


def test_the_ids_of_selected_content_are_listed_once(handbook: FakeSite) -> None:
    content = sync_of(make_setup(cql=CQL)).content

    for _ in range(3):
        assert content.has(PAGE, "2")
        assert not content.has(PAGE, "4")
        assert not content.has(PAGE, None)
        assert content.has(BLOG_POST, "12")
        assert not content.has(BLOG_POST, "2")

    assert handbook.endpoints() == ["blogposts", "pages", "search", "search"]


@pytest.mark.parametrize(
    ("config", "is_active"),
    [
        ({}, False),
        ({"cql": CQL}, True),
        ({"space_keys": ["S1"]}, True),
        ({"excluded_space_keys": ["S1"]}, True),
    ],
)
def test_each_of_three_options_filters_content(config: dict[str, Any], *, is_active: bool) -> None:
    assert sync_of(make_setup(**config)).content.is_active is is_active
