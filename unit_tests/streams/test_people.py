"""Groups, who is in them, and everybody else."""

from __future__ import annotations

from airbyte_cdk.models import SyncMode

from source_confluence.connection import Connection
from unit_tests.fake_site import FakeSite, Json, Params, page
from unit_tests.run_sync import entry, read_whole, run_sync, streams_of


def test_groups_are_read_by_offset(site: FakeSite, connection: Connection) -> None:
    site.groups = [{"id": f"g{number}", "name": f"Group {number}"} for number in range(401)]
    groups = streams_of(connection)["group"]

    assert list(groups.read_records(SyncMode.full_refresh)) == site.groups

    assert site.asked("group") == [
        {"limit": "200"},
        {"start": "200", "limit": "200"},
        {"start": "400", "limit": "200"},
    ]


def test_members_come_with_the_id_of_their_group(site: FakeSite, connection: Connection) -> None:
    site.groups = [{"id": "g1", "name": "One"}, {"id": "g2", "name": "Two"}]
    site.lists["group/g1/membersByGroupId"] = [{"accountId": f"a{n}"} for n in range(201)]
    site.lists["group/g2/membersByGroupId"] = [{"accountId": "a5", "displayName": "Ada"}]

    outcome = run_sync(connection, [entry("group"), entry("group_members")])

    members = outcome.records("group_members")
    assert len(members) == 202
    assert members[-1] == {"groupId": "g2", "accountId": "a5", "displayName": "Ada"}
    assert len(site.asked("group")) == 1
    assert len(site.asked("group/g1/membersByGroupId")) == 2


def found(account_id: str) -> Json:
    return {"user": {"accountId": account_id, "displayName": account_id.upper()}, "title": "x"}


def test_users_are_searched_for_and_unseen_ids_asked_for(
    site: FakeSite, connection: Connection
) -> None:
    site.lists["search/user"] = [found("a"), found("b")]
    site.users = [{"accountId": name, "email": ""} for name in "acdefgh"]
    site.pages = [
        page(1, authorId="a", ownerId="c", lastOwnerId=None),
        {**page(2, lastOwnerId="d"), "version": {"number": 2, "authorId": "e"}},
        {**page(4), "version": None},
    ]
    site.blogposts = [page(3, authorId="f", ownerId="gone")]

    users = read_whole(streams_of(connection)["users"])

    assert [user["accountId"] for user in users] == ["a", "b", "c", "d", "e", "f"]
    assert users[0] == {"accountId": "a", "displayName": "A"}
    assert site.asked("search/user") == [{"cql": "type=user", "limit": "200"}]
    assert site.asked("users-bulk") == [{"accountIds": "c,d,e,f,gone"}]


def test_where_a_search_finds_everybody_nobody_else_is_asked_for(
    site: FakeSite, connection: Connection
) -> None:
    site.lists["search/user"] = [found("a"), {"accountId": "b"}, {"user": None}]
    site.pages = [page(1, authorId="a", ownerId="b")]

    users = read_whole(streams_of(connection)["users"])

    assert [user.get("accountId") for user in users] == ["a", "b", None]
    assert site.asked("users-bulk") == []


def test_many_unseen_ids_are_asked_for_in_parts(site: FakeSite, connection: Connection) -> None:
    site.pages = [page(number, authorId=f"u{number:04d}") for number in range(1, 502)]
    site.users = [{"accountId": f"u{number:04d}"} for number in range(1, 502)]

    users = read_whole(streams_of(connection)["users"])

    assert len({user["accountId"] for user in users}) == len(users) == 501
    assert [len(p["accountIds"].split(",")) for p in site.asked("users-bulk")] == [250, 250, 1]


def test_users_that_move_over_the_edge_of_a_page_of_results_come_once(
    site: FakeSite, connection: Connection
) -> None:
    site.lists["search/user"] = [found(f"u{number}") for number in range(300)]

    def insert_in_front(params: Params) -> None:
        if "start" in params:
            site.lists["search/user"].insert(0, found("new"))

    site.faults["search/user"] = insert_in_front

    users = read_whole(streams_of(connection)["users"])

    assert [user["accountId"] for user in users] == [f"u{number}" for number in range(300)]


def test_pages_are_listed_once_for_users_and_others(site: FakeSite, connection: Connection) -> None:
    site.pages = [page(1, authorId="a")]

    run_sync(connection, [entry("users"), entry("page_likes"), entry("child_pages")])

    assert len(site.asked("pages")) == 1
