"""Groups, their members, and users."""

from __future__ import annotations

from unit_tests.fake_site import FakeSite, Json, page
from unit_tests.fakes import Setup
from unit_tests.run_sync import entry, read_whole, run_sync, streams_of


def test_members_have_the_id_of_their_group(site: FakeSite, setup: Setup) -> None:
    site.groups = [{"id": "g1", "name": "One"}, {"id": "g2", "name": "Two"}]
    site.lists["group/g1/membersByGroupId"] = [{"accountId": f"a{n}"} for n in range(201)]
    site.lists["group/g2/membersByGroupId"] = [{"accountId": "a5", "displayName": "Ada"}]

    outcome = run_sync(setup, [entry("group"), entry("group_members")])

    members = outcome.records("group_members")
    assert len(members) == 202
    assert members[-1] == {"groupId": "g2", "accountId": "a5", "displayName": "Ada"}
    assert len(site.requests_to("group")) == 1
    assert len(site.requests_to("group/g1/membersByGroupId")) == 2


def found(account_id: str) -> Json:
    return {"user": {"accountId": account_id, "displayName": account_id.upper()}, "title": "x"}


def test_authors_and_owners_that_the_search_misses_are_requested(
    site: FakeSite, setup: Setup
) -> None:
    site.lists["search/user"] = [found("a"), found("b")]
    site.users = [{"accountId": name, "email": ""} for name in "acdefgh"]
    site.pages = [
        page(1, authorId="a", ownerId="c", lastOwnerId=None),
        {**page(2, lastOwnerId="d"), "version": {"number": 2, "authorId": "e"}},
        {**page(4), "version": None},
    ]
    site.blogposts = [page(3, authorId="f", ownerId="deleted")]

    users = read_whole(streams_of(setup)["users"])

    assert [user["accountId"] for user in users] == ["a", "b", "c", "d", "e", "f"]
    assert users[0] == {"accountId": "a", "displayName": "A"}
    assert site.requests_to("search/user") == [{"cql": "type=user", "limit": "200"}]
    assert site.requests_to("users-bulk") == [{"accountIds": "c,d,deleted,e,f"}]


def test_no_ids_are_requested_if_the_search_finds_everyone(site: FakeSite, setup: Setup) -> None:
    site.lists["search/user"] = [found("a"), {"accountId": "b"}, {"user": None}]
    site.pages = [page(1, authorId="a", ownerId="b")]

    users = read_whole(streams_of(setup)["users"])

    assert [user.get("accountId") for user in users] == ["a", "b", None]
    assert site.requests_to("users-bulk") == []


def test_missing_users_are_requested_250_at_a_time(site: FakeSite, setup: Setup) -> None:
    site.pages = [page(number, authorId=f"u{number:04d}") for number in range(1, 502)]
    site.users = [{"accountId": f"u{number:04d}"} for number in range(1, 502)]

    users = read_whole(streams_of(setup)["users"])

    assert len({user["accountId"] for user in users}) == len(users) == 501
    assert [len(p["accountIds"].split(",")) for p in site.requests_to("users-bulk")] == [
        250,
        250,
        1,
    ]


def test_the_list_of_pages_is_shared(site: FakeSite, setup: Setup) -> None:
    site.pages = [page(1, authorId="a")]

    run_sync(setup, [entry("users"), entry("page_likes"), entry("child_pages")])

    assert len(site.requests_to("pages")) == 1
