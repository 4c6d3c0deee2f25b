"""Groups, their members, and users."""

from __future__ import annotations

import pytest

from unit_tests.fake_site import BAD_REQUEST, BROKEN, FakeSite, Json, Params, always, page
from unit_tests.fakes import Setup
from unit_tests.run_sync import entry, read_whole, run_sync, stream_of, streams_of

OLD = "2024-01-01T00:00:00.000Z"
LATER = "2025-05-01T00:00:00.000Z"


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
    wanted = {"cql": "type=user", "sitePermissionTypeFilter": "all", "limit": "100"}
    assert site.requests_to("search/user") == [wanted, {**wanted, "start": "2"}]
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


def test_users_whom_other_selected_streams_name_are_requested(site: FakeSite, setup: Setup) -> None:
    site.lists["search/user"] = [found("a")]
    site.users = [{"accountId": name} for name in "bcdefghx"]
    site.pages = [page(1, authorId="a")]
    site.groups = [{"id": "g1"}]
    site.lists["pages/1/likes/users"] = [{"accountId": "b"}]
    site.lists["group/g1/membersByGroupId"] = [{"accountId": "c"}]
    site.lists["content/1/notification/child-created"] = [{"watcher": {"accountId": "d"}}]
    site.lists["tasks"] = [{"id": "5", "assignedTo": "e", "createdBy": "a", "completedBy": "f"}]
    site.lists["footer-comments"] = [{"id": "7", "pageId": "1", "version": {"authorId": "g"}}]
    site.audit = [{"author": {"accountId": "h"}, "creationDate": 1_700_000_000_000}]
    streams = ["users", "page_likes", "group_members", "page_watchers", "tasks", "audit"]

    outcome = run_sync(setup, [entry(name) for name in (*streams, "page_footer_comments")])

    assert outcome.error is None
    assert [user["accountId"] for user in outcome.records("users")] == list("abcdefgh")
    assert site.requests_to("users-bulk") == [{"accountIds": "b,c,d,e,f,g,h"}]


def test_users_are_read_after_a_stream_that_fails(site: FakeSite, setup: Setup) -> None:
    site.lists["search/user"] = [found("a")]
    site.users = [{"accountId": "b"}]
    site.pages = [page(1), page(2)]
    site.lists["pages/1/likes/users"] = [{"accountId": "b"}]
    site.faults["pages/2/likes/users"] = always(BROKEN)

    outcome = run_sync(setup, [entry("users"), entry("page_likes")])

    assert outcome.error is not None
    assert outcome.statuses("page_likes")[-1] == "INCOMPLETE"
    assert outcome.statuses("users") == ["STARTED", "RUNNING", "COMPLETE"]
    assert [user["accountId"] for user in outcome.records("users")] == ["a", "b"]
    last = [stream_of(message) for message in outcome.messages if message.record is not None]
    assert last == ["page_likes", "users", "users"]


def test_a_later_sync_finds_whom_unchanged_records_name(site: FakeSite, setup: Setup) -> None:
    """Other streams read only what changed, but a destination may replace the users."""
    site.users = [{"accountId": name} for name in "abcd"]
    site.lists["footer-comments"] = [
        {"id": "7", "pageId": "1", "version": {"authorId": "a", "createdAt": OLD}}
    ]
    site.lists["attachments"] = [{"id": "8", "version": {"authorId": "b", "createdAt": OLD}}]
    site.lists["tasks"] = [{"id": "9", "assignedTo": "c", "createdAt": OLD}]
    names = ["page_footer_comments", "attachments", "tasks"]
    states: dict[str, Json] = {name: {"lastModifiedAt": LATER} for name in names}
    states["tasks"] = {"updatedAt": LATER}

    outcome = run_sync(setup, [entry(name) for name in (*names, "users")], states)

    assert [len(outcome.records(name)) for name in names] == [0, 0, 0]
    assert [user["accountId"] for user in outcome.records("users")] == ["a", "b", "c"]


@pytest.mark.parametrize("answer", [BROKEN, BAD_REQUEST])
def test_users_that_cannot_be_requested_by_id_cost_no_others(
    site: FakeSite, setup: Setup, answer: tuple[int, Json]
) -> None:
    site.lists["search/user"] = [found("x")]
    site.pages = [page(number, authorId=f"u{number:04d}") for number in range(1, 502)]
    site.users = [{"accountId": f"u{number:04d}"} for number in range(1, 502)]
    site.faults["users-bulk"] = lambda params: answer if "u0251" in params["accountIds"] else None

    outcome = run_sync(setup, [entry("users")])

    assert outcome.statuses("users")[-1] == "INCOMPLETE"
    assert len(outcome.records("users")) == 1 + 501 - 250
    assert any("250" in error for error in outcome.errors("users"))


def test_a_list_that_fails_costs_no_user_whom_others_name(site: FakeSite, setup: Setup) -> None:
    site.faults["pages"] = always(BROKEN)
    site.blogposts = [page(3, authorId="b")]
    site.users = [{"accountId": "b"}]

    outcome = run_sync(setup, [entry("users")])

    assert outcome.statuses("users")[-1] == "INCOMPLETE"
    assert [user["accountId"] for user in outcome.records("users")] == ["b"]


def test_accounts_that_confluence_does_not_know_are_counted(
    site: FakeSite, setup: Setup, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    site.pages = [page(1, authorId="a", ownerId="b", lastOwnerId="c")]
    site.users = [{"accountId": "a"}]

    outcome = run_sync(setup, [entry("users")])

    assert outcome.statuses("users")[-1] == "COMPLETE"
    assert any({"2", "3"} <= set(line.split()) for line in caplog.messages)


def test_the_search_is_read_to_an_empty_page(site: FakeSite, setup: Setup) -> None:
    """As measured: 100 rows, the requested limit, no next, and a total of this page only."""
    accounts = [found(f"u{number:03d}") for number in range(250)]

    def clipped(params: Params) -> tuple[int, Json]:
        start = int(params.get("start", 0))
        rows = accounts[start : start + 70]
        stated = {"limit": int(params["limit"]), "size": len(rows), "totalSize": len(rows)}
        return 200, {"results": rows, "_links": {"base": "x"}, "start": start, **stated}

    site.faults["search/user"] = clipped

    assert len(read_whole(streams_of(setup)["users"])) == 250


@pytest.mark.parametrize(("total", "is_logged"), [(103, True), (102, False), (None, False)])
def test_a_group_that_is_larger_than_its_list_is_logged(
    site: FakeSite, setup: Setup, caplog: pytest.LogCaptureFixture, total: object, is_logged: bool
) -> None:
    site.groups = [{"id": "g1"}]
    members = [{"accountId": f"a{number}"} for number in range(99)]
    site.faults["group/g1/membersByGroupId"] = lambda params: (
        200,
        {"results": [] if "start" in params else members, "totalSize": total, "_links": {}},
    )

    outcome = run_sync(setup, [entry("group_members")])

    assert outcome.statuses("group_members")[-1] == "COMPLETE"
    assert len(outcome.records("group_members")) == 99
    warnings = [one.message for one in caplog.records if one.levelname == "WARNING"]
    assert any("99" in line and "103" in line for line in warnings) == is_logged
    assert site.requests_to("group/g1/membersByGroupId")[0]["shouldReturnTotalSize"] == "true"


@pytest.mark.parametrize(("count", "warnings"), [(9_999, 0), (10_000, 1)])
def test_a_search_that_may_have_ended_early_is_logged(
    site: FakeSite, setup: Setup, caplog: pytest.LogCaptureFixture, count: int, warnings: int
) -> None:
    site.lists["search/user"] = [found(str(number)) for number in range(count)]

    assert len(read_whole(streams_of(setup)["users"])) == count
    logged = [one for one in caplog.records if one.levelname == "WARNING"]
    assert [str(10_000) in one.message for one in logged] == [True] * warnings
