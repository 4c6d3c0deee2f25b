"""Restrictions: a search for 90 pages at once, and single requests for the rest."""

from __future__ import annotations

import pytest

from unit_tests.fake_site import (
    BAD_REQUEST,
    BROKEN,
    NOT_FOUND,
    FakeSite,
    Json,
    Params,
    always,
    page,
)
from unit_tests.fakes import make_setup
from unit_tests.run_sync import entry, read_whole, run_sync, streams_of

Row = tuple[str, str, str, str]
BOTH = "content/3/restriction/byOperation"
ALONE = BOTH + "/{}"
REMOVED = (410, {"message": "This API has been removed."})
EMPTY: Json = {"results": [], "limit": 200}


def user(number: int) -> Json:
    return {"type": "known", "accountId": f"u{number}"}


def group(number: int) -> Json:
    return {"type": "group", "id": f"g{number}", "name": f"Group {number}"}


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    """250 pages, some of them restricted."""
    site.pages = [page(number) for number in range(1, 251)]
    site.restrictions = {
        "3": {"read": {"user": [user(1), user(2)], "group": [group(1)]}},
        "120": {"update": {"user": [user(1)]}},
        "250": {"read": {"group": [group(2)]}, "update": {"group": [group(2)]}},
    }
    return site


WANTED: list[Row] = [
    ("120", "update", "user", "u1"),
    ("250", "read", "group", "g2"),
    ("250", "update", "group", "g2"),
    ("3", "read", "group", "g1"),
    ("3", "read", "user", "u1"),
    ("3", "read", "user", "u2"),
]


def rows(records: list[Json], parent_key: str = "pageId") -> list[Row]:
    return sorted(
        (r[parent_key], r["operation"], r["principalType"], r["principalId"]) for r in records
    )


def read(stream: str = "page_restrictions") -> list[Json]:
    return read_whole(streams_of(make_setup())[stream])


def single_requests(site: FakeSite) -> list[str]:
    return [name for name in site.endpoints() if name.startswith("content/") and "/r" in name]


def test_restrictions_of_90_pages_are_one_search(site: FakeSite) -> None:
    records = read()

    assert rows(records) == WANTED
    assert [len(p["cql"].split(",")) for p in site.requests_to("content/search")] == [90, 90, 70]
    assert {p["limit"] for p in site.requests_to("content/search")} == {"100"}
    assert site.requests_to("content/search")[0]["expand"].split(",") == [
        "restrictions.read.restrictions.user",
        "restrictions.read.restrictions.group",
        "restrictions.update.restrictions.user",
        "restrictions.update.restrictions.group",
    ]
    assert single_requests(site) == []


def test_a_record_has_its_user_or_group(site: FakeSite) -> None:
    del site.restrictions["120"], site.restrictions["250"]
    found = {record["principalId"]: record for record in read()}

    assert found["u1"] == {
        "pageId": "3",
        "operation": "read",
        "principalType": "user",
        "principalId": "u1",
        "user": user(1),
    }
    assert found["g1"]["group"] == group(1)


@pytest.mark.parametrize(
    "failure", [NOT_FOUND, BAD_REQUEST, BROKEN, REMOVED], ids=["404", "400", "500", "410"]
)
def test_a_search_that_fails_is_replaced_by_single_requests(
    site: FakeSite, failure: tuple[int, Json]
) -> None:
    """One ancestor in a bad state fails the search for all 90 pages."""
    site.faults["content/search"] = lambda params: failure if ",120," in params["cql"] else None

    assert rows(read()) == WANTED

    expected = sorted(f"content/{number}/restriction/byOperation" for number in range(91, 181))
    assert single_requests(site) == expected


def test_operations_that_do_not_come_together_are_requested_one_by_one(site: FakeSite) -> None:
    site.pages = [page(3, status="archived")]
    site.has_operations_together = False

    assert {row[0] for row in rows(read())} == {"3"}
    assert single_requests(site) == [BOTH, ALONE.format("read"), ALONE.format("update")]


def test_content_that_a_search_does_not_find_is_requested_by_id(site: FakeSite) -> None:
    site.pages[119]["status"] = "archived"
    site.unseen = {"3"}

    assert rows(read()) == WANTED

    assert {name.split("/")[1] for name in single_requests(site)} == {"3", "120"}
    assert not any(",120," in params["cql"] for params in site.requests_to("content/search"))


def test_archived_pages_are_not_searched(site: FakeSite) -> None:
    site.pages = [page(3, status="archived")]

    assert {row[0] for row in rows(read())} == {"3"}
    assert site.requests_to("content/search") == []


def test_a_list_that_fills_the_expansion_of_a_search_is_read_whole(site: FakeSite) -> None:
    site.restrictions["7"] = {"read": {"user": [user(n) for n in range(230)], "group": [group(9)]}}

    mine = [record["principalId"] for record in read() if record["pageId"] == "7"]

    assert sorted(mine) == sorted([*(f"u{n}" for n in range(230)), "g9"])
    requests = site.requests_to("content/7/restriction/byOperation/read")
    assert [(p["start"], p["limit"]) for p in requests] == [
        ("0", "100"),
        ("100", "100"),
        ("200", "100"),
    ]
    assert requests[0]["expand"] == "restrictions.user,restrictions.group"
    assert site.requests_to("content/7/restriction/byOperation/update") == []


def test_a_list_of_exactly_full_pages_ends(site: FakeSite) -> None:
    site.pages = [page(3, status="archived")]
    site.restrictions = {"3": {"read": {"user": [user(n) for n in range(200)]}}}

    assert len(read()) == 200
    assert len(site.requests_to("content/3/restriction/byOperation/read")) == 3


def test_a_deleted_page_is_skipped_and_one_that_fails_logged(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    site.unseen = {"3", "5", "6"}
    site.faults["content/5/restriction/byOperation"] = always(
        (404, {"message": "No content with id 5"})
    )
    site.faults["content/6/restriction/byOperation"] = always(BROKEN)

    outcome = run_sync(make_setup(), [entry("page_restrictions")])

    assert rows(outcome.records("page_restrictions")) == WANTED
    (error,) = outcome.errors("page_restrictions")
    assert error.startswith("page_restrictions of 6 ")
    lines = [one for one in caplog.records if "record 6 of pages" in one.message]
    assert [one.levelname for one in lines] == ["ERROR"]


@pytest.mark.parametrize("failure", [NOT_FOUND, BROKEN], ids=["404", "500"])
def test_a_long_list_that_fails_does_not_affect_other_pages(
    site: FakeSite, failure: tuple[int, Json]
) -> None:
    site.restrictions["7"] = {"read": {"user": [user(n) for n in range(250)]}}
    site.faults["content/7/restriction/byOperation/read"] = always(failure)

    outcome = run_sync(make_setup(num_workers=1), [entry("page_restrictions")])

    assert rows(outcome.records("page_restrictions")) == WANTED
    errors = outcome.errors("page_restrictions")
    assert [error.startswith("page_restrictions of 7 ") for error in errors] == (
        [] if failure is NOT_FOUND else [True]
    )


def test_a_search_that_sends_fewer_rows_than_requested_is_continued(site: FakeSite) -> None:
    site.pages = [page(number) for number in range(1, 91)]
    nobody = {one: {"restrictions": {"user": EMPTY, "group": EMPTY}} for one in ("read", "update")}
    every = [{"id": str(number), "restrictions": nobody} for number in range(1, 91)]

    def short(params: Params) -> tuple[int, Json]:
        first = int(params.get("cursor", "0"))
        more = {"next": f"/rest/api/content/search?cursor={first + 80}"} if not first else {}
        return 200, {"results": every[first : first + 80], "_links": more}

    site.faults["content/search"] = short

    assert read() == []
    assert len(site.requests_to("content/search")) == 2
    assert single_requests(site) == []


def found_as(content: Json) -> Json:
    """Return a search response about page 3 that lacks restrictions."""
    return {"results": [{"id": "3", **content}], "_links": {}}


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"restrictions": None},
        {"restrictions": {"read": None, "update": None}},
        {"restrictions": {"read": {"restrictions": {"user": None, "group": None}}}},
        {
            "restrictions": {
                "read": {"restrictions": {"user": {"results": None}, "group": EMPTY}},
                "update": {"restrictions": {"user": EMPTY, "group": EMPTY}},
            }
        },
        {"id": None, "restrictions": {}},
    ],
)
def test_a_result_without_restrictions_is_requested_by_id(site: FakeSite, content: Json) -> None:
    site.pages = [page(3)]
    site.faults["content/search"] = always((200, found_as(content)))

    assert {row[0] for row in rows(read())} == {"3"}
    assert single_requests(site) == [BOTH]


def test_an_expanded_list_without_a_limit_is_whole_unless_it_is_long(site: FakeSite) -> None:
    site.pages = [page(3)]
    lists: Json = {"user": {"results": [user(1)], "limit": None}, "group": {"results": []}}
    long: Json = {"user": {"results": [user(n) for n in range(100)]}, "group": EMPTY}
    expanded = {"read": {"restrictions": lists}, "update": {"restrictions": long}}
    site.faults["content/search"] = always((200, found_as({"restrictions": expanded})))

    assert rows(read()) == [("3", "read", "user", "u1")]
    assert single_requests(site) == [ALONE.format("update")]


@pytest.mark.parametrize(
    "lists",
    [
        {"user": None, "group": EMPTY},
        {"user": {"results": None}, "group": None},
        {"user": EMPTY},
    ],
)
def test_null_in_a_single_response_means_no_restriction(site: FakeSite, lists: Json) -> None:
    site.pages = [page(3, status="archived")]
    site.has_operations_together = False
    site.faults[ALONE.format("read")] = always((200, {"restrictions": lists}))

    outcome = run_sync(make_setup(), [entry("page_restrictions")])

    assert outcome.error is None
    assert outcome.records("page_restrictions") == []


@pytest.mark.parametrize("answer", [{}, {"restrictions": None}, {"restrictions": {}}, []])
def test_a_single_response_without_any_list_fails_only_that_page(
    site: FakeSite, answer: Json
) -> None:
    site.pages = [page(3, status="archived"), page(120, status="archived")]
    site.has_operations_together = False
    site.faults[ALONE.format("read")] = always((200, answer))

    outcome = run_sync(make_setup(), [entry("page_restrictions")])

    (error,) = outcome.errors("page_restrictions")
    assert error.startswith("page_restrictions of 3 ")
    assert rows(outcome.records("page_restrictions")) == [("120", "update", "user", "u1")]


@pytest.mark.parametrize("stated", [None, "all", 200, 0, [], 250])
@pytest.mark.parametrize("clipped", [25, 50, 100])
def test_a_list_that_is_clipped_below_its_stated_limit_is_read_whole(
    site: FakeSite, clipped: int, stated: object
) -> None:
    site.pages = [page(3)]
    everyone = [user(n) for n in range(130)]

    def clip(params: Params) -> tuple[int, Json]:
        first = int(params["start"])
        users = {"results": everyone[first : first + clipped], "limit": stated}
        return 200, {"restrictions": {"user": users, "group": EMPTY}}

    cut: Json = {"user": {"results": everyone[:clipped], "limit": stated}, "group": EMPTY}
    nobody: Json = {"user": EMPTY, "group": EMPTY}
    expanded = {"read": {"restrictions": cut}, "update": {"restrictions": nobody}}
    site.faults["content/search"] = always((200, found_as({"restrictions": expanded})))
    site.faults[ALONE.format("read")] = clip

    assert len(rows(read())) == 130


def test_a_server_that_ignores_where_a_list_starts_is_not_followed_forever(site: FakeSite) -> None:
    site.pages = [page(3, status="archived"), page(120, status="archived")]
    full = {"user": {"results": [user(n) for n in range(100)]}, "group": EMPTY}
    site.has_operations_together = False
    site.faults[ALONE.format("read")] = always((200, {"restrictions": full}))

    outcome = run_sync(make_setup(), [entry("page_restrictions")])

    assert len(site.requests_to(ALONE.format("read"))) == 2
    assert outcome.statuses("page_restrictions")[-1] == "INCOMPLETE"
    assert {row[0] for row in rows(outcome.records("page_restrictions"))} == {"3", "120"}


@pytest.mark.parametrize(
    "odd", [None, "row", 7, [], {"id": ["3"]}, {"id": "3", "restrictions": [7]}]
)
def test_odd_rows_of_a_search_are_requested_by_id(site: FakeSite, odd: object) -> None:
    site.pages = [page(3)]
    site.faults["content/search"] = always((200, {"results": [odd], "_links": {}}))

    assert {row[0] for row in rows(read())} == {"3"}


@pytest.mark.parametrize("odd", [None, "someone", 7, []])
def test_odd_principals_that_a_search_expands_are_requested_by_id(
    site: FakeSite, odd: object
) -> None:
    site.pages = [page(3)]
    lists: Json = {"user": {"results": [odd, user(8)]}, "group": EMPTY}
    expanded = {"read": {"restrictions": lists}, "update": {"restrictions": lists}}
    site.has_operations_together = False
    site.faults["content/search"] = always((200, found_as({"restrictions": expanded})))
    site.faults[ALONE.format("update")] = always((200, {"restrictions": lists}))

    assert {(row[1], row[3]) for row in rows(read())} == {
        ("read", "u1"),
        ("read", "u2"),
        ("read", "g1"),
        ("update", "u8"),
    }


@pytest.mark.parametrize("odd", ["all", 7, {"0": {}}])
def test_a_single_response_with_an_odd_list_fails_only_that_page(
    site: FakeSite, odd: object
) -> None:
    site.pages = [page(3, status="archived"), page(120, status="archived")]
    lists = {"user": {"results": odd}, "group": EMPTY}
    site.has_operations_together = False
    site.faults[ALONE.format("read")] = always((200, {"restrictions": lists}))

    outcome = run_sync(make_setup(), [entry("page_restrictions")])

    assert rows(outcome.records("page_restrictions")) == [("120", "update", "user", "u1")]
    assert outcome.statuses("page_restrictions")[-1] == "INCOMPLETE"


def test_the_log_says_once_that_the_search_does_not_find_all(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    site.unseen = {"3", "5", "120"}

    read()

    lines = [one.getMessage() for one in caplog.records if one.levelname == "INFO"]
    assert ["page_restrictions" in line for line in lines] == [True]
