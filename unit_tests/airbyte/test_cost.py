"""`source-confluence cost`: what it prints, and what it does when it cannot count something."""

from __future__ import annotations

import re
from typing import Any

import pytest

from source_confluence.airbyte.cost import report
from source_confluence.confluence.errors import ConfigError, CredentialsRejected
from source_confluence.streams import STREAMS
from source_confluence.streams.preview.cost import duration
from unit_tests.fake_site import NOT_AN_ADMIN, FakeSite, always, page
from unit_tests.fakes import Setup, make_setup
from unit_tests.run_sync import sync_of

EVERY = [stream.name for stream in STREAMS]
INCREMENTAL = {stream.name for stream in STREAMS if stream.incremental_by}
MOST_REQUESTS = 40


def report_of(setup: Setup, *streams: str, rate: float | None = None) -> str:
    names = streams or EVERY
    return report(sync_of(setup, *names), INCREMENTAL & set(names), rate)


def totals(text: str) -> tuple[int, int]:
    (line,) = [line for line in text.splitlines() if line.endswith("  total")]
    first, later = re.findall(r"([\d,]+) +\S+ (?:s|min|h)\b", line)
    return int(first.replace(",", "")), int(later.replace(",", ""))


@pytest.fixture(autouse=True)
def site(site: FakeSite) -> FakeSite:
    site.pages = [page(number) for number in range(1, 4)]
    return site


def test_a_list_of_one_page_of_results_is_counted_by_it(site: FakeSite, setup: Setup) -> None:
    text = report_of(setup, "pages", "page_likes")

    assert totals(text) == (1 + 1 + 3 + 2, 1 + 1 + 3 + 2)
    assert [name for name, _ in site.requests] == ["user/current", "spaces", "spaces", "pages"]


def test_a_long_list_is_counted_by_a_search(site: FakeSite, setup: Setup) -> None:
    site.pages = [page(number) for number in range(1, 301)]
    site.counts = {"type=page": 100_000}

    first, later = totals(report_of(setup, "pages", "page_likes"))

    assert first == 100_000 + 400 + 667 + 2
    assert later == 100_000 + 400 + 1 + 2


def test_without_bodies_pages_cost_no_more_than_their_list(site: FakeSite) -> None:
    site.pages = [page(number) for number in range(1, 301)]
    site.counts = {"type=page": 100_000}

    first, later = totals(report_of(make_setup(body_format="none"), "pages"))

    assert first == 400 + 2
    assert later == 1 + 2


def test_a_list_that_a_stream_shares_with_others_is_counted_once(
    site: FakeSite, setup: Setup
) -> None:
    site.lists["attachments"] = [page(number) for number in range(1, 301)]
    site.counts = {"type=attachment": 10_000}

    alone = totals(report_of(setup, "attachments"))
    together = totals(report_of(setup, "attachments", "attachment_content_properties"))

    assert alone == (40 + 2, 1 + 2)
    assert together == (10_000 + 40 + 2, 10_000 + 40 + 1 + 2)


def test_a_row_names_the_streams_of_both_syncs(site: FakeSite, setup: Setup) -> None:
    site.lists["attachments"] = [page(1)]

    text = report_of(setup, "attachments", "users")

    (row,) = [line for line in text.splitlines() if "list attachments" in line]
    assert {"attachments", "users"} <= set(row.partition(" for ")[2].split(", "))


def test_without_current_content_labels_are_requested_by_parent(site: FakeSite) -> None:
    edited: dict[str, Any] = {"version": {"number": 2}}
    site.pages = [page(number, status="archived", **edited) for number in range(1, 6)]
    site.lists["labels"] = [{"id": "1"}, {"id": "2"}]
    setup = make_setup(content_statuses=["archived"])

    alone, _ = totals(report_of(setup, "page_labels"))
    with_versions, _ = totals(report_of(setup, "page_labels", "page_versions"))

    assert alone == 5 + 1 + 1, "the list of pages, and that of labels"
    assert with_versions == alone + 2, "both with one GET; 2 for the spaces"


def test_the_largest_costs_come_first(site: FakeSite, setup: Setup) -> None:
    site.spaces = [{"id": str(n), "key": f"S{n}", "status": "current"} for n in range(40)]

    text = report_of(setup, "page_likes", "space_labels", "space_watchers")

    costs = [int(line.split()[0]) for line in text.splitlines() if re.match(r" +\d", line)]
    assert costs[:-1] == sorted(costs[:-1], reverse=True)
    assert costs[-1] == sum(costs[:-1]) == 40 + 40 + 3 + 1 + 2


def test_the_preview_is_bounded_however_large_the_site_is(site: FakeSite, setup: Setup) -> None:
    everything = [page(number) for number in range(1, 301)]
    site.pages = site.blogposts = everything
    site.spaces = [{"id": str(n), "key": f"S{n}", "status": "current"} for n in range(5_000)]
    site.groups = [{"id": str(n)} for n in range(3_000)]
    site.audit = [{"creationDate": 1}] * 2_000
    site.custom_types = ["a:b", "a:c"]
    for name in ("labels", "attachments", "footer-comments", "inline-comments", "tasks"):
        site.lists[name] = [page(number) for number in range(2_000)]
    site.lists["search/user"] = [{"user": {"accountId": str(n)}} for n in range(3_000)]
    site.counts = {"type=page": 100_000, "type=blogpost": 9_000, "type=space": 5_000}

    text = report_of(setup)

    assert len(site.requests) <= MOST_REQUESTS + 12, "12 for the list of spaces"
    assert "100,000 pages" in text
    assert "5,000 spaces" in text


def test_what_was_seen_counts_although_no_search_counts_the_rest(
    site: FakeSite, setup: Setup
) -> None:
    site.pages = [page(number) for number in range(1, 301)]
    site.lists["attachments"] = site.lists["footer-comments"] = site.pages
    site.faults["search"] = always(NOT_AN_ADMIN)

    text = report_of(setup, "page_likes", "attachment_content_properties", "footer_comment_likes")

    assert totals(text)[0] >= 3 * 250


@pytest.mark.parametrize("endpoint", ["search", "labels", "group", "audit", "search/user"])
def test_what_is_denied_is_named_and_the_rest_counted(
    site: FakeSite, setup: Setup, endpoint: str
) -> None:
    site.pages = [page(number) for number in range(1, 301)]
    site.faults[endpoint] = always(NOT_AN_ADMIN)

    text = report_of(setup, "space_labels", "page_labels", "group_members", "users", "audit")

    assert f"/{endpoint}" in text
    assert totals(text)[0] > 0


@pytest.mark.parametrize(
    ("config", "word"),
    [
        ({"start_date": "2024-01-01T00:00:00Z"}, "start_date"),
        ({"cql": "label = x"}, "cql"),
        ({"excluded_space_keys": [f"X{n}" for n in range(60)]}, "whole site"),
    ],
)
def test_filters_that_are_not_considered_are_named(config: dict[str, Any], word: str) -> None:
    assert word in report_of(make_setup(**config), "pages", "attachments")
    assert word not in report_of(make_setup(), "pages", "attachments")


def test_excluded_spaces_are_not_counted(site: FakeSite) -> None:
    site.spaces = [{"id": str(n), "key": f"S{n}", "status": "current"} for n in range(9)]

    text = report_of(make_setup(excluded_space_keys=["s1", "S2"]), "space_labels")

    assert totals(text)[0] == 7 + 2


def test_its_own_requests_are_counted(site: FakeSite, setup: Setup) -> None:
    text = report(sync_of(setup), set(), None)

    assert len(site.requests) == 1
    assert " 1 request:" in text


def test_no_credentials_are_an_error(site: FakeSite, setup: Setup) -> None:
    site.user = {"type": "anonymous"}

    with pytest.raises(CredentialsRejected):
        report_of(setup)

    assert len(site.requests) == 1


def test_a_space_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ConfigError):
        report_of(make_setup(space_keys=["NONE"]), "pages")


@pytest.mark.parametrize(
    ("config", "rate", "shown"),
    [
        ({"requests_per_second": 5}, None, "5"),
        ({"requests_per_second": 5}, 2.5, "2.5"),
        ({}, 8, "8"),
    ],
)
def test_the_rate_is_the_one_that_the_user_allows(
    config: dict[str, Any], rate: float | None, shown: str
) -> None:
    text = report_of(make_setup(**config), "pages", rate=rate)

    assert f"at {shown} requests per second" in text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (59.4, "59 s"), (61, "1 min"), (3_599, "60 min"), (10_000, "2.8 h")],
)
def test_a_time_as_people_say_it(seconds: float, text: str) -> None:
    assert duration(seconds) == text
