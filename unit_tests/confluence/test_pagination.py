"""From a response to the parameters of the next request, or to the end of the list."""

from __future__ import annotations

from itertools import count
from typing import Any
from urllib.parse import urlencode

import pytest

from source_confluence.confluence.errors import PagingLoop, UnknownPaging
from source_confluence.confluence.pagination import (
    CursorPagination,
    LoopGuard,
    OffsetPagination,
    Pagination,
    SearchPagination,
)
from source_confluence.confluence.responses import Response
from unit_tests.confluence.answers import DEEP, PATH, URL, response

CURSOR = "eyJpZCI6IjMwMjczNyIsImNvbnRlbnRPcmRlciI6ImlkIn0="
RECORD = {"id": "1"}
NUMBERS = count(1)


def answer(body: object, link: str | None = None, **requested: Any) -> Response:
    """The response to a request with these parameters."""
    headers = {} if link is None else {"Link": link}
    return response(200, body, f"{PATH}?{urlencode(requested)}", **headers)


def page(following: str | None = None, records: int = 1, link: str | None = None) -> Response:
    links = {"base": "https://your-domain.atlassian.net/wiki"}
    if following is not None:
        links["next"] = following
    rows = [{"id": str(next(NUMBERS))} for _ in range(records)]
    return answer({"results": rows, "_links": links}, link)


class TestCursor:
    @pytest.mark.parametrize(
        "following",
        [
            f"/wiki/api/v2/pages?limit=25&cursor={CURSOR}",
            f"/wiki/api/v2/pages?cursor={CURSOR}&limit=25",
            f"{URL}?cursor={CURSOR}",
            f"https://api.atlassian.com/ex/confluence/1/wiki/api/v2/pages?cursor={CURSOR}",
            f"/wiki/wiki/api/v2/pages?cursor={CURSOR}",
            f"/rest/api/search?next=true&cursor={CURSOR}&limit=100",
            f"?cursor={CURSOR}#top",
            "/wiki/api/v2/pages?cursor=" + CURSOR.replace("=", "%3D"),
            "/wiki/api/v2/pages?cursor=" + CURSOR.replace("=", "%253D"),
            "/wiki/api/v2/pages?cursor=" + CURSOR.replace("=", "%25253D"),
        ],
    )
    def test_takes_the_decoded_cursor_and_nothing_else(self, following: str) -> None:
        assert CursorPagination().next_token(page(following)) == {"cursor": CURSOR}

    @pytest.mark.parametrize("plus", ["+", "%2B", "%252B", "%20"])
    def test_a_plus_sign_of_base64_stays_one(self, plus: str) -> None:
        following = f"/wiki/api/v2/pages?cursor=ab{plus}cd%2Fef"

        assert CursorPagination().next_token(page(following)) == {"cursor": "ab+cd/ef"}

    def test_a_cursor_is_decoded_a_few_times_only(self) -> None:
        """One of a megabyte would otherwise take hours."""
        following = "/wiki/api/v2/pages?cursor=%" + "25" * 500_000

        assert CursorPagination().next_token(page(following)) is not None

    def test_a_percent_sign_that_encodes_nothing_stays_one(self) -> None:
        following = "/wiki/api/v2/pages?cursor=100%25"

        assert CursorPagination().next_token(page(following)) == {"cursor": "100%"}

    @pytest.mark.parametrize(
        "body",
        [
            {"results": [RECORD], "_links": {"base": "x"}},
            {"results": [RECORD], "_links": {"next": None}},
            {"results": [RECORD], "_links": {"next": ""}},
            {"results": [RECORD], "_links": {}},
            {"results": [RECORD], "_links": None},
            {"results": [RECORD], "_links": []},
            {"results": [RECORD]},
            {"results": []},
            [RECORD],
        ],
    )
    def test_without_a_next_the_list_ends(self, body: object) -> None:
        assert CursorPagination().next_token(answer(body)) is None

    def test_a_next_in_the_link_header_alone(self) -> None:
        link = f'</wiki/api/v2/pages?cursor={CURSOR}>; rel="next", </wiki>; rel="base"'

        assert CursorPagination().next_token(page(link=link)) == {"cursor": CURSOR}
        assert CursorPagination().next_token(answer([RECORD], link)) == {"cursor": CURSOR}

    def test_a_link_header_about_something_else(self) -> None:
        link = f'</wiki/api/v2/pages?cursor={CURSOR}>; rel="prev"'

        assert CursorPagination().next_token(page(link=link)) is None

    def test_the_body_comes_before_the_link_header(self) -> None:
        both = page("/wiki/api/v2/pages?cursor=body", link='<?cursor=header>; rel="next"')

        assert CursorPagination().next_token(both) == {"cursor": "body"}

    @pytest.mark.parametrize("records", [0, 1, 24])
    def test_a_short_or_empty_page_with_a_next_continues(self, records: int) -> None:
        assert CursorPagination().next_token(page(f"?cursor={CURSOR}", records)) is not None

    def test_cannot_skip_a_record(self) -> None:
        assert CursorPagination().skip_one({"cursor": CURSOR}) is None


class TestOffset:
    @staticmethod
    def follow(body: object, link: str | None = None, **params: Any) -> object:
        return OffsetPagination().next_token(answer(body, link, **params))

    def test_counts_what_came(self) -> None:
        body = {"results": [RECORD] * 50, "start": 100, "limit": 50, "_links": {"next": "x"}}

        assert self.follow(body, start=100, limit=50) == {"start": 150}

    def test_the_first_page_starts_at_zero(self) -> None:
        body = {"results": [RECORD] * 50, "limit": 50, "_links": {"next": "x"}}

        assert self.follow(body, limit=50) == {"start": 50}

    def test_a_next_that_under_counts_is_not_believed(self) -> None:
        following = "/rest/api/group?start=25&limit=25"
        body = {"results": [RECORD] * 50, "limit": 50, "_links": {"next": following}}

        assert self.follow(body, start=50, limit=50) == {"start": 100}

    def test_a_short_page_with_a_next_continues_after_its_last_record(self) -> None:
        body = {"results": [RECORD] * 3, "limit": 50, "_links": {"next": "x"}}

        assert self.follow(body, start=50, limit=50) == {"start": 53}

    def test_an_empty_page_with_a_next_is_skipped_whole(self) -> None:
        body = {"results": [], "limit": 50, "_links": {"next": "x"}}

        assert self.follow(body, start=50, limit=50) == {"start": 100}

    def test_a_next_in_the_link_header_alone(self) -> None:
        body = {"results": [RECORD] * 3, "limit": 50, "_links": {}}

        assert self.follow(body, '<?start=50>; rel="next"', start=0, limit=50) == {"start": 3}

    def test_a_short_page_without_a_next_ends_the_list(self) -> None:
        body = {"results": [RECORD] * 49, "limit": 50, "_links": {}}

        assert self.follow(body, start=50, limit=50) is None

    @pytest.mark.parametrize("total", [{"totalSize": 100}, {"total": 100}, {"totalSize": "100"}])
    def test_a_short_page_before_the_stated_total_is_followed_up(
        self, total: dict[str, Any]
    ) -> None:
        body = {"results": [RECORD] * 49, "limit": 50, "_links": {}, **total}

        assert self.follow(body, start=50, limit=50) == {"start": 99}
        assert self.follow(body, start=51, limit=50) is None

    @pytest.mark.parametrize("total", [{"totalSize": None}, {"totalSize": "many"}, {"total": 7}])
    def test_a_total_that_does_not_tell_more_ends_nothing_and_adds_nothing(
        self, total: dict[str, Any]
    ) -> None:
        short = {"results": [RECORD] * 49, "limit": 50, "_links": {}, **total}
        full = {"results": [RECORD] * 50, "limit": 50, "_links": {}, **total}

        assert self.follow(short, start=50, limit=50) is None
        assert self.follow(full, start=50, limit=50) == {"start": 100}

    def test_an_empty_page_ends_the_list_whatever_the_total(self) -> None:
        body = {"results": [], "limit": 50, "totalSize": 9999, "_links": {}}

        assert self.follow(body, start=50, limit=50) is None

    def test_a_full_page_without_a_next_is_followed_up(self) -> None:
        body = {"results": [RECORD] * 50, "limit": 50, "_links": {}}

        assert self.follow(body, start=50, limit=50) == {"start": 100}

    def test_full_is_what_the_server_says_where_it_cuts_the_limit(self) -> None:
        body = {"results": [RECORD] * 50, "limit": 50, "_links": {}}

        assert self.follow(body, start=0, limit=200) == {"start": 50}

    @pytest.mark.parametrize("stated", [{}, {"limit": None}, {"limit": 0}])
    def test_full_is_what_was_requested_where_the_server_says_nothing(
        self, stated: dict[str, Any]
    ) -> None:
        assert self.follow(
            {"results": [RECORD] * 50, "_links": {}, **stated}, start=0, limit=50
        ) == {"start": 50}
        assert (
            self.follow({"results": [RECORD] * 49, "_links": {}, **stated}, start=0, limit=50)
            is None
        )

    @pytest.mark.parametrize("count", [25, 50, 100, 200])
    @pytest.mark.parametrize("stated", [{"limit": 250}, {"limit": 1000, "size": 1}, {}])
    def test_as_many_rows_as_a_usual_cap_are_followed_up_whatever_is_stated(
        self, count: int, stated: dict[str, Any]
    ) -> None:
        body = {"results": [RECORD] * count, "_links": {}, "totalSize": count, **stated}

        assert self.follow(body, start=0, limit=250) == {"start": count}

    @pytest.mark.parametrize("count", [1, 24, 26, 99, 101, 249])
    def test_another_number_of_rows_ends_the_list_of_a_parent(self, count: int) -> None:
        body = {"results": [RECORD] * count, "limit": 250, "_links": {}}

        assert self.follow(body, start=0, limit=250) is None

    @pytest.mark.parametrize(
        ("fewest", "count", "following"),
        [
            (1, 1, {"start": 1}),
            (1, 0, None),
            (25, 24, None),
            (25, 26, {"start": 26}),
            (25, 99, {"start": 99}),
        ],
    )
    def test_a_list_of_the_site_is_followed_up_from_a_number_of_rows_on(
        self, fewest: int, count: int, following: object
    ) -> None:
        body = {"results": [RECORD] * count, "limit": 250, "_links": {}, "totalSize": count}

        response = answer(body, start=0, limit=250)

        assert OffsetPagination(fewest).next_token(response) == following

    def test_a_row_more_than_the_limit_counts(self) -> None:
        body = {"results": [RECORD] * 26, "limit": 25, "size": 26, "_links": {}}

        assert self.follow(body, start=0, limit=25) == {"start": 26}

    @pytest.mark.parametrize("body", [{"results": [RECORD] * 7, "limit": 50}, [RECORD] * 7])
    def test_without_any_links_only_an_empty_page_ends_the_list(self, body: object) -> None:
        assert self.follow(body, start=10, limit=50) == {"start": 17}

    @pytest.mark.parametrize(
        "body", [{"results": [], "limit": 50}, [], {"results": [], "limit": 50, "_links": {}}]
    )
    def test_an_empty_page_ends_the_list(self, body: object) -> None:
        assert self.follow(body, start=10, limit=50) is None

    @pytest.mark.parametrize(("token", "following"), [({}, 1), ({"start": 41}, 42)])
    def test_skips_one_record(self, token: dict[str, int], following: int) -> None:
        assert OffsetPagination().skip_one(token) == {"start": following}


class TestLoopGuard:
    @staticmethod
    def cursors(*cursors: str, pagination: Pagination | None = None) -> LoopGuard:
        """The guard of a list that has led to these cursors."""
        guard = LoopGuard(pagination or CursorPagination())
        for cursor in cursors:
            assert guard.follow(page(f"?cursor={cursor}")) == {"cursor": cursor}
        return guard

    def test_the_end_of_a_list(self) -> None:
        assert self.cursors("a", "b").follow(page()) is None

    @pytest.mark.parametrize("repeated", ["a", "b", "c"])
    def test_a_next_that_repeats_is_an_error_and_not_an_end(self, repeated: str) -> None:
        guard = self.cursors("a", "b", "c")

        with pytest.raises(PagingLoop, match=PATH):
            guard.follow(page(f"?cursor={repeated}"))

    def test_empty_pages_with_new_cursors_are_followed_for_long(self) -> None:
        guard = self.cursors("a")

        for number in range(100):
            assert guard.follow(page(f"?cursor={number}", records=0)) is not None
        assert guard.follow(page("?cursor=full")) is not None
        for number in range(100, 200):
            assert guard.follow(page(f"?cursor={number}", records=0)) is not None

    def test_but_not_forever(self) -> None:
        guard = self.cursors("a")
        for number in range(100):
            guard.follow(page(f"?cursor={number}", records=0))

        with pytest.raises(PagingLoop):
            guard.follow(page("?cursor=100", records=0))

    def test_a_search_ends_at_its_third_empty_page_in_a_row(self) -> None:
        one = SearchPagination()
        guard = self.cursors("a", pagination=one)

        assert guard.follow(page("?cursor=b", records=0)) is not None
        assert guard.follow(page("?cursor=c", records=0)) is not None
        assert guard.follow(page("?cursor=d")) is not None
        assert guard.follow(page("?cursor=e", records=0)) is not None
        assert guard.follow(page("?cursor=f", records=0)) is not None
        assert not one.ended_on_empty_pages
        assert guard.follow(page("?cursor=g", records=0)) is None
        assert one.ended_on_empty_pages

    def test_a_search_that_is_empty_from_the_start(self) -> None:
        guard = LoopGuard(SearchPagination())

        assert guard.follow(page("?cursor=a", records=0)) is not None
        assert guard.follow(page("?cursor=b", records=0)) is not None
        assert guard.follow(page("?cursor=c", records=0)) is None

    def test_a_search_that_counts_more_rows_than_came_is_followed_longer(self) -> None:
        one = SearchPagination()
        guard = LoopGuard(one)
        body = {"results": [RECORD], "totalSize": 2, "_links": {"next": "?cursor=a"}}

        assert guard.follow(answer(body)) is not None
        for number in range(19):
            assert guard.follow(page(f"?cursor={number}", records=0)) is not None
        assert guard.follow(page("?cursor=b", records=0)) is None
        assert one.ended_on_empty_pages
        assert one.counted == 2

    def test_a_search_that_ends_by_itself_did_not_end_early(self) -> None:
        one = SearchPagination()

        assert one.next_token(answer({"results": [], "_links": {}})) is None
        assert not one.ended_on_empty_pages

    def test_a_search_that_repeats_its_cursor_is_an_error(self) -> None:
        guard = self.cursors("a", pagination=SearchPagination())

        with pytest.raises(PagingLoop):
            guard.follow(page("?cursor=a"))

    def test_offsets(self) -> None:
        guard = LoopGuard(OffsetPagination())

        assert guard.follow(offsets(0)) == {"start": 50}
        assert guard.follow(offsets(50)) == {"start": 100}
        with pytest.raises(PagingLoop):
            guard.follow(offsets(50))

    @pytest.mark.parametrize("rows", [[RECORD] * 50, [{"name": "x"}] * 50, [None, 7, "x"]])
    def test_a_server_that_ignores_the_start_is_not_followed_forever(self, rows: list[Any]) -> None:
        guard = LoopGuard(OffsetPagination())
        body = {"results": rows, "_links": {"next": "x"}}

        assert guard.follow(answer(body, start=0, limit=50)) is not None
        assert guard.follow(answer(body, start=50, limit=50)) is not None
        with pytest.raises(PagingLoop, match=PATH):
            guard.follow(answer(body, start=100, limit=50))

    def test_pages_that_alternate_lead_in_a_circle(self) -> None:
        guard = LoopGuard(CursorPagination())
        pages = [[{"id": "1"}], [{"id": "2"}]]
        for number in range(3):
            rows = pages[number % 2]
            guard.follow(answer({"results": rows, "_links": {"next": f"?cursor={number}"}}))

        with pytest.raises(PagingLoop):
            guard.follow(answer({"results": pages[1], "_links": {"next": "?cursor=3"}}))

    def test_a_page_that_comes_twice_because_the_list_shifts_is_no_circle(self) -> None:
        guard = LoopGuard(CursorPagination())
        for number, row in enumerate("1223455"):
            body = {"results": [{"id": row}], "_links": {"next": f"?cursor={number}"}}
            assert guard.follow(answer(body)) is not None

    @pytest.mark.parametrize("name", ["totalSize", "limit", "id"])
    def test_no_value_is_too_deep_to_look_at(self, name: str) -> None:
        guard = LoopGuard(OffsetPagination())
        body = {"results": [{name: DEEP}], "_links": {}, name: DEEP}

        assert guard.follow(answer(body, limit=1)) == {"start": 1}
        assert guard.stated_total == 0

    def test_counts_the_rows_and_knows_the_total(self) -> None:
        guard = LoopGuard(OffsetPagination())
        guard.follow(offsets(0, totalSize=70))
        guard.follow(offsets(50, totalSize=None))

        assert (guard.rows, guard.stated_total) == (100, 70)


def offsets(start: int, **stated: Any) -> Response:
    """A page of results at an offset, with rows of its own."""
    rows = [{"id": str(start + number)} for number in range(50)]
    return answer({"results": rows, "limit": 50, "_links": {}, **stated}, start=start, limit=50)


@pytest.mark.parametrize(
    "url", ["/wiki/api/v2/pages?limit=1&start=1", "?cursor=", "/wiki", 7, ["x"], DEEP]
)
def test_a_next_without_a_cursor_is_an_error_and_not_the_end(url: object) -> None:
    with pytest.raises(UnknownPaging, match=PATH):
        CursorPagination().next_token(answer({"results": [1], "_links": {"next": url}}))
