"""Lists that the server cannot serve as requested: nothing else is lost or comes twice."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import requests
from requests_mock import Mocker
from requests_mock.request import _RequestObjectProxy as Request
from requests_mock.response import _Context as Context

from source_confluence.confluence.connection import Connection
from source_confluence.confluence.errors import ServerError, UnreadableRecords
from source_confluence.confluence.pagination import (
    OffsetPagination,
    Pagination,
)
from unit_tests.confluence.lists import BOTH, CURSOR, URL, Server, ids, listing, read_until_it_fails


class TestAPageThatTheServerCannotServe:
    @BOTH
    def test_is_requested_in_halves_and_no_record_is_lost(
        self, connection: Connection, requests_mock: Mocker, pagination: Pagination
    ) -> None:
        server = Server(600, pagination, capacity=70)
        requests_mock.get(URL, json=server)

        pages = list(listing(connection, pagination).pages())

        assert ids(pages) == list(range(600))
        assert server.limits[:6] == [250, 250, 250, 125, 62, 124]

    def test_grows_again_after_successes(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        server = Server(200, CURSOR, capacity=5)
        requests_mock.get(URL, json=server)

        pages = []
        for page in listing(connection, CURSOR, page_size=16).pages():
            pages.append(page)
            if len(pages) == 3:
                server.capacity = 16

        assert ids(pages) == list(range(200))
        assert server.limits[-1] == 16
        assert server.limits.count(16) > 6

    @pytest.mark.parametrize(
        "failure",
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
    def test_may_fail_in_many_ways(
        self, connection: Connection, requests_mock: Mocker, failure: dict[str, Any]
    ) -> None:
        good = {"json": {"results": [{"id": "1"}], "_links": {}}}
        requests_mock.get(URL, [failure, failure, failure, failure, good])

        assert ids(list(listing(connection, CURSOR).pages())) == [1]

        limits = [request.qs["limit"][0] for request in requests_mock.request_history]
        assert limits == ["250", "250", "250", "125", "62"]

    def test_a_server_that_is_down_is_a_transient_error(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        server = Server(600, CURSOR, capacity=0)
        requests_mock.get(URL, json=server)

        read, _ = read_until_it_fails(listing(connection, CURSOR), ServerError)

        assert read == []
        halved = [250, 250, 250, 125, 62, 31, 15, 7, 3, *[1] * 6]
        assert server.limits == [*halved, *[1] * 3]
        assert "body-format" not in server.requests[-1]

    def test_a_single_record_is_requested_several_times(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        server = Server(600, CURSOR, capacity=0)
        requests_mock.get(URL, json=server)

        read_until_it_fails(listing(connection, CURSOR, page_size=1, heavy_params=()), ServerError)

        assert server.limits == [1] * 6


class TestARecordThatCannotBeRead:
    @BOTH
    @pytest.mark.parametrize("poisoned", [0, 7, 8, 19], ids=str)
    def test_is_skipped_and_named_at_the_end(
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
        assert name in str(error)
        (line,) = [record.message for record in caplog.records if record.levelno == logging.ERROR]
        assert f"Record {name} of pages" in line

    @BOTH
    def test_ten_of_them(
        self, connection: Connection, requests_mock: Mocker, pagination: Pagination
    ) -> None:
        poisoned = tuple(range(5, 15))
        requests_mock.get(URL, json=Server(20, pagination, poisoned=poisoned))

        read, error = read_until_it_fails(listing(connection, pagination, 2), UnreadableRecords)

        assert read == [number for number in range(20) if number not in poisoned]
        assert len(str(error).split(",")) == 10

    @BOTH
    def test_with_one_more_the_server_counts_as_down(
        self, connection: Connection, requests_mock: Mocker, pagination: Pagination
    ) -> None:
        requests_mock.get(URL, json=Server(20, pagination, poisoned=tuple(range(5, 16))))

        read, _ = read_until_it_fails(listing(connection, pagination, 2), ServerError)

        assert read == [0, 1, 2, 3, 4]

    def test_fails_the_list_if_it_cannot_be_skipped(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        server = Server(300, CURSOR, poisoned=(7,), poisoned_without_body=(7,))
        requests_mock.get(URL, json=server)

        read, _ = read_until_it_fails(listing(connection, CURSOR), ServerError)

        assert read == list(range(7))

    def test_fails_the_list_if_there_is_nothing_heavy_to_leave_out(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        server = Server(300, CURSOR, poisoned=(7,))
        requests_mock.get(URL, json=server)

        read, _ = read_until_it_fails(listing(connection, CURSOR, heavy_params=()), ServerError)

        assert read == list(range(7))

    def test_fails_the_list_if_it_has_no_name(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        def answer(request: Request, context: Context) -> dict[str, Any]:
            if "body-format" in request.qs:
                context.status_code = 500
            return {"results": [], "_links": {"next": "?cursor=a"}}

        requests_mock.get(URL, json=answer)

        read_until_it_fails(listing(connection, CURSOR), ServerError)

    def test_after_it_bodies_are_requested_again(
        self, connection: Connection, requests_mock: Mocker
    ) -> None:
        server = Server(4, CURSOR, poisoned=(1,))
        requests_mock.get(URL, json=server)

        read_until_it_fails(listing(connection, CURSOR, page_size=2), UnreadableRecords)

        light = [params for params in server.requests if "body-format" not in params]
        assert light == [{"status": "current", "limit": "1", "cursor": "1"}]
        assert server.requests[-1] == {
            "status": "current",
            "body-format": "storage",
            "limit": "2",
            "cursor": "2",
        }
