"""Comments: one list for all streams of a kind."""

from __future__ import annotations

import pytest

from unit_tests.fake_site import (
    BROKEN,
    FakeSite,
    Json,
    Params,
    always,
    ids,
    page,
    space,
)
from unit_tests.fakes import Setup
from unit_tests.run_sync import read_whole, streams_of
from unit_tests.streams.commented import FOOTER, NEW, OLD, SINCE, add_comments, comment, read


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    return add_comments(site)


def test_four_streams_share_one_list(site: FakeSite) -> None:
    outcome = read(*FOOTER)

    assert [ids(outcome.records(name)) for name in FOOTER] == [["11", "12"], ["13"], ["14"], ["15"]]
    assert site.requests_besides("spaces") == [
        ("footer-comments", {"sort": "created-date", "body-format": "storage", "limit": "250"})
    ]
    assert outcome.states("page_footer_comments")[-1] == {"lastModifiedAt": OLD}


def test_inline_comments_have_their_own_list(site: FakeSite) -> None:
    site.comment_count = 7

    outcome = read("page_inline_comments", "blog_post_inline_comments", body_format="none")

    assert ids(outcome.records("page_inline_comments")) == ["21"]
    assert ids(outcome.records("blog_post_inline_comments")) == ["22"]
    assert site.requests_to("inline-comments") == [{"sort": "created-date", "limit": "250"}]


def test_trashed_comments_are_read_only_if_selected(site: FakeSite) -> None:
    site.lists["footer-comments"].append(comment(16, pageId="1", status="trashed"))
    everything = ["current", "archived", "trashed"]

    without = read(*FOOTER)
    with_trashed = read(*FOOTER, content_statuses=everything)

    assert ids(without.records("page_footer_comments")) == ["11", "12"]
    assert ids(with_trashed.records("page_footer_comments")) == ["11", "12", "16"]


def add_changes(site: FakeSite) -> None:
    site.lists["footer-comments"] = [
        comment(11, "2025-05-01T00:00:00.000Z", pageId="1"),
        comment(12, "2025-05-20T00:00:00.000Z", pageId="1", parentCommentId="11"),
        comment(13, "2025-05-10T00:00:00.000Z", blogPostId="2"),
        comment(14, "2025-05-30T00:00:00.000Z", blogPostId="2"),
        *(comment(number, OLD, pageId="1") for number in range(100, 900)),
    ]


def test_an_incremental_sync_lists_the_changes_of_all_streams_once(site: FakeSite) -> None:
    add_changes(site)
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
    assert [p["sort"] for p in site.requests_to("footer-comments")] == ["-modified-date"]


def resolved(comment_id: int, when: str | None, **more: str) -> Json:
    return comment(comment_id, OLD, pageId="1", resolutionLastModifiedAt=when, **more)


def test_a_resolved_comment_arrives_although_that_makes_no_version(site: FakeSite) -> None:
    site.lists["inline-comments"] = [
        *(resolved(number, None) for number in range(100, 700)),
        resolved(50, "2025-05-20T00:00:00Z", resolutionStatus="resolved"),
        resolved(51, "2025-01-20T00:00:00Z", resolutionStatus="resolved"),
    ]
    state = {"page_inline_comments": {"lastModifiedAt": SINCE}}

    outcome = read("page_inline_comments", states=state)

    assert ids(outcome.records("page_inline_comments")) == ["50"]
    assert len(site.requests_to("inline-comments")) == 3
    assert outcome.states("page_inline_comments") == [{"lastModifiedAt": SINCE}]


def test_comments_on_anything_else_are_counted_in_a_warning(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    site.lists["footer-comments"] += [comment(16), comment(17), comment(18, whiteboardId="7")]

    outcome = read(*FOOTER)

    assert [len(outcome.records(name)) for name in FOOTER] == [2, 1, 1, 1]
    (warning,) = caplog.records
    assert warning.levelname == "WARNING"
    assert warning.message.startswith("3 ")


def test_one_stream_without_a_state_has_the_whole_list_read(site: FakeSite) -> None:
    add_changes(site)
    states: dict[str, Json] = {
        "blog_post_footer_comments": {"lastModifiedAt": "2025-05-25T00:00:00.000Z"},
    }

    outcome = read(*FOOTER[:2], states=states)

    assert len(outcome.records("page_footer_comments")) == 802
    assert ids(outcome.records("blog_post_footer_comments")) == ["14"]
    assert len(site.requests_to("footer-comments")) == 4


def test_comments_on_excluded_content_are_excluded(site: FakeSite) -> None:
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


def test_comments_as_parents_are_listed_once_without_bodies(site: FakeSite, setup: Setup) -> None:
    site.lists["inline-comments"].append(comment(23, pageId="1", parentCommentId="21"))
    streams = streams_of(setup, "comment_content_properties")
    for number in (11, 12, 21):
        site.lists[f"comments/{number}/properties"] = [{"id": str(number), "key": "k"}]

    records = read_whole(streams["comment_content_properties"])

    assert [record["commentId"] for record in records] == ["11", "12", "21"]
    assert len(site.requests_to("footer-comments")) == len(site.requests_to("inline-comments")) == 1
    assert "body-format" not in site.requests_to("footer-comments")[0]


def test_a_list_that_fails_fails_all_streams_that_read_it(site: FakeSite) -> None:
    site.faults["footer-comments"] = always(BROKEN)

    outcome = read(*FOOTER, "pages", body_format="none")

    assert [outcome.statuses(name)[-1] for name in FOOTER] == ["INCOMPLETE"] * 4
    assert outcome.statuses("pages")[-1] == "COMPLETE"


def test_an_unreadable_comment_keeps_the_state(site: FakeSite) -> None:
    """Even if the list is not read to its end, but only as far as the state."""
    site.lists["footer-comments"] = [
        comment(13, NEW, pageId="1"),
        comment(12, NEW, pageId="1"),
        comment(11, OLD, pageId="1"),
    ]

    def fail_for_the_second(params: Params) -> tuple[int, Json] | None:
        first = int(params.get("cursor", "0"))
        has_it = first <= 1 < first + int(params["limit"])
        return BROKEN if has_it and "body-format" in params else None

    site.faults["footer-comments"] = fail_for_the_second
    state = {"lastModifiedAt": SINCE}

    outcome = read(FOOTER[0], states={FOOTER[0]: state})

    assert ids(outcome.records(FOOTER[0])) == ["13"]
    assert outcome.statuses(FOOTER[0])[-1] == "INCOMPLETE"
    assert outcome.states(FOOTER[0]) == [state]
