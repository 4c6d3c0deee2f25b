"""Replies to comments, wherever Confluence lists them."""

from __future__ import annotations

import pytest

from unit_tests.fake_site import (
    BROKEN,
    NOT_AN_ADMIN,
    NOT_FOUND,
    FakeSite,
    Json,
    always,
    ids,
)
from unit_tests.streams.commented import FOOTER, add_comments, comment, read


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    return add_comments(site)


def test_a_reply_without_a_container_has_that_of_its_comment(site: FakeSite) -> None:
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


def test_a_reply_to_a_deleted_comment_is_skipped(site: FakeSite) -> None:
    site.lists["footer-comments"].append(comment(16, parentCommentId="99"))

    outcome = read(*FOOTER)

    assert outcome.error is None
    assert [len(outcome.records(name)) for name in FOOTER] == [2, 1, 1, 1]


def list_without_replies(site: FakeSite) -> None:
    """Leave replies out of the list; the endpoint of each comment has them."""
    del site.lists["footer-comments"][1]
    site.lists["footer-comments/11/children"] = [comment(12), comment(31, parentCommentId="11")]
    site.lists["footer-comments/12/children"] = [comment(33)]


def test_replies_that_the_list_omits_are_requested(site: FakeSite) -> None:
    list_without_replies(site)
    site.comment_count = 9

    outcome = read(*FOOTER)

    found = {r["id"]: r.get("parentCommentId") for r in outcome.records("page_footer_comments")}
    assert found == {"11": None, "12": "11", "31": "11", "33": "12"}
    assert {record["pageId"] for record in outcome.records("page_footer_comments")} == {"1"}
    requested = [name for name in site.endpoints() if name.endswith("/children")]
    assert requested == [f"footer-comments/{n}/children" for n in (11, 12, 13, 14, 15, 31, 33)]
    assert site.requests_to("footer-comments/11/children")[0]["body-format"] == "storage"


def test_replies_are_requested_with_a_start_date_that_excludes_no_comment(site: FakeSite) -> None:
    list_without_replies(site)
    site.comment_count = 9

    outcome = read(*FOOTER, start_date="2000-01-01T00:00:00Z")

    assert ids(outcome.records("page_footer_comments")) == ["11", "12", "31", "33"]


def test_a_comment_that_is_deleted_before_its_replies_are_requested_is_skipped(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    list_without_replies(site)
    site.comment_count = 9
    for number in (12, 13):
        site.faults[f"footer-comments/{number}/children"] = always(NOT_FOUND)

    outcome = read(*FOOTER)

    assert [outcome.statuses(name)[-1] for name in FOOTER] == ["COMPLETE"] * 4
    assert ids(outcome.records("page_footer_comments")) == ["11", "12", "31"]
    assert ids(outcome.records("custom_content_footer_comments")) == ["15"]
    lines = [one.message for one in caplog.records if "of footer_comments" in one.message]
    assert [f"record {number} " in line for number, line in zip((12, 13), lines, strict=True)]


def test_replies_that_fail_fail_the_streams(site: FakeSite) -> None:
    list_without_replies(site)
    site.comment_count = 9
    site.faults["footer-comments/13/children"] = always(BROKEN)

    assert [read(*FOOTER).statuses(name)[-1] for name in FOOTER] == ["INCOMPLETE"] * 4


def test_comments_and_replies_without_an_id_are_records(site: FakeSite) -> None:
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


def test_no_replies_are_requested_if_a_search_finds_no_more_comments(site: FakeSite) -> None:
    list_without_replies(site)
    site.comment_count = 6

    read(*FOOTER)

    assert not any(name.endswith("/children") for name in site.endpoints())
    (params,) = site.requests_to("search")
    assert (params["cql"], params["limit"]) == ("type=comment", "1")
    assert params["includeArchivedSpaces"] == "true"


def test_no_replies_are_requested_if_the_search_is_denied(site: FakeSite) -> None:
    list_without_replies(site)
    site.faults["search"] = always((403, {"message": "no scope"}))

    outcome = read(*FOOTER)

    assert outcome.error is None
    assert ids(outcome.records("page_footer_comments")) == ["11"]


def test_a_list_with_replies_needs_no_search(site: FakeSite) -> None:
    site.comment_count = 1000

    read(*FOOTER)

    assert {name for name, _ in site.requests_besides("spaces")} == {"footer-comments"}


def test_versions_of_changed_comments_need_no_search(site: FakeSite) -> None:
    list_without_replies(site)
    site.comment_count = 9
    state = {"lastModifiedAt": "2000-01-01T00:00:00.000Z"}

    read("footer_comment_versions", states={"footer_comment_versions": state})

    assert {name for name, _ in site.requests_besides("spaces")} == {"footer-comments"}


@pytest.mark.parametrize("answer", [NOT_AN_ADMIN, NOT_FOUND], ids=["403", "404"])
def test_no_replies_are_requested_if_the_other_kind_of_comment_is_denied(
    site: FakeSite, answer: tuple[int, Json]
) -> None:
    list_without_replies(site)
    site.comment_count = 9
    site.faults["inline-comments"] = always(answer)

    outcome = read(*FOOTER)

    assert ids(outcome.records("page_footer_comments")) == ["11"]
    assert [outcome.statuses(name)[-1] for name in FOOTER] == ["COMPLETE"] * 4


def test_the_search_is_retried(site: FakeSite) -> None:
    list_without_replies(site)
    site.comment_count = 9
    answers = iter([BROKEN])
    site.faults["search"] = lambda _: next(answers, None)

    assert len(read(*FOOTER).records("page_footer_comments")) == 4
