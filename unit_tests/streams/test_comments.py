"""Comments: one list for all streams of a kind, replies included wherever they are."""

from __future__ import annotations

from typing import Any

import pytest

from source_confluence.connection import Connection
from unit_tests.fakes import make_config, make_connection
from unit_tests.sync.fake_site import (
    BROKEN,
    GONE,
    NOT_AN_ADMIN,
    FakeSite,
    Json,
    Params,
    always,
    ids,
    page,
    space,
)
from unit_tests.sync.run_sync import Outcome, entry, read_whole, run_sync, streams_of

FOOTER = (
    "page_footer_comments",
    "blog_post_footer_comments",
    "attachment_footer_comments",
    "custom_content_footer_comments",
)
OLD, SINCE, NEW = (f"2025-0{month}-01T00:00:00.000Z" for month in (1, 5, 6))


def comment(comment_id: int, modified: str = OLD, **more: Any) -> Json:
    return {
        "id": str(comment_id),
        "status": "current",
        "version": {"number": 1, "createdAt": modified},
        **more,
    }


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    """A comment on everything that can have one, and a reply."""
    site.pages, site.blogposts = [page(1)], [page(2)]
    site.lists["footer-comments"] = [
        comment(11, pageId="1"),
        comment(12, pageId="1", parentCommentId="11"),
        comment(13, blogPostId="2"),
        comment(14, attachmentId="att3"),
        comment(15, customContentId="4"),
    ]
    site.lists["inline-comments"] = [comment(21, pageId="1"), comment(22, blogPostId="2")]
    return site


def read(*names: str, states: dict[str, Json] | None = None, **config: Any) -> Outcome:
    connection = make_connection(make_config(**config))
    return run_sync(connection, [entry(name) for name in names], states)


def test_four_streams_share_one_list(site: FakeSite) -> None:
    outcome = read(*FOOTER)

    assert [ids(outcome.records(name)) for name in FOOTER] == [["11", "12"], ["13"], ["14"], ["15"]]
    assert site.requests == [
        ("footer-comments", {"sort": "created-date", "body-format": "storage", "limit": "250"})
    ]
    assert outcome.states("page_footer_comments")[-1] == {"lastModifiedAt": OLD}


def test_inline_comments_have_a_list_of_their_own(site: FakeSite) -> None:
    site.comment_count = 7

    outcome = read("page_inline_comments", "blog_post_inline_comments", body_format="none")

    assert ids(outcome.records("page_inline_comments")) == ["21"]
    assert ids(outcome.records("blog_post_inline_comments")) == ["22"]
    assert site.asked("inline-comments") == [{"sort": "created-date", "limit": "250"}]


def test_a_reply_that_does_not_say_so_stands_where_its_comment_stands(site: FakeSite) -> None:
    site.lists["footer-comments"] += [
        comment(16, parentCommentId="14"),
        comment(17, parentCommentId="16"),
        comment(18, parentCommentId="14"),
    ]

    outcome = read(*FOOTER)

    found = outcome.records("attachment_footer_comments")
    assert ids(found) == ["14", "16", "17", "18"]
    assert {record["attachmentId"] for record in found} == {"att3"}
    assert site.endpoints().count("footer-comments/14") <= 1
    assert site.endpoints().count("footer-comments/16") <= 1


def test_a_reply_to_a_comment_that_is_gone_stands_nowhere(site: FakeSite) -> None:
    site.lists["footer-comments"].append(comment(16, parentCommentId="99"))

    outcome = read(*FOOTER)

    assert outcome.error is None
    assert [len(outcome.records(name)) for name in FOOTER] == [2, 1, 1, 1]


def without_replies(site: FakeSite) -> None:
    """Let the list show no replies; those to a comment are at its own endpoint."""
    del site.lists["footer-comments"][1]
    site.lists["footer-comments/11/children"] = [comment(12), comment(31, parentCommentId="11")]
    site.lists["footer-comments/12/children"] = [comment(33)]


def test_replies_that_the_list_leaves_out_are_asked_for(site: FakeSite) -> None:
    without_replies(site)
    site.comment_count = 9

    outcome = read(*FOOTER)

    found = {r["id"]: r.get("parentCommentId") for r in outcome.records("page_footer_comments")}
    assert found == {"11": None, "12": "11", "31": "11", "33": "12"}
    assert {record["pageId"] for record in outcome.records("page_footer_comments")} == {"1"}
    asked = [name for name in site.endpoints() if name.endswith("/children")]
    assert asked == [f"footer-comments/{n}/children" for n in (11, 12, 13, 14, 15, 31, 33)]
    assert site.asked("footer-comments/11/children")[0]["body-format"] == "storage"


def test_replies_are_asked_for_though_a_start_date_leaves_no_comment_out(site: FakeSite) -> None:
    without_replies(site)
    site.comment_count = 9

    outcome = read(*FOOTER, start_date="2000-01-01T00:00:00Z")

    assert ids(outcome.records("page_footer_comments")) == ["11", "12", "31", "33"]


def test_a_comment_that_is_gone_when_its_replies_are_asked_for_is_passed_over(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    without_replies(site)
    site.comment_count = 9
    for number in (12, 13):
        site.faults[f"footer-comments/{number}/children"] = always(GONE)

    outcome = read(*FOOTER)

    assert [outcome.statuses(name)[-1] for name in FOOTER] == ["COMPLETE"] * 4
    assert ids(outcome.records("page_footer_comments")) == ["11", "12", "31"]
    assert ids(outcome.records("custom_content_footer_comments")) == ["15"]
    named = [line for line in caplog.messages if "of footer_comments is passed over" in line]
    assert [line.split()[1] for line in named] == ["12", "13"]


def test_a_comment_whose_replies_break_fails_the_streams(site: FakeSite) -> None:
    without_replies(site)
    site.comment_count = 9
    site.faults["footer-comments/13/children"] = always(BROKEN)

    assert [read(*FOOTER).statuses(name)[-1] for name in FOOTER] == ["INCOMPLETE"] * 4


def test_comments_and_replies_without_an_id_are_passed_on(site: FakeSite) -> None:
    site.comment_count = 9
    listed = [comment(11, pageId="1"), {"id": None, "pageId": "1", "title": "A"}]
    site.faults["footer-comments"] = always((200, {"results": listed, "_links": {}}))
    replies = {"results": [{"title": "B"}, {"id": None, "title": "C"}], "_links": {}}
    site.faults["footer-comments/11/children"] = always((200, replies))

    found = read(*FOOTER).records("page_footer_comments")

    assert [(record.get("id"), record.get("title")) for record in found] == [
        ("11", None),
        (None, "A"),
        (None, "B"),
        (None, "C"),
    ]
    assert [r.get("parentCommentId") for r in found] == [None, None, "11", "11"]


def test_where_a_search_finds_no_more_comments_there_are_no_replies(site: FakeSite) -> None:
    without_replies(site)
    site.comment_count = 6

    read(*FOOTER)

    assert not any(name.endswith("/children") for name in site.endpoints())
    assert site.asked("search") == [{"cql": "type=comment", "limit": "1", "excerpt": "none"}]


def test_where_the_search_is_refused_the_list_is_taken_as_it_is(site: FakeSite) -> None:
    without_replies(site)
    site.faults["search"] = always((403, {"message": "no scope"}))

    outcome = read(*FOOTER)

    assert outcome.error is None
    assert ids(outcome.records("page_footer_comments")) == ["11"]


def test_a_list_that_shows_replies_is_not_doubted(site: FakeSite) -> None:
    site.comment_count = 1000

    read(*FOOTER)

    assert site.endpoints() == ["footer-comments"]


def test_trashed_comments_come_only_where_they_are_wanted(site: FakeSite) -> None:
    site.lists["footer-comments"].append(comment(16, pageId="1", status="trashed"))
    everything = ["current", "archived", "trashed"]

    without = read(*FOOTER)
    with_trashed = read(*FOOTER, content_statuses=everything)

    assert ids(without.records("page_footer_comments")) == ["11", "12"]
    assert ids(with_trashed.records("page_footer_comments")) == ["11", "12", "16"]


def changed(site: FakeSite) -> None:
    site.lists["footer-comments"] = [
        comment(11, "2025-05-01T00:00:00.000Z", pageId="1"),
        comment(12, "2025-05-20T00:00:00.000Z", pageId="1", parentCommentId="11"),
        comment(13, "2025-05-10T00:00:00.000Z", blogPostId="2"),
        comment(14, "2025-05-30T00:00:00.000Z", blogPostId="2"),
        *(comment(number, OLD, pageId="1") for number in range(100, 900)),
    ]


def test_a_later_sync_reads_what_any_stream_wants_and_each_takes_its_own(site: FakeSite) -> None:
    changed(site)
    states: dict[str, Json] = {
        "page_footer_comments": {"lastModifiedAt": "2025-05-15T00:00:00.000Z"},
        "blog_post_footer_comments": {"lastModifiedAt": "2025-05-25T00:00:00.000Z"},
    }

    outcome = read(*FOOTER[:2], states=states, lookback_window_minutes=0)

    assert ids(outcome.records("page_footer_comments")) == ["12"]
    assert ids(outcome.records("blog_post_footer_comments")) == ["14"]
    assert outcome.states("page_footer_comments") == [
        {"lastModifiedAt": "2025-05-20T00:00:00.000Z"}
    ]
    assert [p["sort"] for p in site.asked("footer-comments")] == ["-modified-date"]


def test_a_stream_that_wants_all_has_the_list_read_whole(site: FakeSite) -> None:
    changed(site)
    states: dict[str, Json] = {
        "blog_post_footer_comments": {"lastModifiedAt": "2025-05-25T00:00:00.000Z"},
    }

    outcome = read(*FOOTER[:2], states=states)

    assert len(outcome.records("page_footer_comments")) == 802
    assert ids(outcome.records("blog_post_footer_comments")) == ["14"]
    assert len(site.asked("footer-comments")) == 4


def test_comments_on_what_the_config_leaves_out_are_left_out(site: FakeSite) -> None:
    site.spaces.append(space(2))
    site.pages.append(page(5, spaceId="2"))
    site.lists["attachments"] = [
        {"id": "att3", "pageId": "5", "status": "current"},
        {"id": "att6", "pageId": "1", "status": "current"},
    ]
    site.lists["custom-content"] = [
        page(4, type="ac:app:thing"),
        page(7, type="ac:app:thing", spaceId="2"),
    ]
    site.lists["footer-comments"] += [
        comment(16, pageId="5"),
        comment(17, attachmentId="att6"),
        comment(18, customContentId="7"),
    ]

    outcome = read(*FOOTER, space_keys=["S1"], custom_content_types=["ac:app:thing"])

    assert [ids(outcome.records(name)) for name in FOOTER] == [["11", "12"], ["13"], ["17"], ["15"]]


def test_comments_for_their_children_are_listed_once_and_light(
    site: FakeSite, connection: Connection
) -> None:
    site.lists["inline-comments"].append(comment(23, pageId="1", parentCommentId="21"))
    streams = streams_of(connection, "comment_content_properties")
    for number in (11, 12, 21):
        site.lists[f"comments/{number}/properties"] = [{"id": str(number), "key": "k"}]

    records = read_whole(streams["comment_content_properties"])

    assert [record["commentId"] for record in records] == ["11", "12", "21"]
    assert len(site.asked("footer-comments")) == len(site.asked("inline-comments")) == 1
    assert "body-format" not in site.asked("footer-comments")[0]


def test_a_list_that_breaks_fails_all_that_read_it(site: FakeSite) -> None:
    site.faults["footer-comments"] = always(BROKEN)

    outcome = read(*FOOTER, "pages", body_format="none")

    assert [outcome.statuses(name)[-1] for name in FOOTER] == ["INCOMPLETE"] * 4
    assert outcome.statuses("pages")[-1] == "COMPLETE"


def test_comments_of_a_kind_that_is_no_list_of_comments_are_a_mistake(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = streams_of(connection)["page_footer_comments"]
    monkeypatch.setattr(stream, "kind", "pages")

    with pytest.raises(TypeError, match="pages are no comments"):
        read_whole(stream)


def test_a_comment_that_cannot_be_read_holds_the_state_back(site: FakeSite) -> None:
    """Though the list is not read to its end, but to what is older than the state."""
    site.lists["footer-comments"] = [
        comment(13, NEW, pageId="1"),
        comment(12, NEW, pageId="1"),
        comment(11, OLD, pageId="1"),
    ]

    def fail_for_the_second(params: Params) -> tuple[int, Json] | None:
        first = int(params.get("cursor", "0"))
        holds_it = first <= 1 < first + int(params["limit"])
        return BROKEN if holds_it and "body-format" in params else None

    site.faults["footer-comments"] = fail_for_the_second
    state = {"lastModifiedAt": SINCE}

    outcome = read(FOOTER[0], states={FOOTER[0]: state})

    assert ids(outcome.records(FOOTER[0])) == ["13"]
    assert outcome.statuses(FOOTER[0])[-1] == "INCOMPLETE"
    assert outcome.states(FOOTER[0]) == [state]


@pytest.mark.parametrize("answer", [NOT_AN_ADMIN, GONE], ids=["403", "404"])
def test_the_other_kind_of_comments_may_be_refused(
    site: FakeSite, answer: tuple[int, Json]
) -> None:
    without_replies(site)
    site.comment_count = 9
    site.faults["inline-comments"] = always(answer)

    outcome = read(*FOOTER)

    assert ids(outcome.records("page_footer_comments")) == ["11"]
    assert [outcome.statuses(name)[-1] for name in FOOTER] == ["COMPLETE"] * 4


def test_a_search_that_fails_once_is_asked_again(site: FakeSite) -> None:
    without_replies(site)
    site.comment_count = 9
    answers = iter([BROKEN])
    site.faults["search"] = lambda _: next(answers, None)

    assert len(read(*FOOTER).records("page_footer_comments")) == 4
