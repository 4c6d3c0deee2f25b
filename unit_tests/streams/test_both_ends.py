"""Lists that are read from both ends: every record once, whatever their order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from source_confluence.streams.retrievers.both_ends import PAGES_BEFORE_BOTH, from_both_ends
from unit_tests.fake_site import BROKEN, FakeSite, Json, Params, ids, page
from unit_tests.fakes import make_setup
from unit_tests.run_sync import sync_of

SIZE = 250


def read(sort: str = "-id") -> Iterator[list[Json]]:
    sync = sync_of(make_setup())
    run = sync.runs["pages"]
    endpoint = run.retriever.endpoint  # type: ignore[attr-defined]
    forward, backward = (endpoint.listing(run, {"sort": one}, light=True) for one in ("id", sort))
    return from_both_ends(forward, backward)


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
