"""Labels of parents: requested by label or by parent, whichever costs less."""

from __future__ import annotations

from typing import Any

import pytest
from airbyte_cdk.models import SyncMode

from unit_tests.fake_site import (
    BROKEN,
    NOT_AN_ADMIN,
    NOT_FOUND,
    FakeSite,
    Json,
    Params,
    always,
    ids,
    page,
)
from unit_tests.fakes import Setup, make_setup
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
    setup = make_setup(**config)
    return run_sync(setup, [entry(name, FULL) for name in names])


def requests_by_label(site: FakeSite) -> int:
    return sum(name.startswith("labels/") for name in site.endpoints())


def requests_by_page(site: FakeSite) -> int:
    return sum(name.startswith("pages/") for name in site.endpoints())


def test_few_labels_are_requested_by_label(site: FakeSite) -> None:
    outcome = read()

    assert found(outcome) == sorted(links(site))
    assert outcome.records("page_labels")[0].keys() == {"pageId", "id", "name", "prefix"}
    assert (requests_by_label(site), requests_by_page(site)) == (10, 0)
    assert "body-format" not in site.requests_to("labels/1/pages")[0]


def test_few_pages_are_requested_by_page(site: FakeSite) -> None:
    site.lists["labels"] = [label(number) for number in range(41)]

    outcome = read()

    assert found(outcome) == sorted(links(site))
    assert (requests_by_label(site), requests_by_page(site)) == (0, 40)


def test_as_many_labels_as_pages_are_requested_by_label(site: FakeSite) -> None:
    site.lists["labels"] = [label(number) for number in range(40)]

    assert found(read()) == sorted(links(site))
    assert requests_by_page(site) == 0


def test_labels_are_included_if_another_stream_requests_every_page(site: FakeSite) -> None:
    outcome = read("page_content_properties")

    assert found(outcome) == sorted(links(site))
    assert requests_by_label(site) == 0
    assert [name for name in site.endpoints() if name.startswith("pages/")] == sorted(
        f"pages/{number}" for number in range(1, 41)
    )
    assert site.requests_to("labels") == []


def test_versions_do_not_request_every_page(site: FakeSite) -> None:
    outcome = read("page_versions")

    assert found(outcome) == sorted(links(site))
    assert (requests_by_label(site), requests_by_page(site)) == (10, 0)


@pytest.mark.parametrize(
    ("status", "endpoints"),
    [("archived", ["pages/5/labels", "pages/8/labels"]), ("trashed", ["pages/5", "pages/8"])],
)
def test_pages_that_a_label_does_not_list_are_requested_one_by_one(
    site: FakeSite, status: str, endpoints: list[str]
) -> None:
    site.pages[4]["status"] = status
    site.pages[7]["status"] = status

    outcome = read(content_statuses=["current", status])

    assert found(outcome) == sorted(links(site))
    assert [name for name in site.endpoints() if name.startswith("pages/")] == endpoints


def test_an_archived_page_that_its_label_lists_is_read_once(site: FakeSite) -> None:
    archived = {**page(5), "status": "archived"}
    site.pages[4] = archived
    site.faults["labels/5/pages"] = lambda _: (
        200,
        {"results": [archived, *(one for one in site.pages if int(one["id"]) % 10 == 5)]},
    )

    assert found(read()).count(("5", "5")) == 1


def test_filters_apply_to_the_pages_of_a_label(site: FakeSite) -> None:
    for number in (1, 2, 3):
        site.pages[number - 1]["spaceId"] = "2"
    site.spaces.append({"id": "2", "key": "S2", "status": "current"})

    outcome = read(excluded_space_keys=["S2"])

    assert {pair[0] for pair in found(outcome)} == {str(number) for number in range(4, 41)}
    assert {params["space-id"] for params in site.requests_to("labels/1/pages")} == {"1"}


def test_only_selected_pages_count_in_the_comparison_of_costs(
    site: FakeSite,
) -> None:
    for one in site.pages[8:]:
        one["spaceId"] = "2"
    site.spaces.append({"id": "2", "key": "S2", "status": "current"})

    outcome = read(space_keys=["S1"])

    assert {pair[0] for pair in found(outcome)} == {str(number) for number in range(1, 9)}
    assert (requests_by_label(site), requests_by_page(site)) == (0, 8)


def test_a_page_that_moves_to_the_next_page_of_results_is_read_once(site: FakeSite) -> None:
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


@pytest.mark.parametrize("denial", [NOT_FOUND, NOT_AN_ADMIN], ids=["404", "403"])
@pytest.mark.parametrize("label_id", ["0", "5"])
def test_a_denied_label_is_skipped_and_logged(
    site: FakeSite, caplog: pytest.LogCaptureFixture, denial: tuple[int, Json], label_id: str
) -> None:
    caplog.set_level("INFO")
    site.faults[f"labels/{label_id}/pages"] = always(denial)

    outcome = read()

    assert outcome.statuses("page_labels")[-1] == "COMPLETE"
    assert found(outcome) == sorted(link for link in links(site) if link[1] != label_id)
    assert any(f"record {label_id} of labels" in line for line in caplog.messages)


def test_a_label_that_fails_is_in_the_error_at_the_end(site: FakeSite) -> None:
    site.faults["labels/3/pages"] = always(BROKEN)

    outcome = read()

    assert found(outcome) == sorted(link for link in links(site) if link[1] != "3")
    (error,) = outcome.errors("page_labels")
    assert error.startswith("page_labels of 3 ")


def test_without_current_pages_labels_are_requested_by_page(site: FakeSite) -> None:
    for one in site.pages[4:6]:
        one["status"] = "archived"

    outcome = read(content_statuses=["archived"])

    assert {pair[0] for pair in found(outcome)} == {"5", "6"}
    assert (requests_by_label(site), requests_by_page(site)) == (0, 2)
    assert site.requests_to("labels") == []


def test_every_label_is_requested_once_in_batches(site: FakeSite) -> None:
    site.lists["labels"] = [label(number) for number in range(25)]
    site.pages = [page(number) for number in range(1, 101)]

    outcome = read()

    assert len(found(outcome)) == len(links(site))
    assert requests_by_label(site) == 25


@pytest.mark.parametrize(
    ("stream", "kind", "parent_key"),
    [
        ("blog_post_labels", "blogposts", "blogPostId"),
        ("attachment_labels", "attachments", "attachmentId"),
    ],
)
def test_labels_of_blog_posts_and_attachments_are_requested_by_label(
    site: FakeSite, setup: Setup, stream: str, kind: str, parent_key: str
) -> None:
    parents = [page(number) for number in range(1, 31)]
    if kind == "blogposts":
        site.blogposts = parents
    else:
        site.lists[kind] = parents
    for number in range(1, 31):
        site.lists[f"{kind}/{number}/labels"] = [label(number % 3)]

    outcome = run_sync(setup, [entry(stream)])

    assert sorted(int(record[parent_key]) for record in outcome.records(stream)) == [*range(1, 31)]
    assert sum(name.startswith("labels/") for name in site.endpoints()) == 10


def test_the_list_of_labels_is_shared(site: FakeSite, setup: Setup) -> None:
    outcome = run_sync(setup, [entry("labels"), entry("page_labels")])

    assert ids(outcome.records("labels")) == [str(number) for number in range(10)]
    assert len(site.requests_to("labels")) == 1


def test_labels_and_pages_without_an_id_have_no_records(site: FakeSite) -> None:
    nameless: list[Json] = [{"status": "current"}, {"status": "archived"}]
    site.faults["pages"] = always((200, {"results": [*site.pages, *nameless], "_links": {}}))
    site.faults["labels"] = always((200, {"results": [{"name": "x"}, label(7)], "_links": {}}))
    on_seven = [one for one in site.pages if (one["id"], "7") in links(site)]
    site.faults["labels/7/pages"] = always((200, {"results": [*nameless, *on_seven], "_links": {}}))

    assert found(read()) == sorted((one["id"], "7") for one in on_seven)


@pytest.mark.parametrize("answer", [NOT_AN_ADMIN, NOT_FOUND, BROKEN, (400, {"message": "No"})])
def test_without_the_list_of_labels_each_page_is_requested(site: FakeSite, answer: Any) -> None:
    site.faults["labels"] = always(answer)

    outcome = read()

    assert found(outcome) == sorted(links(site))
    assert outcome.statuses("page_labels")[-1] == "COMPLETE"
    assert requests_by_page(site) == 40
