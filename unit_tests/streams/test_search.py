"""What only a search lists: whiteboards, databases, folders, embeds, and what CQL selects."""

from __future__ import annotations

from typing import Any

import pytest
from airbyte_cdk.models import SyncMode

from source_confluence.confluence.errors import ConfigError
from source_confluence.connection import Connection
from unit_tests.fake_site import FakeSite, Json, always, ids, page, space
from unit_tests.fakes import make_config, make_connection
from unit_tests.run_sync import catalogue_of, entry, read_whole, run_sync, streams_of

KINDS = {
    "whiteboards": "whiteboard",
    "databases": "database",
    "folders": "folder",
    "embeds": "embed",
}
MODIFIED = "2025-03-03T00:00:00.000Z"


def hold(site: FakeSite, name: str, *elements: Json, cql: str | None = None) -> None:
    site.found[cql or f"type={KINDS[name]}"] = [{"id": one["id"]} for one in elements]
    site.lists[name] += elements


def read(name: str, **config: Any) -> list[Json]:
    return read_whole(streams_of(make_connection(make_config(**config)))[name])


@pytest.mark.parametrize("name", KINDS)
def test_what_is_found_is_asked_for_by_id(site: FakeSite, name: str) -> None:
    hold(site, name, *(page(number, MODIFIED, title="T") for number in (1, 2, 3)))

    records = read(name)

    assert ids(records) == ["1", "2", "3"]
    assert records[0] == {**page(1, MODIFIED, title="T"), "lastModifiedAt": MODIFIED}
    by_id = [endpoint for endpoint in site.endpoints() if endpoint.startswith(f"{name}/")]
    assert by_id == [f"{name}/{number}" for number in (1, 2, 3)]
    assert len(site.asked("content/search")) == 1


def test_without_a_filter_nobody_asks_for_the_spaces(site: FakeSite) -> None:
    hold(site, "folders", page(1))

    read("folders")

    assert "spaces" not in site.endpoints()


def test_groups_of_what_was_found_are_read_at_the_same_time(
    site: FakeSite, connection: Connection
) -> None:
    hold(site, "folders", *(page(number) for number in range(1, 181)))

    slices = list(streams_of(connection)["folders"].stream_slices(sync_mode=SyncMode.full_refresh))

    assert [len(part["ids"]) for part in slices] == [25, 25, 25, 25, 25, 25, 25, 5]
    assert [p.get("cursor") for p in site.asked("content/search")] == [None, "100"]


def test_what_is_gone_meanwhile_is_passed_over_and_named(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    hold(site, "folders", page(1), page(2))
    site.faults["folders/1"] = always((404, {"errors": [{"title": "No folder 1"}]}))

    assert ids(read("folders")) == ["2"]
    (line,) = [line for line in caplog.messages if line.startswith("Record")]
    assert line.startswith("Record 1 of folders is passed over")


def test_an_answer_without_an_id_is_no_record(site: FakeSite) -> None:
    hold(site, "folders", page(1), page(2))
    site.faults["folders/1"] = always((200, {"message": "down for maintenance"}))

    outcome = run_sync(make_connection(make_config()), [entry("folders", SyncMode.full_refresh)])

    assert ids(outcome.records("folders")) == ["2"]
    assert outcome.statuses("folders")[-1] == "INCOMPLETE"


def test_what_is_found_without_an_id_cannot_be_asked_for(site: FakeSite) -> None:
    hold(site, "folders", page(1))
    site.found["type=folder"].append({"title": "A folder"})

    assert ids(read("folders")) == ["1"]


def test_named_spaces_are_searched(site: FakeSite) -> None:
    site.spaces = [space(1), space(2)]
    site.spaces[1]["key"] = '~a"b'
    hold(
        site,
        "folders",
        page(1),
        page(2, spaceId="2"),
        cql='type=folder and space in ("S1","~a\\"b")',
    )

    assert ids(read("folders", space_keys=["S1", '~a"b'])) == ["1", "2"]


def test_many_named_spaces_are_searched_in_parts(site: FakeSite) -> None:
    keys = [f"S{number}" for number in range(1, 121)]
    site.spaces = [space(number) for number in range(1, 121)]

    read("folders", space_keys=keys)

    asked = [params["cql"] for params in site.asked("content/search")]
    assert [cql.count(",") + 1 for cql in asked] == [50, 50, 20]


def test_what_lies_in_an_excluded_space_is_left_out(site: FakeSite) -> None:
    site.spaces = [space(1), space(2)]
    hold(site, "folders", page(1), page(2, spaceId="2"))

    assert ids(read("folders", excluded_space_keys=["S2"])) == ["1"]


def test_a_probe_is_one_search_for_one(site: FakeSite, connection: Connection) -> None:
    streams_of(connection)["whiteboards"].probe()

    assert site.requests == [("content/search", {"cql": "type=whiteboard", "limit": "1"})]


CQL = 'label = "handbook"'
PAGES_CQL, BLOG_CQL = (f"type={kind} and ({CQL})" for kind in ("page", "blogpost"))


@pytest.fixture
def handbook(site: FakeSite) -> FakeSite:
    """Pages and blog posts of which a search finds some."""
    site.spaces = [space(1), space(2)]
    site.pages = [page(number, spaceId=str(1 + number % 2)) for number in range(1, 11)]
    site.blogposts = [page(number) for number in range(11, 14)]
    site.found[PAGES_CQL] = [{"id": str(number)} for number in (2, 3, 5)]
    site.found[BLOG_CQL] = [{"id": "12"}]
    return site


def test_cql_selects_pages_and_blog_posts_by_id(handbook: FakeSite) -> None:
    connection = make_connection(make_config(cql=CQL))

    outcome = run_sync(connection, [entry("pages"), entry("blog_posts")])

    assert ids(outcome.records("pages")) == ["2", "3", "5"]
    assert ids(outcome.records("blog_posts")) == ["12"]
    assert [params["id"] for params in handbook.asked("pages")] == ["2,3,5"]
    assert len(handbook.asked("content/search")) == 2
    assert set(outcome.states("pages")[-1]) == {"lastModifiedAt"}


def test_cql_that_finds_nothing_reads_nothing(handbook: FakeSite) -> None:
    handbook.found.clear()

    outcome = run_sync(make_connection(make_config(cql=CQL)), [entry("pages")])

    assert outcome.records("pages") == []
    assert handbook.asked("pages") == []


def test_a_clause_that_is_no_cql_fails_as_the_config_that_it_stands_in(handbook: FakeSite) -> None:
    handbook.faults["content/search"] = always((400, {"message": "Could not parse cql : x"}))

    with pytest.raises(ConfigError) as refused:
        read("pages", cql=CQL)

    assert refused.value.sentence == (
        "The config's cql is not understood by Confluence: Could not parse cql : x"
    )


def test_cql_finds_more_than_a_request_can_name(handbook: FakeSite) -> None:
    handbook.pages = [page(number) for number in range(1, 601)]
    handbook.found[PAGES_CQL] = [{"id": str(number)} for number in range(1, 601)]

    outcome = run_sync(make_connection(make_config(cql=CQL)), [entry("pages")])

    assert len(outcome.records("pages")) == 600
    assert len(handbook.asked("content/search")) == 6
    firsts = [p["id"].split(",") for p in handbook.asked("pages") if "cursor" not in p]
    assert sorted(map(len, firsts)) == [100, 250, 250]


def test_a_later_sync_sifts_what_changed_by_what_cql_finds(handbook: FakeSite) -> None:
    for one in handbook.pages[:3]:
        one["version"]["createdAt"] = "2025-05-05T00:00:00.000Z"
    state = {"pages": {"lastModifiedAt": "2025-05-01T00:00:00.000Z"}}

    outcome = run_sync(make_connection(make_config(cql=CQL)), [entry("pages")], state)

    assert sorted(ids(outcome.records("pages"))) == ["2", "3"]
    assert "id" not in handbook.asked("pages")[0]


def test_cql_and_spaces_hold_together(handbook: FakeSite) -> None:
    config = make_config(cql=CQL, space_keys=["S2"])

    outcome = run_sync(make_connection(config), [entry("pages")])

    assert ids(outcome.records("pages")) == ["3", "5"]
    assert handbook.requests


def test_children_are_of_what_cql_finds_only(handbook: FakeSite) -> None:
    for one in handbook.pages:
        handbook.lists[f"pages/{one['id']}/likes/users"] = [{"accountId": "a"}]

    records = read("page_likes", cql=CQL)

    assert [record["pageId"] for record in records] == ["2", "3", "5"]
    assert len([name for name in handbook.endpoints() if "likes" in name]) == 3


class TestSelection:
    def test_without_a_filter_nothing_is_asked_for(
        self, site: FakeSite, connection: Connection
    ) -> None:
        stream: Any = streams_of(connection)["pages"]

        assert not stream._selection.is_filtered
        assert stream._selection.ids("pages") is None
        assert site.requests == []

    @pytest.mark.parametrize(
        "config", [{"cql": CQL}, {"space_keys": ["S1"]}, {"excluded_space_keys": ["S1"]}]
    )
    def test_any_of_three_filters_is_one(self, config: dict[str, Any]) -> None:
        stream: Any = streams_of(make_connection(make_config(**config)))["pages"]

        assert stream._selection.is_filtered

    def test_what_is_selected_is_listed_once(self, handbook: FakeSite) -> None:
        found = catalogue_of(make_connection(make_config(cql=CQL)))
        stream: Any = found.shared.stream("pages")

        for _ in range(3):
            assert stream._selection.has("pages", "2")
            assert not stream._selection.has("pages", "4")
            assert not stream._selection.has("pages", None)
            assert stream._selection.has("blog_posts", "12")
            assert not stream._selection.has("blog_posts", "2")

        assert handbook.endpoints() == ["blogposts", "content/search", "content/search", "pages"]
