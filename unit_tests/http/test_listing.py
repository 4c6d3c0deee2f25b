"""A list read to its end, whatever the server does on the way: nothing lost, nothing twice."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from requests_mock import Mocker
from requests_mock.request import _RequestObjectProxy as Request
from requests_mock.response import _Context as Context

from source_confluence.connection import Connection
from source_confluence.http.errors import NotPermitted, ServerTrouble, Throttled, Unreachable
from source_confluence.http.listing import Listing, Record, UnreadableRecords
from source_confluence.http.memory import ByteBudget
from source_confluence.http.pagination import (
    CursorPagination,
    OffsetPagination,
    Pagination,
    PagingLoop,
    SearchPagination,
    Token,
    results_of,
)

URL = "https://your-domain.atlassian.net/wiki/api/v2/pages"
Answer = Callable[[Request, Context], Any]


class Server:
    """A list of records, paged by cursor or by offset; serves so many records at once at most.

    A record that is poisoned brings down the page of results that holds it, if bodies are asked
    for. `limits` and `positions` tell what was asked for.
    """

    def __init__(
        self,
        count: int,
        pagination: Pagination,
        bearable: int = 1000,
        poisoned: tuple[int, ...] = (),
        poisoned_without_body: tuple[int, ...] = (),
    ) -> None:
        self._count = count
        self._by_offset = isinstance(pagination, OffsetPagination)
        self.bearable = bearable
        self._poisoned = set(poisoned)
        self._poisoned_without_body = set(poisoned_without_body)
        self.asked: list[dict[str, str]] = []

    @property
    def limits(self) -> list[int]:
        return [int(params["limit"]) for params in self.asked]

    @property
    def positions(self) -> list[int]:
        return [self._position(params) for params in self.asked]

    def __call__(self, request: Request, context: Context) -> dict[str, Any]:
        params = {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}
        self.asked.append(params)
        first, limit = self._position(params), int(params["limit"])
        end = min(first + limit, self._count)
        served = set(range(first, end))
        poisoned = self._poisoned if "body-format" in params else self._poisoned_without_body
        if limit > self.bearable or served & poisoned:
            context.status_code = 500
            return {"message": "Too much"}
        links = {} if end >= self._count else {"next": f"/wiki/x?cursor={end}&start={end}"}
        return {"results": [{"id": str(n)} for n in sorted(served)], "_links": links}

    def _position(self, params: dict[str, str]) -> int:
        return int(params.get("start" if self._by_offset else "cursor", 0))


def listing(
    connection: Connection,
    pagination: Pagination,
    page_size: int = 250,
    heavy_params: tuple[str, ...] = ("body-format",),
) -> Listing:
    def parse(response: requests.Response) -> list[Record]:
        return results_of(response)

    return Listing(
        client=connection.client,
        memory=connection.memory,
        logger=logging.getLogger("airbyte"),
        stream="pages",
        url=URL,
        params={"body-format": "storage", "status": "current"},
        page_size=page_size,
        pagination=pagination,
        parse=parse,
        heavy_params=heavy_params,
    )


def ids(pages: list[list[Record]]) -> list[int]:
    return [int(record["id"]) for page in pages for record in page]


def read_until_it_fails(reading: Listing, kind: type[Exception]) -> tuple[list[int], Exception]:
    """The ids of what comes out before the error, and the error."""
    pages: list[list[Record]] = []
    with pytest.raises(kind) as failed:
        pages.extend(reading.pages())
    return ids(pages), failed.value


BOTH = pytest.mark.parametrize(
    "pagination", [CursorPagination(), OffsetPagination()], ids=["cursor", "offset"]
)
CURSOR = CursorPagination()


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
        assert all(params["status"] == "current" for params in server.asked)
        assert all(params["body-format"] == "storage" for params in server.asked)

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
    def test_whatever_next_says_our_own_url_is_asked_with_our_own_parameters(
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
        """A `next` with nothing behind it, and a new cursor every time."""

        def answer(_request: Request, _context: Context) -> dict[str, Any]:
            count = requests_mock.call_count
            records = [{"id": str(count)}] if count < 3 else []
            return {"results": records, "_links": {"next": f"?cursor={count}"}}

        requests_mock.get(URL, json=answer)

        assert ids(list(listing(connection, SearchPagination()).pages())) == [1, 2]
        assert requests_mock.call_count == 5

    def test_a_next_that_leads_back_is_an_error(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        body = {"results": [{"id": "1"}], "_links": {"next": "?cursor=again"}}
        requests_mock.get(URL, json=body)

        read, _ = read_until_it_fails(listing(connection, CURSOR), PagingLoop)

        assert read == [1]
        assert requests_mock.call_count == 2

    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            ({"status_code": 403, "json": {"message": "Not for you"}}, NotPermitted),
            ({"status_code": 429, "headers": {"Retry-After": "9999"}}, Throttled),
            ({"exc": requests.ConnectTimeout("Connection timed out.")}, Unreachable),
        ],
    )
    def test_what_a_smaller_page_would_not_mend_is_passed_on_at_once(
        self,
        connection: Connection,
        requests_mock: Mocker,
        answer: dict[str, Any],
        kind: type[Exception],
    ) -> None:
        requests_mock.get(URL, [answer])

        read_until_it_fails(listing(connection, CURSOR), kind)

        assert {request.qs["limit"][0] for request in requests_mock.request_history} == {"250"}


class TestWhatTheServerCannotServe:
    @BOTH
    def test_is_asked_for_in_halves_and_not_a_record_is_lost(
        self, connection: Connection, requests_mock: Mocker, pagination: Pagination
    ) -> None:
        server = Server(600, pagination, bearable=70)
        requests_mock.get(URL, json=server)

        pages = list(listing(connection, pagination).pages())

        assert ids(pages) == list(range(600))
        assert server.limits[:6] == [250, 250, 250, 125, 62, 124]

    def test_what_served_well_for_a_while_is_doubled_again(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        server = Server(200, CURSOR, bearable=5)
        requests_mock.get(URL, json=server)

        pages = []
        for page in listing(connection, CURSOR, page_size=16).pages():
            pages.append(page)
            if len(pages) == 3:
                server.bearable = 16

        assert ids(pages) == list(range(200))
        assert server.limits[-1] == 16
        assert server.limits.count(16) > 6

    @pytest.mark.parametrize(
        "trouble",
        [
            {"status_code": 504},
            {"exc": requests.ReadTimeout("Read timed out.")},
            {"exc": requests.ConnectionError("Connection aborted.", ConnectionResetError(104))},
            {"exc": requests.exceptions.ChunkedEncodingError("IncompleteRead")},
            {"text": '{"results": [{"id": "1"}, {"i'},
            {"text": "<html>Maintenance</html>"},
        ],
        ids=["504", "time-out", "reset", "cut off", "half JSON", "HTML"],
    )
    def test_takes_many_forms(
        self, connection: Connection, requests_mock: Mocker, trouble: dict[str, Any]
    ) -> None:
        good = {"json": {"results": [{"id": "1"}], "_links": {}}}
        requests_mock.get(URL, [trouble, trouble, trouble, trouble, good])

        assert ids(list(listing(connection, CURSOR).pages())) == [1]

        limits = [request.qs["limit"][0] for request in requests_mock.request_history]
        assert limits == ["250", "250", "250", "125", "62"]

    def test_a_server_that_is_down_is_a_transient_error(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        server = Server(600, CURSOR, bearable=0)
        requests_mock.get(URL, json=server)

        read, error = read_until_it_fails(listing(connection, CURSOR), ServerTrouble)

        assert read == []
        assert str(error) == (
            "Confluence answered 500 Too much for /wiki/api/v2/pages, in spite of retries."
        )
        halved = [250, 250, 250, 125, 62, 31, 15, 7, 3, *[1] * 6]
        assert server.limits == [*halved, *[1] * 3]
        assert "body-format" not in server.asked[-1]

    def test_what_is_small_already_is_asked_for_several_times(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        server = Server(600, CURSOR, bearable=0)
        requests_mock.get(URL, json=server)

        read_until_it_fails(
            listing(connection, CURSOR, page_size=1, heavy_params=()), ServerTrouble
        )

        assert server.limits == [1] * 6


class TestARecordThatCannotBeRead:
    @BOTH
    @pytest.mark.parametrize("poisoned", [0, 7, 8, 19], ids=str)
    def test_is_passed_over_and_named_at_the_end(
        self,
        connection: Connection,
        requests_mock: Mocker,
        caplog: pytest.LogCaptureFixture,
        pagination: Pagination,
        poisoned: int,
    ) -> None:
        requests_mock.get(URL, json=Server(20, pagination, poisoned=(poisoned,)))

        read, error = read_until_it_fails(listing(connection, pagination, 8), UnreadableRecords)

        assert read == [number for number in range(20) if number != poisoned]
        by_offset = isinstance(pagination, OffsetPagination)
        name = f"number {poisoned + 1}" if by_offset else str(poisoned)
        assert str(error) == f"1 records of pages could not be read: {name}."
        (told,) = [record.message for record in caplog.records if record.levelno == logging.ERROR]
        assert told == (
            f"Record {name} of pages cannot be read: Confluence answered 500 Too much "
            "for /wiki/api/v2/pages, in spite of retries."
        )

    @BOTH
    def test_ten_of_them(
        self, connection: Connection, requests_mock: Mocker, pagination: Pagination
    ) -> None:
        poisoned = tuple(range(5, 15))
        requests_mock.get(URL, json=Server(20, pagination, poisoned=poisoned))

        read, error = read_until_it_fails(listing(connection, pagination, 2), UnreadableRecords)

        assert read == [number for number in range(20) if number not in poisoned]
        assert str(error).startswith("10 records of pages could not be read: ")

    @BOTH
    def test_one_more_and_the_server_is_taken_to_be_down(
        self, connection: Connection, requests_mock: Mocker, pagination: Pagination
    ) -> None:
        requests_mock.get(URL, json=Server(20, pagination, poisoned=tuple(range(5, 16))))

        read, _ = read_until_it_fails(listing(connection, pagination, 2), ServerTrouble)

        assert read == [0, 1, 2, 3, 4]

    def test_is_a_transient_error_where_it_cannot_even_be_passed_over(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        server = Server(300, CURSOR, poisoned=(7,), poisoned_without_body=(7,))
        requests_mock.get(URL, json=server)

        read, _ = read_until_it_fails(listing(connection, CURSOR), ServerTrouble)

        assert read == list(range(7))

    def test_or_where_there_is_nothing_heavy_to_leave_out(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        server = Server(300, CURSOR, poisoned=(7,))
        requests_mock.get(URL, json=server)

        read, _ = read_until_it_fails(listing(connection, CURSOR, heavy_params=()), ServerTrouble)

        assert read == list(range(7))

    def test_or_where_nothing_is_left_to_name_it_by(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        def answer(request: Request, context: Context) -> dict[str, Any]:
            if "body-format" in request.qs:
                context.status_code = 500
            return {"results": [], "_links": {"next": "?cursor=a"}}

        requests_mock.get(URL, json=answer)

        read_until_it_fails(listing(connection, CURSOR), ServerTrouble)

    def test_leads_on_with_what_it_was_asked_for_without(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        server = Server(4, CURSOR, poisoned=(1,))
        requests_mock.get(URL, json=server)

        read_until_it_fails(listing(connection, CURSOR, page_size=2), UnreadableRecords)

        light = [params for params in server.asked if "body-format" not in params]
        assert light == [{"status": "current", "limit": "1", "cursor": "1"}]
        assert server.asked[-1] == {
            "status": "current",
            "body-format": "storage",
            "limit": "2",
            "cursor": "2",
        }


class TestTheFirstPage:
    @pytest.mark.parametrize(("count", "goes_on"), [(3, False), (4, True)])
    def test_is_light_and_tells_whether_there_is_more(
        self, connection: Connection, requests_mock: Mocker, count: int, goes_on: bool
    ) -> None:
        server = Server(count, CURSOR)
        requests_mock.get(URL, json=server)

        page, more = listing(connection, CURSOR).first_page(limit=3)

        assert ids([page]) == [0, 1, 2]
        assert more is goes_on
        assert server.asked == [{"status": "current", "limit": "3"}]

    @pytest.mark.parametrize("attempts", [None, 1])
    def test_is_asked_for_as_often_as_wanted(
        self, connection: Connection, requests_mock: Mocker, attempts: int | None
    ) -> None:
        requests_mock.get(URL, status_code=500)
        wanted = {} if attempts is None else {"attempts": attempts}

        with pytest.raises(ServerTrouble):
            listing(connection, CURSOR).first_page(limit=3, **wanted)

        assert requests_mock.call_count == (attempts or 6)


class WatchedBudget(ByteBudget):
    """Tells what is held."""

    @property
    def held(self) -> int:
        return self._held


class TestMemory:
    @pytest.fixture
    def budget(self) -> WatchedBudget:
        return WatchedBudget(limit=1000, first_guess=250)

    @pytest.fixture
    def reading(self, connection: Connection, budget: WatchedBudget) -> Listing:
        return Listing(**{**vars(listing(connection, CURSOR)), "memory": budget})

    def test_a_page_is_held_with_its_weight_until_the_next_is_asked_for(
        self, reading: Listing, budget: WatchedBudget, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, json=Server(251, CURSOR))
        pages = reading.pages()

        first, second = [budget.held for _ in pages]

        assert first > 250 * len('{"id": "1"}, ')
        assert 10 < second < 100
        assert budget.held == 0

    def test_the_guess_is_held_while_the_answer_is_on_its_way(
        self, reading: Listing, budget: WatchedBudget, requests_mock: Mocker
    ) -> None:
        held = []

        def answer(_request: Request, _context: Context) -> dict[str, Any]:
            held.append(budget.held)
            return {"results": []}

        requests_mock.get(URL, json=answer)

        list(reading.pages())

        assert held == [250]

    def test_nothing_is_held_once_the_reader_stops(
        self, reading: Listing, budget: WatchedBudget, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, json=Server(600, CURSOR))
        pages = reading.pages()
        next(pages)

        pages.close()  # type: ignore[attr-defined]

        assert budget.held == 0

    def test_nothing_is_held_after_an_error(
        self, reading: Listing, budget: WatchedBudget, requests_mock: Mocker
    ) -> None:
        requests_mock.get(URL, json=Server(600, CURSOR, bearable=0))

        read_until_it_fails(reading, ServerTrouble)

        assert budget.held == 0


def test_the_tokens_of_one_reading_do_not_leak_into_the_next(
    connection: Connection, requests_mock: Mocker
) -> None:
    requests_mock.get(URL, json=Server(300, CURSOR))
    reading = listing(connection, CURSOR)

    assert ids(list(reading.pages())) == ids(list(reading.pages())) == list(range(300))


def test_every_token_is_part_of_the_next_request(
    connection: Connection, requests_mock: Mocker
) -> None:
    class TwoParams(CursorPagination):
        def next_token(self, response: requests.Response) -> Token | None:
            token = super().next_token(response)
            return None if token is None else {**token, "seed": "7"}

    server = Server(300, CURSOR)
    requests_mock.get(URL, json=server)

    list(listing(connection, TwoParams()).pages())

    assert server.asked[1] == {
        "body-format": "storage",
        "status": "current",
        "limit": "250",
        "cursor": "250",
        "seed": "7",
    }
