"""Every assumption that the probe tries, on a site that fits it and on sites that do not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import cycle
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from requests_mock import Mocker

from source_confluence.confluence.retry_policy import CHECK_LIMITS
from tools.probe.checks import CHECKS, run_check
from tools.probe.findings import ASSUMPTIONS, Finding, Verdict
from tools.probe.reader import Reader
from unit_tests.fakes import DOMAIN_NAME, make_connection

Params = dict[str, str]
Reply = Callable[[Params], Any]
"""Returns a list of rows, a body, or a status with a body."""

CUSTOM_TYPE = "ac:app:diagram"
NAMED = f"expected one of : [space, page, blogpost, attachment, {CUSTOM_TYPE}]"
NOT_FOUND = (404, {"errors": [{"status": 404, "title": "Cannot find a page with id [9]"}]})
BARE = (404, {"errors": [{"status": 404, "title": "Not Found"}]})
DENIED = (403, {"message": "No"})
WRONG = (400, {"message": NAMED})
HOLDS, FAILS, NOT_TRIED = Verdict.HOLDS, Verdict.FAILS, Verdict.NOT_TRIED
PATH = re.compile(r"/wiki/(?:api/v2|rest/api)/(.+)")


def offset(count: int, most: int = 10_000, **stated: Any) -> Reply:
    """A list of v1 with `most` rows in a page of results, and what it states about itself."""

    def reply(params: Params) -> Any:
        start = int(params.get("start", 0))
        limit = min(int(params["limit"]), most)
        rows = [
            {"id": str(number), "user": {"accountId": f"u{number}"}} for number in range(count)
        ][start : start + limit]
        return {"results": rows, "limit": int(params["limit"]), "_links": {}, **stated}

    return reply


def users(by_default: int, everyone: int) -> Reply:
    def reply(params: Params) -> Any:
        return offset(everyone if "sitePermissionTypeFilter" in params else by_default)(params)

    return reply


def versioned(*days: int) -> Reply:
    """Rows with these days of their version, whatever is requested."""
    rows = [{"id": str(n), "version": {"createdAt": f"2025-01-{d:02}T00:00:00Z"}} for n, d in
            enumerate(days)]  # fmt: skip
    return lambda _: rows


def page(**fields: Any) -> Reply:
    """One page, or a page of another space, with these fields."""
    return lambda _: [{"id": "7", "spaceId": "1", "version": {"number": 60}, **fields}]


def including(numbers: range, cursor: str | None = "next") -> Reply:
    rows = [{"number": number} for number in numbers]
    return lambda _: {"id": "7", "versions": {"results": rows, "meta": {"cursor": cursor}}}


def versions(numbers: range) -> Reply:
    return lambda _: [{"number": number} for number in numbers]


def custom(storage: Any, raw: Any) -> Reply:
    """One row of custom content with these bodies, or a status instead of one."""

    def reply(params: Params) -> Any:
        name = params.get("body-format", "")
        value = {"storage": storage, "raw": raw}.get(name)
        return (
            value if isinstance(value, tuple) else [{"id": "1", "body": {name: {"value": value}}}]
        )

    return reply


def search(*ids: str, total: int | None = None, inside: tuple[str, ...] = ()) -> Reply:
    """A search that finds these, or `inside` the spaces that it is limited to."""

    def reply(params: Params) -> Any:
        found = inside if "space in" in params["cql"] else ids
        return {"results": [{"id": one} for one in found], "totalSize": total or len(found)}

    return reply


def alternating(*replies: list[dict[str, str]]) -> Reply:
    following = cycle(replies)
    return lambda _: next(following)


def comments(total: int, *rows: Mapping[str, Any]) -> dict[str, Reply]:
    return {
        "footer-comments": lambda _: list(rows),
        "inline-comments": lambda _: [],
        "search": lambda _: {"results": [], "totalSize": total},
    }


def resolved(day: int, version_day: int) -> dict[str, Reply]:
    times = {
        "resolutionLastModifiedAt": f"2025-01-{day:02}T00:00:00Z",
        "version": {"createdAt": f"2025-01-{version_day:02}T00:00:00Z"},
    }
    return comments(1, {"id": "1", "pageId": "1", **times})


def always(answer: Any) -> Reply:
    return lambda _: answer


def pages_of(count: int) -> Reply:
    return lambda _: [{"id": str(number), "spaceId": str(number)} for number in range(count)]


def restricted(rows: int, **more: Any) -> Reply:
    nested = {"user": {"limit": 100, "size": 100}, "group": {"limit": 100, "size": 1}}
    row = {"restrictions": {"read": {"restrictions": nested}}}
    return lambda _: {"results": [row] * rows, "limit": rows, **more}


TRASHED = "pages/7/(labels|versions|properties|likes/users)"
MORE = {"_links": {"next": "/rest/api/x?cursor=c"}}
ROOT, REPLY = {"id": "1", "pageId": "1"}, {"id": "2", "parentCommentId": "1"}
SPACE = [{"id": "1", "key": "A"}]

SITES: list[tuple[str, Verdict, dict[str, Reply]]] = [
    ("users_limit", HOLDS, {"search/user": offset(300, 100, limit=100)}),
    ("users_limit", HOLDS, {"search/user": offset(300, 100, totalSize=300)}),
    ("users_limit", HOLDS, {"search/user": offset(300, 100, **MORE)}),
    ("users_limit", HOLDS, {"search/user": offset(300)}),
    ("users_limit", FAILS, {"search/user": offset(300, 100, totalSize=100)}),
    ("users_limit", NOT_TRIED, {"search/user": offset(70)}),
    ("users_limit", NOT_TRIED, {"search/user": always(DENIED)}),
    ("users_end", HOLDS, {"search/user": offset(5)}),
    ("users_end", FAILS, {"search/user": always(WRONG)}),
    ("users_guests", HOLDS, {"search/user": users(250, 250)}),
    ("users_guests", FAILS, {"search/user": users(250, 251)}),
    ("named_404", HOLDS, {}),
    ("named_404", FAILS, {"space-roles": always(BARE)}),
    ("named_404", NOT_TRIED, {".+": always([])}),
    ("optional_lists", HOLDS, {"space-roles": always(DENIED)}),
    ("optional_lists", FAILS, {"classification-levels": always((501, {}))}),
    *(
        (f"order_{name.replace('-', '_')}", verdict, {name: versioned(*days)})
        for name in ("pages", "blogposts", "attachments", "footer-comments", "inline-comments")
        for verdict, days in ((HOLDS, (9, 5, 5, 1)), (FAILS, (9, 1, 5)), (NOT_TRIED, (9,)))
    ),
    (
        "order_custom_content",
        HOLDS,
        {"custom-content": versioned(2, 1), "content/search": always(WRONG)},
    ),
    (
        "order_custom_content",
        FAILS,
        {"custom-content": versioned(1, 2), "content/search": always(WRONG)},
    ),
    ("order_custom_content", NOT_TRIED, {}),
    ("included_order", HOLDS, {"pages": page(), "pages/7": including(range(1, 51))}),
    ("included_order", FAILS, {"pages": page(), "pages/7": including(range(60, 10, -1))}),
    ("included_order", NOT_TRIED, {"pages": page(version={"number": 50})}),
    ("included_order", NOT_TRIED, {"pages": page(), "pages/7": always(DENIED)}),
    (
        "included_cursor",
        HOLDS,
        {
            "pages": page(),
            "pages/7": including(range(60, 10, -1)),
            "pages/7/versions": versions(range(10, 0, -1)),
        },
    ),
    (
        "included_cursor",
        FAILS,
        {
            "pages": page(),
            "pages/7": including(range(1, 51)),
            "pages/7/versions": versions(range(49, 0, -1)),
        },
    ),
    (
        "included_cursor",
        FAILS,
        {
            "pages": page(),
            "pages/7": including(range(1, 51)),
            "pages/7/versions": always(WRONG),
        },
    ),
    ("included_cursor", NOT_TRIED, {"pages": page(), "pages/7": including(range(1, 61), None)}),
    ("types_named", HOLDS, {"content/search": always(WRONG)}),
    ("types_named", FAILS, {"content/search": always([])}),
    ("types_named", FAILS, {"content/search": always((400, {"message": "No"}))}),
    ("types_listed", HOLDS, {"content/search": always(WRONG), "custom-content": always([])}),
    ("types_listed", FAILS, {"content/search": always(WRONG), "custom-content": always(WRONG)}),
    ("types_listed", NOT_TRIED, {"content/search": always([])}),
    ("storage_bodies", HOLDS, {"content/search": always(WRONG), "custom-content": custom("a", "")}),
    ("storage_bodies", FAILS, {"content/search": always(WRONG), "custom-content": custom("", "a")}),
    (
        "storage_bodies",
        FAILS,
        {"content/search": always(WRONG), "custom-content": custom(WRONG, "a")},
    ),
    ("storage_bodies", NOT_TRIED, {"content/search": always(WRONG), "custom-content": always([])}),
    ("search_complete", HOLDS, {"content/search": search("1", "2")}),
    ("search_complete", FAILS, {"content/search": search("1", "2", total=3)}),
    ("search_complete", FAILS, {"content/search": search("1", "2", "1")}),
    ("search_complete", FAILS, {"content/search": alternating([{"id": "1"}], [{"id": "2"}])}),
    ("search_complete", NOT_TRIED, {"content/search": search()}),
    (
        "archived_by_default",
        HOLDS,
        {
            "spaces": always(SPACE),
            "content/search": search("1", inside=("1",)),
            "search": search("1", inside=("1",)),
        },
    ),
    (
        "archived_by_default",
        FAILS,
        {"spaces": always(SPACE), "content/search": search("1"), "search": search(inside=("2",))},
    ),
    ("archived_by_default", NOT_TRIED, {"spaces": always(SPACE), ".*search": search("1")}),
    (
        "archived_included",
        HOLDS,
        {"spaces": always(SPACE), "content/search": search("1"), "search": search(inside=("2",))},
    ),
    (
        "archived_included",
        FAILS,
        {"spaces": always(SPACE), "content/search": search(inside=("1",)), "search": search()},
    ),
    ("archived_included", NOT_TRIED, {}),
    ("replies", HOLDS, comments(2, ROOT, REPLY)),
    ("replies", FAILS, comments(2, ROOT)),
    ("replies", FAILS, comments(3, ROOT, REPLY)),
    ("replies", NOT_TRIED, comments(1, ROOT)),
    (
        "replies",
        NOT_TRIED,
        {**comments(9), "footer-comments": always({"results": [ROOT, REPLY], **MORE})},
    ),
    ("containers", HOLDS, comments(1, ROOT, REPLY)),
    ("containers", FAILS, comments(1, ROOT, {"id": "3"})),
    ("containers", NOT_TRIED, comments(0)),
    ("resolution", HOLDS, resolved(2, 2)),
    ("resolution", FAILS, resolved(3, 2)),
    ("resolution", NOT_TRIED, resolved(2, 3)),
    ("trashed_lists", HOLDS, {"pages": page(), TRASHED: always([])}),
    ("trashed_lists", FAILS, {"pages": page(), TRASHED: always(NOT_FOUND)}),
    ("trashed_lists", NOT_TRIED, {"pages": always([])}),
    ("trashed_by_id", HOLDS, {"pages": page(), "pages/7": always({"labels": {}, "versions": {}})}),
    ("trashed_by_id", FAILS, {"pages": page(), "pages/7": always({"labels": {}})}),
    ("trashed_by_id", NOT_TRIED, {}),
    ("views", HOLDS, {"pages": pages_of(3), "analytics/.+": always({"count": 1})}),
    ("views", HOLDS, {"pages": pages_of(3), "analytics/.+": always(DENIED)}),
    (
        "views",
        FAILS,
        {
            "pages": pages_of(3),
            "analytics/content/1/views": always(DENIED),
            "analytics/.+": always({"count": 1}),
        },
    ),
    ("views", NOT_TRIED, {"pages": pages_of(1)}),
    ("expanded_search", HOLDS, {"pages": pages_of(100), "content/search": restricted(100)}),
    ("expanded_search", FAILS, {"pages": pages_of(100), "content/search": restricted(50, **MORE)}),
    ("expanded_search", FAILS, {"pages": pages_of(100), "content/search": always(WRONG)}),
    ("expanded_search", NOT_TRIED, {"pages": pages_of(99)}),
    *(
        (f"{name}_limit", verdict, {"group": offset(2), path: reply})
        for name, path in (
            ("group", "group"),
            ("members", "group/.+/membersByGroupId"),
            ("audit", "audit"),
            ("templates", "template/page"),
        )
        for verdict, reply in (
            (HOLDS, offset(2000, 50, limit=50)),
            (FAILS, offset(2000, 50)),
            (NOT_TRIED, offset(9)),
            (NOT_TRIED, always(DENIED)),
        )
    ),
    ("rest", NOT_TRIED, {"search/user": always((429, {}))}),
]


def findings(mocker: Mocker, endpoints: Mapping[str, Reply], most: int = 30) -> list[Finding]:
    """Run all checks on a site that answers 404 to everything else; the first match counts."""

    def answer(request: Any, context: Any) -> Any:
        url = urlsplit(request.url)
        found = PATH.fullmatch(unquote(url.path))
        assert found, url.path
        assert request.method == "GET"
        params = dict(parse_qsl(url.query, keep_blank_values=True))
        fitting = (reply for name, reply in endpoints.items() if re.fullmatch(name, found[1]))
        said = next(fitting, always(NOT_FOUND))(params)
        if isinstance(said, tuple):
            context.status_code, said = said
        if context.status_code == 429:
            context.headers["Retry-After"] = "99999"
        return {"results": said} if isinstance(said, list) else said

    mocker.get(re.compile(f"^https://{DOMAIN_NAME}/"), json=answer)
    reader = Reader(make_connection(limits=CHECK_LIMITS), most)
    return [finding for _, check in CHECKS for finding in run_check(check, reader)]


@pytest.mark.parametrize(
    ("name", "verdict", "endpoints"),
    SITES,
    ids=[f"{name}-{verdict.name}-{n}" for n, (name, verdict, _) in enumerate(SITES)],
)
def test_a_verdict(
    requests_mock: Mocker, name: str, verdict: Verdict, endpoints: dict[str, Reply]
) -> None:
    found = findings(requests_mock, endpoints)

    assert verdict in [one.verdict for one in found if one.name == name]


@pytest.mark.parametrize("name", sorted(set(ASSUMPTIONS) - {"rest"}))
def test_every_assumption_can_hold_and_fail(name: str) -> None:
    assert {verdict for tried, verdict, _ in SITES if tried == name} >= {HOLDS, FAILS}


def test_all_checks_try_everything_on_any_site(requests_mock: Mocker) -> None:
    assert [one.name for one in findings(requests_mock, {})] != []
    assert {one.name for one in findings(requests_mock, {})} == set(ASSUMPTIONS) - {"rest"}


@pytest.mark.parametrize(
    "odd", [None, 7, "text", [None], {"results": [None, 7, {}]}, {"errors": 1}]
)
def test_odd_responses_do_no_harm(requests_mock: Mocker, odd: Any) -> None:
    found = findings(requests_mock, {".+": always(odd)})

    assert {one.name for one in found} == set(ASSUMPTIONS) - {"rest"}


def test_requests_are_limited_for_each_check(requests_mock: Mocker) -> None:
    found = findings(requests_mock, {}, most=2)

    assert [one.name for one in found].count("rest") > 5
    assert requests_mock.call_count <= 2 * len(CHECKS)


def test_a_list_without_end_is_left(requests_mock: Mocker) -> None:
    endless = {"results": [{"id": "1"}], "_links": {"next": "/wiki/api/v2/x?cursor=more"}}

    findings(requests_mock, {".+": always(endless)})

    assert requests_mock.call_count < 30 * len(CHECKS)


def test_a_finding_is_one_line() -> None:
    shown = str(Finding("views", FAILS, {"with_status_403": 2, "has_next": True}))

    assert ASSUMPTIONS["views"] in shown
    assert "with_status_403 2, has_next yes" in shown
    assert shown.strip().startswith(FAILS.value)
