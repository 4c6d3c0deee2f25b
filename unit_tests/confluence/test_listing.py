"""A list is read to its end, page of results by page of results."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import Any

import pytest
import requests
from requests_mock import Mocker
from requests_mock.request import _RequestObjectProxy as Request
from requests_mock.response import _Context as Context
from typing_extensions import override

from source_confluence.confluence.body import LARGEST, MEGABYTE
from source_confluence.confluence.connection import Connection
from source_confluence.confluence.errors import (
    NotPermitted,
    PagingLoop,
    ServerError,
    Throttled,
    Unreachable,
    UnreadableRecords,
)
from source_confluence.confluence.listing import Listing
from source_confluence.confluence.page_budget import PageBudget
from source_confluence.confluence.pagination import (
    CursorPagination,
    OffsetPagination,
    Pagination,
    SearchPagination,
    Token,
)
from source_confluence.confluence.responses import Response
from unit_tests.confluence.lists import BOTH, CURSOR, URL, Server, ids, listing, read_until_it_fails


class TestReading:
    @BOTH
    def test_reads_to_the_end(
        self, connection: Connection, requests_mock: Mocker, pagination: Pagination
    ) -> None:
        server = Server(601, pagination)
        requests_mock.get(URL, json=server)

        pages = list(listing(connection, pagination).pages())

        assert [len(page) for page in pages] == [250, 250, 101]
        assert ids(pages) == list(range(601))
        assert server.limits == [250, 250, 250]
        assert all(params["status"] == "current" for params in server.requests)
        assert all(params["body-format"] == "storage" for params in server.requests)

    @BOTH
    def test_an_empty_list(
        self, connection: Connection, requests_mock: Mocker, pagination: Pagination
    ) -> None:
        requests_mock.get(URL, json=Server(0, pagination))

        assert list(listing(connection, pagination).pages()) == [[]]

    def test_empty_pages_in_between(self, connection: Connection, requests_mock: Mocker) -> None:
        def page(following: str, *numbers: str) -> dict[str, Any]:
            links = {"next": f"?cursor={following}"} if following else {}
            return {"json": {"results": [{"id": n} for n in numbers], "_links": links}}

        requests_mock.get(URL, [page("a", "1"), page("b"), page("c"), page("", "2")])

        assert ids(list(listing(connection, CURSOR).pages())) == [1, 2]

    @pytest.mark.parametrize(
        "following",
        [
            "https://example.com/wiki/api/v2/pages?cursor=a",
            "/wiki/wiki/api/v2/pages?cursor=a&status=trashed",
            "/rest/api/search?next=true&cursor=a",
        ],
    )
    def test_whatever_next_says_we_request_our_own_url_with_our_own_parameters(
        self, connection: Connection, requests_mock: Mocker, following: str
    ) -> None:
        first = {"json": {"results": [{"id": "1"}], "_links": {"next": following}}}
        requests_mock.get(URL, [first, {"json": {"results": [{"id": "2"}], "_links": {}}}])

        assert ids(list(listing(connection, CURSOR).pages())) == [1, 2]

        assert requests_mock.request_history[1].qs == {
            "body-format": ["storage"],
            "status": ["current"],
            "limit": ["250"],
            "cursor": ["a"],
        }

    def test_a_search_that_never_ends(self, connection: Connection, requests_mock: Mocker) -> None:
        """Empty pages of results with a `next`, and a new cursor every time."""

        def answer(_request: Request, _context: Context) -> dict[str, Any]:
            count = requests_mock.call_count
            records = [{"id": str(count)}] if count < 3 else []
            return {"results": records, "_links": {"next": f"?cursor={count}"}}

        requests_mock.get(URL, json=answer)

        assert ids(list(listing(connection, SearchPagination()).pages())) == [1, 2]
        assert requests_mock.call_count == 5

    def test_a_next_that_repeats_is_an_error(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        body = {"results": [{"id": "1"}], "_links": {"next": "?cursor=again"}}
        requests_mock.get(URL, json=body)

        read, _ = read_until_it_fails(listing(connection, CURSOR), PagingLoop)

        assert read == [1]
        assert requests_mock.call_count == 2

    @BOTH
    @pytest.mark.parametrize(
        "body", [{}, None, {"results": None}, {"message": "maintenance"}, {"results": {}}]
    )
    def test_a_response_that_is_no_list_does_not_end_the_list(
        self, connection: Connection, requests_mock: Mocker, pagination: Pagination, body: object
    ) -> None:
        server = Server(600, pagination)

        def answer(request: Request, context: Context) -> object:
            is_down = 2 <= requests_mock.call_count <= 4
            return body if is_down else server(request, context)

        requests_mock.get(URL, json=answer)

        assert ids(list(listing(connection, pagination).pages())) == list(range(600))

    @pytest.mark.parametrize("body", [{}, {"message": "maintenance"}])
    def test_a_list_that_breaks_off_for_good_fails(
        self, connection: Connection, requests_mock: Mocker, body: object
    ) -> None:
        server = Server(600, CURSOR)
        requests_mock.get(URL, json=lambda r, c: body if "cursor" in r.qs else server(r, c))

        read, _ = read_until_it_fails(listing(connection, CURSOR), ServerError)

        assert read == list(range(250))

    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            ({"status_code": 403, "json": {"message": "Not for you"}}, NotPermitted),
            ({"status_code": 429, "headers": {"Retry-After": "9999"}}, Throttled),
            ({"exc": requests.ConnectTimeout("Connection timed out.")}, Unreachable),
        ],
    )
    def test_an_error_that_a_smaller_page_would_not_avoid_is_raised_at_once(
        self,
        connection: Connection,
        requests_mock: Mocker,
        answer: dict[str, Any],
        kind: type[Exception],
    ) -> None:
        requests_mock.get(URL, [answer])

        read_until_it_fails(listing(connection, CURSOR), kind)

        assert {request.qs["limit"][0] for request in requests_mock.request_history} == {"250"}


def test_a_listing_can_be_read_twice(connection: Connection, requests_mock: Mocker) -> None:
    requests_mock.get(URL, json=Server(300, CURSOR))
    reading = listing(connection, CURSOR)

    assert ids(list(reading.pages())) == ids(list(reading.pages())) == list(range(300))


def test_every_token_is_part_of_the_next_request(
    connection: Connection, requests_mock: Mocker
) -> None:
    class TwoParams(CursorPagination):
        def next_token(self, response: Response) -> Token | None:
            token = super().next_token(response)
            return None if token is None else {**token, "seed": "7"}

    server = Server(300, CURSOR)
    requests_mock.get(URL, json=server)

    list(listing(connection, TwoParams()).pages())

    assert server.requests[1] == {
        "body-format": "storage",
        "status": "current",
        "limit": "250",
        "cursor": "250",
        "seed": "7",
    }


class TestTheFirstPage:
    @pytest.mark.parametrize(("count", "has_more"), [(3, False), (4, True)])
    def test_is_light_and_says_whether_there_is_more(
        self, connection: Connection, requests_mock: Mocker, count: int, has_more: bool
    ) -> None:
        server = Server(count, CURSOR)
        requests_mock.get(URL, json=server)

        page, more = listing(connection, CURSOR).first_page(limit=3)

        assert ids([page]) == [0, 1, 2]
        assert more is has_more
        assert server.requests == [{"status": "current", "limit": "3"}]

    @pytest.mark.parametrize("attempts", [None, 1])
    def test_is_requested_as_often_as_wanted(
        self, connection: Connection, requests_mock: Mocker, attempts: int | None
    ) -> None:
        requests_mock.get(URL, status_code=500)
        wanted = {} if attempts is None else {"attempts": attempts}

        with pytest.raises(ServerError):
            listing(connection, CURSOR).first_page(limit=3, **wanted)

        assert requests_mock.call_count == (attempts or 6)


class TestThePageBudget:
    @pytest.fixture
    def budget(self) -> PageBudget:
        return PageBudget(limit=100_000, share=50_000, tiny=0)

    @pytest.fixture
    def reading(self, connection: Connection, budget: PageBudget) -> Listing:
        light = listing(connection, CURSOR, heavy_params=())
        return replace(light, page_budget=budget)

    def test_a_page_is_held_with_its_size_until_the_next_is_requested(
        self, reading: Listing, budget: PageBudget, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, json=Server(251, CURSOR))
        pages = reading.pages()

        first, second = [budget.held for _ in pages]

        assert first > 250 * len('{"id": "1"}, ')
        assert 10 < second < 200
        assert budget.held == 0

    def test_the_estimate_is_held_while_the_response_is_awaited(
        self, reading: Listing, budget: PageBudget, requests_mock: Mocker
    ) -> None:
        held = []

        def answer(_request: Request, _context: Context) -> dict[str, Any]:
            held.append(budget.held)
            return {"results": []}

        requests_mock.get(URL, json=answer)

        list(reading.pages())

        assert held == [50_000]

    def test_nothing_is_held_once_the_reader_stops(
        self, reading: Listing, budget: PageBudget, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, json=Server(600, CURSOR))
        pages = reading.pages()
        next(pages)

        pages.close()  # type: ignore[attr-defined]

        assert budget.held == 0

    def test_nothing_is_held_after_an_error(
        self, reading: Listing, budget: PageBudget, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, json=Server(600, CURSOR, capacity=0))

        read_until_it_fails(reading, ServerError)

        assert budget.held == 0

    def test_a_light_list_needs_no_room(
        self, reading: Listing, budget: PageBudget, requests_mock: Mocker
    ) -> None:
        """It may be read by the worker that holds a heavy page, and would wait for itself."""
        requests_mock.get(URL, json=Server(600, CURSOR))
        light = replace(reading, is_light=True)

        with budget.page("pages", wanted=1) as heavy:
            heavy.resize(5000)
            counts = [(len(page), budget.held) for page in light.pages()]

        assert counts == [(250, 5000), (250, 5000), (100, 5000)]

    def test_an_abandoned_light_list_does_not_keep_a_heavy_page_out(
        self, reading: Listing, budget: PageBudget, requests_mock: Mocker
    ) -> None:
        """A page heavier than the whole budget fits only while nothing is held."""
        requests_mock.get(URL, json=Server(600, CURSOR))
        left_in_the_middle = replace(reading, is_light=True).pages()
        next(left_in_the_middle)

        assert budget.held == 0


class Bodies(Server):
    """A list of records with bodies of the given sizes."""

    def __init__(self, sizes: list[int]) -> None:
        super().__init__(len(sizes), CURSOR)
        self._sizes = sizes

    @override
    def __call__(self, request: Request, context: Context) -> dict[str, Any]:
        page = super().__call__(request, context)
        for record in page["results"]:
            record["body"] = "x" * self._sizes[int(record["id"])]
        return page


class TestHeavyRecords:
    @pytest.fixture
    def budget(self) -> PageBudget:
        return PageBudget(limit=10 * MEGABYTE, share=2 * MEGABYTE)

    @pytest.fixture
    def reading(self, connection: Connection, budget: PageBudget) -> Listing:
        heavy = listing(connection, CURSOR)
        by_id = {**heavy.params, "id": "1,2,3"}
        return replace(heavy, page_budget=budget, stream="blog_posts", params=by_id)

    def test_are_requested_in_pages_of_about_a_share(
        self, reading: Listing, budget: PageBudget, requests_mock: Mocker
    ) -> None:
        server = Bodies([100_000] * 100)
        requests_mock.get(URL, json=server)

        held = [(len(page), budget.held) for page in reading.pages()]

        assert sum(count for count, _ in held) == 100
        assert max(size for _, size in held) <= 2.2 * MEGABYTE
        assert len(server.requests) <= 13

    def test_of_a_few_kb_cost_no_further_request(
        self, reading: Listing, requests_mock: Mocker
    ) -> None:
        server = Bodies([2_000] * 800)
        requests_mock.get(URL, json=server)

        assert ids(list(reading.pages())) == list(range(800))

        assert server.limits == [250, 250, 250, 250]

    @pytest.mark.parametrize("place", [0, 1, 3, 77, 99])
    def test_one_that_is_much_longer_comes_through(
        self, reading: Listing, budget: PageBudget, requests_mock: Mocker, place: int
    ) -> None:
        server = Bodies([9 * MEGABYTE if n == place else 4_000 for n in range(100)])
        requests_mock.get(URL, json=server)

        assert ids(list(reading.pages())) == list(range(100))

        assert len(server.requests) <= 15
        assert budget.held == 0

    def test_of_which_each_takes_more_than_a_share(
        self, reading: Listing, requests_mock: Mocker
    ) -> None:
        server = Bodies([4 * MEGABYTE] * 6)
        requests_mock.get(URL, json=server)

        assert ids(list(reading.pages())) == list(range(6))

        assert server.limits[1:] == [1] * 6

    def test_too_large_for_any_room_is_skipped_and_fails_the_list(
        self, reading: Listing, requests_mock: Mocker
    ) -> None:
        server = Bodies([LARGEST.decoded if n == 2 else 10 for n in range(4)])

        def answer(request: Request, context: Context) -> dict[str, Any]:
            page = server(request, context)
            if "body-format" not in request.qs:
                for record in page["results"]:
                    del record["body"]
            return page

        requests_mock.get(URL, json=answer)

        read, failure = read_until_it_fails(reading, UnreadableRecords)

        assert read == [0, 1, 3]
        assert re.findall(r"\b2\b", str(failure))

    def test_of_a_list_without_reservations_are_weighed_as_well(
        self, reading: Listing, budget: PageBudget, requests_mock: Mocker
    ) -> None:
        server = Bodies([100_000] * 120)
        requests_mock.get(URL, json=server)

        pages = list(replace(reading, is_light=True).pages())

        assert ids(pages) == list(range(120))
        assert budget.held == 0
        assert max(server.limits[3:]) < 20

    def test_do_not_make_light_lists_of_the_stream_slow(
        self, reading: Listing, budget: PageBudget, requests_mock: Mocker
    ) -> None:
        server = Server(500, CURSOR)
        requests_mock.get(URL, json=server)
        budget.weights.learn("blog_posts", records=1, size=MEGABYTE)
        light = replace(reading, is_light=True, params={"status": "current"})

        list(light.pages())

        assert server.limits == [250, 250]
        assert budget.weights.records_in(MEGABYTE, "blog_posts") == 1


class TestOddRows:
    ROWS: tuple[Any, ...] = ({"id": "1"}, None, 7, {"id": "2"}, "text", ["list"], {})

    @BOTH
    def test_are_skipped_counted_and_fail_the_list_at_its_end(
        self, connection: Connection, requests_mock: Mocker, pagination: Pagination
    ) -> None:
        pages: list[dict[str, Any]] = [
            {"json": {"results": list(self.ROWS), "_links": {"next": "/x?cursor=a"}}},
            {"json": {"results": [{"id": "3"}], "_links": {}}},
        ]
        requests_mock.get(URL, pages)

        read, failure = read_until_it_fails(listing(connection, pagination), UnreadableRecords)

        assert read == [1, 2, 3]
        assert re.findall(r"\b5\b", str(failure))
        token = {"cursor": ["a"]} if isinstance(pagination, CursorPagination) else {"start": ["7"]}
        assert token.items() <= requests_mock.request_history[-1].qs.items()

    def test_a_first_page_has_none(self, connection: Connection, requests_mock: Mocker) -> None:
        requests_mock.get(URL, json={"results": list(self.ROWS)})

        page, _ = listing(connection, CURSOR).first_page(limit=9)

        assert ids([page]) == [1, 2]


class TestTheStatedTotal:
    @staticmethod
    def warnings(
        connection: Connection,
        requests_mock: Mocker,
        caplog: pytest.LogCaptureFixture,
        rows: int,
        total: object,
    ) -> list[str]:
        """What is logged about a list that has some rows and states a total."""
        page = {"results": [{"id": str(n)} for n in range(rows)], "_links": {}, "totalSize": total}
        empty = {"results": [], "_links": {}, "totalSize": total}
        requests_mock.get(URL, [{"json": page}, {"json": empty}])
        assert ids(list(listing(connection, OffsetPagination()).pages())) == list(range(rows))
        return [record.message for record in caplog.records if record.levelno == logging.WARNING]

    @pytest.mark.parametrize(("rows", "total"), [(97, 100), (0, 3), (150, 200)])
    def test_a_shorter_list_is_logged_with_both_numbers(
        self,
        connection: Connection,
        requests_mock: Mocker,
        caplog: pytest.LogCaptureFixture,
        rows: int,
        total: int,
    ) -> None:
        (warning,) = self.warnings(connection, requests_mock, caplog, rows, total)

        assert {str(rows), str(total)} <= set(re.findall(r"\d+", warning))

    @pytest.mark.parametrize(
        ("rows", "total"),
        [(98, 100), (194, 199), (100, 100), (7, 9), (7, 5), (7, None), (7, "many"), (0, 0)],
    )
    def test_a_small_difference_is_not(
        self,
        connection: Connection,
        requests_mock: Mocker,
        caplog: pytest.LogCaptureFixture,
        rows: int,
        total: object,
    ) -> None:
        assert self.warnings(connection, requests_mock, caplog, rows, total) == []
