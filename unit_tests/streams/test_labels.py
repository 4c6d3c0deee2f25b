"""Labels and what they are on: asked for from whichever side is cheaper."""

from __future__ import annotations

from typing import Any

import pytest
from airbyte_cdk.models import SyncMode

from source_confluence.connection import Connection
from unit_tests.fake_site import (
    BROKEN,
    GONE,
    NOT_AN_ADMIN,
    FakeSite,
    Json,
    Params,
    always,
    ids,
    page,
)
from unit_tests.fakes import make_config, make_connection
from unit_tests.run_sync import Outcome, entry, run_sync

FULL = SyncMode.full_refresh


def label(number: int) -> Json:
    return {"id": str(number), "name": f"label-{number}", "prefix": "global"}


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    """Forty pages, each with two of ten labels."""
    site.pages = [page(number) for number in range(1, 41)]
    site.lists["labels"] = [label(number) for number in range(10)]
    for number in range(1, 41):
        site.lists[f"pages/{number}/labels"] = [label(number % 10), label(number * 7 % 10)]
    return site


def links(site: FakeSite) -> set[tuple[str, str]]:
    return {
        (one["id"], found["id"])
        for one in site.pages
        for found in site.lists[f"pages/{one['id']}/labels"]
    }


def found(outcome: Outcome) -> list[tuple[str, str]]:
    return sorted((record["pageId"], record["id"]) for record in outcome.records("page_labels"))


def read(*others: str, **config: Any) -> Outcome:
    names = ("page_labels", *others)
    connection = make_connection(make_config(**config))
    return run_sync(connection, [entry(name, FULL) for name in names])


def asked_labels(site: FakeSite) -> int:
    return sum(name.startswith("labels/") for name in site.endpoints())


def asked_pages(site: FakeSite) -> int:
    return sum(name.startswith("pages/") for name in site.endpoints())


def test_few_labels_are_asked_what_they_are_on(site: FakeSite) -> None:
    outcome = read()

    assert found(outcome) == sorted(links(site))
    assert outcome.records("page_labels")[0].keys() == {"pageId", "id", "name", "prefix"}
    assert (asked_labels(site), asked_pages(site)) == (10, 0)
    assert "body-format" not in site.asked("labels/1/pages")[0]


def test_few_pages_are_asked_for_their_labels(site: FakeSite) -> None:
    site.lists["labels"] = [label(number) for number in range(41)]

    outcome = read()

    assert found(outcome) == sorted(links(site))
    assert (asked_labels(site), asked_pages(site)) == (0, 40)


def test_as_many_labels_as_pages_are_asked(site: FakeSite) -> None:
    site.lists["labels"] = [label(number) for number in range(40)]

    assert found(read()) == sorted(links(site))
    assert asked_pages(site) == 0


def test_labels_ride_along_where_every_page_is_asked_anyway(site: FakeSite) -> None:
    outcome = read("page_content_properties")

    assert found(outcome) == sorted(links(site))
    assert asked_labels(site) == 0
    assert [name for name in site.endpoints() if name.startswith("pages/")] == sorted(
        f"pages/{number}" for number in range(1, 41)
    )
    assert site.asked("labels") == []


def test_versions_alone_are_no_reason_to_ask_every_page(site: FakeSite) -> None:
    outcome = read("page_versions")

    assert found(outcome) == sorted(links(site))
    assert (asked_labels(site), asked_pages(site)) == (10, 0)


@pytest.mark.parametrize("status", ["archived", "trashed"])
def test_pages_that_a_label_does_not_show_are_asked_one_by_one(site: FakeSite, status: str) -> None:
    site.pages[4]["status"] = status
    site.pages[7]["status"] = status

    outcome = read(content_statuses=["current", status])

    assert found(outcome) == sorted(links(site))
    assert [name for name in site.endpoints() if name.startswith("pages/")] == [
        "pages/5/labels",
        "pages/8/labels",
    ]


def test_a_label_that_shows_an_archived_page_too_brings_no_link_twice(site: FakeSite) -> None:
    archived = {**page(5), "status": "archived"}
    site.pages[4] = archived
    site.faults["labels/5/pages"] = lambda _: (
        200,
        {"results": [archived, *(one for one in site.pages if int(one["id"]) % 10 == 5)]},
    )

    assert found(read()).count(("5", "5")) == 1


def test_filters_hold_for_what_a_label_is_on(site: FakeSite) -> None:
    for number in (1, 2, 3):
        site.pages[number - 1]["spaceId"] = "2"
    site.spaces.append({"id": "2", "key": "S2", "status": "current"})

    outcome = read(excluded_space_keys=["S2"])

    assert {pair[0] for pair in found(outcome)} == {str(number) for number in range(4, 41)}
    assert {params["space-id"] for params in site.asked("labels/1/pages")} == {"1"}


def test_whether_labels_are_cheaper_is_counted_over_the_pages_that_are_wanted(
    site: FakeSite,
) -> None:
    for one in site.pages[8:]:
        one["spaceId"] = "2"
    site.spaces.append({"id": "2", "key": "S2", "status": "current"})

    outcome = read(space_keys=["S1"])

    assert {pair[0] for pair in found(outcome)} == {str(number) for number in range(1, 9)}
    assert (asked_labels(site), asked_pages(site)) == (0, 8)


def test_what_a_label_s_list_repeats_comes_once(site: FakeSite) -> None:
    site.pages = [page(number) for number in range(1, 301)]
    site.lists["labels"] = [label(1)]
    for number in range(1, 301):
        site.lists[f"pages/{number}/labels"] = [label(1)]

    def insert_in_front(params: Params) -> None:
        if "cursor" in params:
            site.pages.insert(0, page(999))
            site.lists["pages/999/labels"] = [label(1)]

    site.faults["labels/1/pages"] = insert_in_front

    records = read().records("page_labels")
    assert sorted(record["pageId"] for record in records) == sorted(str(n) for n in range(1, 301))


@pytest.mark.parametrize("refusal", [GONE, NOT_AN_ADMIN], ids=["404", "403"])
@pytest.mark.parametrize("gone", ["0", "5"])
def test_a_label_that_is_gone_meanwhile_is_passed_over(
    site: FakeSite, caplog: pytest.LogCaptureFixture, refusal: tuple[int, Json], gone: str
) -> None:
    caplog.set_level("INFO")
    site.faults[f"labels/{gone}/pages"] = always(refusal)

    outcome = read()

    assert outcome.statuses("page_labels")[-1] == "COMPLETE"
    assert found(outcome) == sorted(link for link in links(site) if link[1] != gone)
    assert any(line.startswith(f"Record {gone} of labels is passed") for line in caplog.messages)


def test_a_label_that_fails_is_named_behind_all_others(site: FakeSite) -> None:
    site.faults["labels/3/pages"] = always(BROKEN)

    outcome = read()

    assert found(outcome) == sorted(link for link in links(site) if link[1] != "3")
    assert outcome.errors("page_labels") == ["page_labels of 3 could not be read."]


def test_where_nothing_current_is_wanted_labels_are_not_asked(site: FakeSite) -> None:
    for one in site.pages[4:6]:
        one["status"] = "archived"

    outcome = read(content_statuses=["archived"])

    assert {pair[0] for pair in found(outcome)} == {"5", "6"}
    assert (asked_labels(site), asked_pages(site)) == (0, 2)
    assert site.asked("labels") == []


def test_groups_of_labels_are_read_at_the_same_time(site: FakeSite) -> None:
    site.lists["labels"] = [label(number) for number in range(25)]
    site.pages = [page(number) for number in range(1, 101)]

    outcome = read()

    assert len(found(outcome)) == len(links(site))
    assert asked_labels(site) == 25


@pytest.mark.parametrize(
    ("stream", "kind", "parent_key"),
    [
        ("blog_post_labels", "blogposts", "blogPostId"),
        ("attachment_labels", "attachments", "attachmentId"),
    ],
)
def test_blog_posts_and_attachments_go_the_same_way(
    site: FakeSite, connection: Connection, stream: str, kind: str, parent_key: str
) -> None:
    parents = [page(number) for number in range(1, 31)]
    if kind == "blogposts":
        site.blogposts = parents
    else:
        site.lists[kind] = parents
    for number in range(1, 31):
        site.lists[f"{kind}/{number}/labels"] = [label(number % 3)]

    outcome = run_sync(connection, [entry(stream)])

    assert sorted(int(record[parent_key]) for record in outcome.records(stream)) == [*range(1, 31)]
    assert sum(name.startswith("labels/") for name in site.endpoints()) == 10


def test_every_label_is_listed_once_for_all(site: FakeSite, connection: Connection) -> None:
    outcome = run_sync(connection, [entry("labels"), entry("page_labels")])

    assert ids(outcome.records("labels")) == [str(number) for number in range(10)]
    assert len(site.asked("labels")) == 1


def test_labels_and_pages_without_an_id_have_no_links(site: FakeSite) -> None:
    nameless: list[Json] = [{"status": "current"}, {"status": "archived"}]
    site.faults["pages"] = always((200, {"results": [*site.pages, *nameless], "_links": {}}))
    site.faults["labels"] = always((200, {"results": [{"name": "x"}, label(7)], "_links": {}}))
    on_seven = [one for one in site.pages if (one["id"], "7") in links(site)]
    site.faults["labels/7/pages"] = always((200, {"results": [*nameless, *on_seven], "_links": {}}))

    assert found(read()) == sorted((one["id"], "7") for one in on_seven)
