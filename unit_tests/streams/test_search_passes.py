"""Searches that drop, repeat or announce rows: each id once, and never less without a word."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from airbyte_cdk.models import SyncMode

from unit_tests.fake_site import FakeSite, Fault, Json, Params, ids, page
from unit_tests.fakes import make_setup
from unit_tests.run_sync import Outcome, entry, run_sync


def read(name: str, **config: Any) -> Outcome:
    return run_sync(make_setup(**config), [entry(name, SyncMode.full_refresh)])


def rows(*numbers: int) -> list[Json]:
    return [{"content": {"id": str(number)}} for number in numbers]


def search(total: int | None, *passes: list[list[Json]]) -> Fault:
    """Return the answers to a search whose passes consist of these pages of results."""

    def answer(params: Params) -> tuple[int, Json]:
        number, place = map(int, params.get("cursor", "-1.0").split("."))
        if number < 0:
            number = min(int(params["cql"].endswith("desc")), len(passes) - 1)
        pages = passes[number]
        more = {"next": f"/rest/api/search?cursor={number}.{place + 1}"}
        counted = {} if total is None else {"totalSize": total}
        links = more if place + 1 < len(pages) else {}
        return 200, {"results": pages[place], "_links": links, **counted}

    return answer


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    """A site of ten folders, with a search to be defined."""
    site.lists["folders"] = [page(number) for number in range(1, 11)]
    return site


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]


def test_rows_that_a_search_repeats_are_one_record(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    site.faults["search"] = search(5, [rows(1, 2, 3), rows(3, 1, 4, 4), rows(5, 1)])

    outcome = read("folders")

    assert sorted(ids(outcome.records("folders"))) == ["1", "2", "3", "4", "5"]
    assert len(site.requests_to("search")) == 3
    assert not warnings(caplog)


def test_archived_spaces_are_searched_in_a_stable_order(site: FakeSite) -> None:
    site.found["type=folder"] = [{"id": "1"}]

    read("folders")

    (params,) = site.requests_to("search")
    assert params["includeArchivedSpaces"] == "true"
    assert params["excerpt"] == "none"
    assert params["cql"] == "type=folder order by created asc"


def test_a_second_pass_finds_what_the_first_one_drops(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    site.faults["search"] = search(4, [rows(1, 2), rows(4)], [rows(4, 3), rows(1)])

    outcome = read("folders")

    assert sorted(ids(outcome.records("folders"))) == ["1", "2", "3", "4"]
    assert outcome.statuses("folders")[-1] == "COMPLETE"
    assert not warnings(caplog)


def test_a_search_that_stays_short_is_named_once_with_both_numbers(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    site.faults["search"] = search(9, [rows(1, 2), rows(4)], [rows(4, 3), rows(1)])

    outcome = read("folders")

    assert len(outcome.records("folders")) == 4
    assert outcome.statuses("folders")[-1] == "COMPLETE"
    (warning,) = warnings(caplog)
    assert {"folders", "4", "9"} <= set(warning.split())
    assert len(site.requests_to("search")) == 4


@pytest.mark.parametrize("total", [None, 0, 1, 3])
def test_a_search_that_counts_no_more_than_came_is_read_once(
    site: FakeSite, total: int | None, caplog: pytest.LogCaptureFixture
) -> None:
    site.faults["search"] = search(total, [rows(1, 2), rows(3)])

    assert len(read("folders").records("folders")) == 3
    assert len(site.requests_to("search")) == 2
    assert not warnings(caplog)


def test_rows_of_no_content_count_but_are_no_records(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    odd: list[Any] = [
        {"space": {"id": 7}},
        {"content": None},
        {"content": {}},
        {"content": {"id": None}},
        {"content": {"id": ["1"]}},
        {"content": {"id": 0.5}},
        {"content": []},
        None,
        "row",
    ]
    site.faults["search"] = search(11, [[*odd, *rows(1)], [{"content": {"id": 2}}]])

    assert ids(read("folders").records("folders")) == ["1", "2"]
    assert len(site.requests_to("search")) == 2
    assert not warnings(caplog)


def test_rows_behind_empty_pages_of_results_are_found(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    site.faults["search"] = search(3, [rows(1, 2), [], [], [], [], [], rows(3)])

    assert len(read("folders").records("folders")) == 3
    assert not warnings(caplog)


@pytest.mark.parametrize("total", [0, 2, 50])
def test_a_search_that_ends_with_empty_pages_of_results_says_so(
    site: FakeSite, total: int, caplog: pytest.LogCaptureFixture
) -> None:
    cursors = count()

    def endless(params: Params) -> tuple[int, Json]:
        found = [] if "cursor" in params else rows(1, 2)
        link = {"next": f"/rest/api/search?cursor={next(cursors)}"}
        return 200, {"results": found, "totalSize": total, "_links": link}

    site.faults["search"] = endless

    outcome = read("folders")

    assert ids(outcome.records("folders")) == ["1", "2"]
    (warning,) = warnings(caplog)
    assert "folders" in warning.split()
    assert len(site.requests_to("search")) < 50


def test_searches_of_several_batches_of_spaces_warn_once(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    keys = [f"S{number}" for number in range(1, 121)]
    site.spaces = [{"id": key[1:], "key": key, "status": "current"} for key in keys]
    site.faults["search"] = search(4, [rows(1, 2)])

    read("folders", space_keys=keys)

    (warning,) = warnings(caplog)
    assert {"6", "12"} <= set(warning.split())


def test_the_results_of_the_configs_cql_take_a_second_pass(site: FakeSite) -> None:
    site.pages = [page(number) for number in (1, 2, 3, 4)]
    site.faults["search"] = search(3, [rows(1, 2)], [rows(3, 2)])

    outcome = read("pages", cql="label = x")

    assert sorted(ids(outcome.records("pages"))) == ["1", "2", "3"]
    assert [params["cql"] for params in site.requests_to("search")] == [
        "type=page and (label = x) order by created asc",
        "type=page and (label = x) order by created desc",
    ]
