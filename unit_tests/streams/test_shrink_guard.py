"""A full read that is clearly shorter than a search's count of the same content is logged."""

from __future__ import annotations

from typing import Any

import pytest

from unit_tests.fake_site import BAD_REQUEST, BROKEN, NOT_AN_ADMIN, FakeSite, Json, always, page
from unit_tests.fakes import make_setup
from unit_tests.run_sync import entry, run_sync

COMMENTS = (
    "page_footer_comments",
    "blog_post_footer_comments",
    "attachment_footer_comments",
    "custom_content_footer_comments",
    "page_inline_comments",
    "blog_post_inline_comments",
)


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    """A site with 100 current pages, 10 archived ones, and 10 comments of each kind."""
    site.pages = [page(number) for number in range(1, 101)]
    site.pages += [page(number, status="archived") for number in range(101, 111)]
    site.blogposts = [page(number) for number in range(201, 221)]
    site.lists["attachments"] = [page(number) for number in range(301, 331)]
    for first, kind in ((401, "footer-comments"), (501, "inline-comments")):
        site.lists[kind] = [page(number, pageId="1") for number in range(first, first + 10)]
    return site


def counting(site: FakeSite, total: object) -> None:
    site.entities["search"] = {"results": [], "totalSize": total}


def counts_requested(site: FakeSite) -> list[str]:
    """The CQL of each search that counts."""
    return [one["cql"] for one in site.requests_to("search") if "includeArchivedSpaces" in one]


def numbers_logged(caplog: pytest.LogCaptureFixture) -> list[set[str]]:
    """The words of each warning."""
    return [set(one.message.split()) for one in caplog.records if one.levelname == "WARNING"]


@pytest.mark.parametrize(
    ("streams", "cql", "read"),
    [
        (["pages"], "type=page", 100),
        (["blog_posts"], "type=blogpost", 20),
        (["attachments"], "type=attachment", 30),
        (COMMENTS, "type=comment", 20),
    ],
)
@pytest.mark.parametrize("more", [2, 4])
def test_both_numbers_are_logged(
    site: FakeSite,
    caplog: pytest.LogCaptureFixture,
    streams: list[str],
    cql: str,
    *,
    read: int,
    more: int,
) -> None:
    counting(site, read + more)

    outcome = run_sync(make_setup(), [entry(name) for name in streams])

    assert outcome.error is None
    assert counts_requested(site) == [cql]
    wanted = {str(read), f"{read + more}."}
    assert any(wanted <= words for words in numbers_logged(caplog)) == (more > 3)


@pytest.mark.parametrize(
    ("streams", "config", "states"),
    [
        (["pages"], {"excluded_space_keys": ["S9"]}, {}),
        (["pages"], {"content_statuses": ["archived"]}, {}),
        (["pages"], {"start_date": "2024-01-01T00:00:00Z"}, {}),
        (["pages"], {}, {"pages": {"lastModifiedAt": "2025-01-01T00:00:00.000Z"}}),
        (
            ["pages"],
            {},
            {"pages": {"firstSync": {"startedAt": "2025-01-01T00:00:00.000Z", "upTo": "9"}}},
        ),
        (COMMENTS[:-1], {}, {}),
        (COMMENTS, {}, {COMMENTS[2]: {"lastModifiedAt": "2025-01-01T00:00:00.000Z"}}),
        (["page_likes", "labels"], {}, {}),
    ],
)
def test_what_no_search_counts_is_not_compared(
    site: FakeSite,
    caplog: pytest.LogCaptureFixture,
    *,
    streams: list[str],
    config: dict[str, Any],
    states: dict[str, Json],
) -> None:
    counting(site, 9999)

    outcome = run_sync(make_setup(**config), [entry(name) for name in streams], states)

    assert outcome.error is None
    assert set(counts_requested(site)) <= {"type=comment"}, "replies are looked for by a count"
    assert not any("9999." in words for words in numbers_logged(caplog))


def test_selected_spaces_are_counted(site: FakeSite, caplog: pytest.LogCaptureFixture) -> None:
    counting(site, 200)

    run_sync(make_setup(space_keys=["S1"]), [entry("pages")])

    assert counts_requested(site) == ['type=page and space in ("S1")']
    assert any({"100", "200."} <= words for words in numbers_logged(caplog))


@pytest.mark.parametrize(
    "answer",
    [
        NOT_AN_ADMIN,
        BAD_REQUEST,
        BROKEN,
        (200, {"results": []}),
        (200, {"totalSize": "9999"}),
        (200, {"totalSize": None}),
        (200, {"totalSize": -1}),
    ],
)
def test_a_count_that_does_not_come_is_ignored(
    site: FakeSite, caplog: pytest.LogCaptureFixture, answer: tuple[int, Json]
) -> None:
    site.faults["search"] = always(answer)

    outcome = run_sync(make_setup(), [entry("pages")])

    assert outcome.error is None
    assert numbers_logged(caplog) == []
    assert len(counts_requested(site)) == 1


def test_a_read_that_failed_is_not_compared(site: FakeSite) -> None:
    counting(site, 9999)
    site.faults["attachments"] = always(BROKEN)

    outcome = run_sync(make_setup(), [entry("attachments")])

    assert outcome.error is not None
    assert counts_requested(site) == []
