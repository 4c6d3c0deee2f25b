"""Lists that are read from both ends: every record once, whatever their order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import pytest
from airbyte_cdk.models import SyncMode

from source_confluence.streams.retrievers.both_ends import PAGES_BEFORE_BOTH, from_both_ends
from source_confluence.streams.retrievers.orders import BY_ID
from unit_tests.fake_site import BROKEN, FakeSite, Json, Params, ids, page
from unit_tests.fakes import make_setup
from unit_tests.run_sync import Outcome, entry, run_sync, sync_of

SIZE = 250
FULL = SyncMode.full_refresh


def read(sort: str = "-id") -> Iterator[list[Json]]:
    sync = sync_of(make_setup())
    run = sync.runs["pages"]
    endpoint = run.retriever.endpoint  # type: ignore[attr-defined]
    forward, backward = (endpoint.listing(run, {"sort": one}, light=True) for one in ("id", sort))
    return from_both_ends(forward, backward, BY_ID.place_of)


def pages(count: int) -> list[Json]:
    return [page(number) for number in range(1, count + 1)]


@pytest.mark.parametrize(
    ("count", "requests"),
    [
        pytest.param(0, 1, id="none"),
        pytest.param(SIZE, 1, id="one page"),
        pytest.param(SIZE * (PAGES_BEFORE_BOTH - 1), PAGES_BEFORE_BOTH - 1, id="short"),
        pytest.param(SIZE * 10, 12, id="ten pages"),
        pytest.param(SIZE * 11 - 7, 13, id="eleven pages"),
        pytest.param(SIZE * 20 + 1, 22, id="one more record"),
    ],
)
def test_every_record_comes_once_at_the_cost_of_two_requests_at_most(
    site: FakeSite, count: int, requests: int
) -> None:
    site.pages = pages(count)

    found = [record["id"] for page_of_results in read() for record in page_of_results]

    assert sorted(found) == sorted(ids(site.pages))
    assert len(site.requests) <= requests


@pytest.mark.parametrize("sort", ["id", "-modified-date"])
def test_a_server_that_ignores_the_sort_is_read_from_one_end(site: FakeSite, sort: str) -> None:
    """What the second reader sees is no proof then that the two have met."""
    site.pages = pages(3000)

    found = [record["id"] for page_of_results in read(sort) for record in page_of_results]

    assert sorted(set(found), key=int) == ids(site.pages)


def test_where_the_first_end_is_out_of_order_it_is_read_to_its_end(site: FakeSite) -> None:
    order = pages(3000)
    order.insert(1400, order.pop(2900))

    def serve(params: Params) -> tuple[int, Json] | None:
        if params["sort"] != "id":
            return None
        first = int(params.get("cursor", 0))
        more = {"next": f"/wiki/x?cursor={first + SIZE}"} if first + SIZE < len(order) else {}
        return 200, {"results": order[first : first + SIZE], "_links": more}

    site.pages = list(order)
    site.faults["pages"] = serve

    found = [record["id"] for page_of_results in read() for record in page_of_results]

    assert sorted(found) == sorted(ids(order))


@pytest.mark.parametrize("sort", ["id", "-id"])
def test_what_fails_at_either_end_fails_the_list(site: FakeSite, sort: str) -> None:
    site.pages = pages(4000)
    site.faults["pages"] = lambda params: (
        BROKEN if params["sort"] == sort and int(params.get("cursor", 0)) >= SIZE else None
    )

    with pytest.raises(Exception, match="500"):
        list(read())


def attachments(*, created: Iterable[str]) -> list[Json]:
    return [
        {"id": f"att{number}", "createdAt": at, "status": "current", "version": {"number": 2}}
        for number, at in enumerate(created)
    ]


def by_creation(records: list[Json]) -> Callable[[Params], tuple[int, Json]]:
    """A server that sorts by a time, which the records need not show; equal ones in any order."""
    order = sorted(range(len(records)), key=lambda one: (_time_of(records[one]), one))

    def serve(params: Params) -> tuple[int, Json]:
        listed = order[::-1] if params["sort"] == "-created-date" else order
        first, size = int(params.get("cursor", 0)), int(params["limit"])
        more = {"next": f"/wiki/x?cursor={first + size}"} if first + size < len(listed) else {}
        page_of_results = [records[one] for one in listed[first : first + size]]
        return 200, {"results": page_of_results, "_links": more}

    return serve


def _time_of(record: Json) -> str:
    return str(record.get("createdAt") or record["version"]["createdAt"])


def times(count: int, *, per_moment: int = 1) -> Iterator[str]:
    for number in range(count):
        minute, second = divmod(number // per_moment, 60)
        yield f"2025-01-01T{minute // 60:02d}:{minute % 60:02d}:{second:02d}Z"


def read_attachments() -> Outcome:
    return run_sync(make_setup(), [entry("attachments", FULL)])


def test_a_long_list_of_attachments_is_read_from_both_ends(site: FakeSite) -> None:
    records = attachments(created=times(5000))
    site.faults["attachments"] = by_creation(records)

    outcome = read_attachments()

    assert sorted(ids(outcome.records("attachments"))) == sorted(ids(records))
    sorts = Counter(params["sort"] for params in site.requests_to("attachments"))
    assert sorts["-created-date"] >= 8
    assert sorts.total() <= 22


@pytest.mark.parametrize("per_moment", [2, 300, 700, 5000])
def test_records_of_the_same_moment_come_once(site: FakeSite, per_moment: int) -> None:
    """Both ends may stand in the middle of them, and what one has read is not all there is."""
    records = attachments(created=times(5000, per_moment=per_moment))
    site.faults["attachments"] = by_creation(records)

    outcome = read_attachments()

    assert sorted(ids(outcome.records("attachments"))) == sorted(ids(records))
    assert len(site.requests_to("attachments")) <= 30


def test_edited_comments_do_not_show_when_they_were_created(site: FakeSite) -> None:
    records = [
        {"id": str(number), "pageId": "1", "version": {"number": 1, "createdAt": at}}
        for number, at in enumerate(times(5000))
    ]
    shown = [
        {**one, "version": {"number": 2, "createdAt": "2026-01-01T00:00:00Z"}}
        if number % 3
        else one
        for number, one in enumerate(records)
    ]
    serve = by_creation(records)
    by_id = {str(one["id"]): one for one in shown}

    def serve_shown(params: Params) -> tuple[int, Json]:
        status, body = serve(params)
        return status, {**body, "results": [by_id[one["id"]] for one in body["results"]]}

    site.pages = [page(1)]
    site.faults["footer-comments"] = serve_shown

    outcome = run_sync(make_setup(), [entry("page_footer_comments", FULL)])

    found = ids(outcome.records("page_footer_comments"))
    assert sorted(found) == sorted(by_id)
    sorts = Counter(params["sort"] for params in site.requests_to("footer-comments"))
    assert sorts["-created-date"] >= 8
    assert sorts.total() <= 22


def in_one_order(records: list[Json]) -> Callable[[Params], tuple[int, Json]]:
    """A server that ignores `sort`."""

    def serve(params: Params) -> tuple[int, Json]:
        first, size = int(params.get("cursor", 0)), int(params["limit"])
        more = {"next": f"/wiki/x?cursor={first + size}"} if first + size < len(records) else {}
        return 200, {"results": records[first : first + size], "_links": more}

    return serve


@pytest.mark.parametrize("per_moment", [1, SIZE, 2 * SIZE, 5000])
def test_a_server_that_ignores_the_sort_loses_nothing_of_the_same_moment(
    site: FakeSite, per_moment: int
) -> None:
    """A page of results of one moment is in either order: it does not show that this is ignored."""
    records = attachments(created=times(5000, per_moment=per_moment))
    site.faults["attachments"] = in_one_order(records)

    outcome = read_attachments()

    assert sorted(ids(outcome.records("attachments"))) == sorted(ids(records))
    assert len(site.requests_to("attachments")) <= 23


@pytest.mark.parametrize("is_in_one_order", [True, False])
@pytest.mark.parametrize("unedited_each", [400, 5000])
def test_comments_of_which_few_show_when_they_were_created_come_once(
    site: FakeSite, unedited_each: int, *, is_in_one_order: bool
) -> None:
    records = [
        {
            "id": str(number),
            "pageId": "1",
            "version": {"number": 1 if number % unedited_each == 1 else 2, "createdAt": at},
        }
        for number, at in enumerate(times(5000))
    ]
    site.pages = [page(1)]
    serve = in_one_order if is_in_one_order else by_creation
    site.faults["footer-comments"] = serve(records)

    outcome = run_sync(make_setup(), [entry("page_footer_comments", FULL)])

    found = ids(outcome.records("page_footer_comments"))
    assert sorted(found) == sorted(ids(records))
    assert len(site.requests_to("footer-comments")) <= 32
