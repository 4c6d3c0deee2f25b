"""A response is decoded once, and says what it holds."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
import requests
from requests_mock import Mocker

from source_confluence.confluence.body import Body
from source_confluence.confluence.responses import NOT_JSON, NoResponse, Response, is_object
from unit_tests.confluence.answers import (
    BAD_CERTIFICATE,
    CUT_OFF,
    DEEP,
    HOST,
    HTML,
    NO_ANSWER,
    PATH,
    REFUSED,
    RESET,
    TIMED_OUT,
    UNKNOWN_HOST,
    URL,
    response,
)

NEXT = "/wiki/api/v2/pages?cursor=abc"
RECORD = {"id": "1"}


def read(requests_mock: Mocker, status: int, content: bytes, **headers: str) -> Response:
    requests_mock.get(URL, status_code=status, content=content, headers=headers)
    raw = requests.get(URL, {"limit": 1}, timeout=1)
    return Response.decoded(raw, Body(raw.content, 0), is_object)


class TestReading:
    def test_a_good_one(self, requests_mock: Mocker) -> None:
        content = '{"results": [{"title": "é"}]}'.encode()

        read_one = read(requests_mock, 200, content, Date="now")

        assert read_one.url == f"{URL}?limit=1"
        assert (read_one.host, read_one.path) == (HOST, PATH)
        assert read_one.status == 200
        assert read_one.headers["DATE"] == "now"
        assert read_one.body == {"results": [{"title": "é"}]}
        assert read_one.size == len(content)
        assert read_one.text == ""

    @pytest.mark.parametrize("status", [301, 404, 500])
    def test_an_error_keeps_its_text(self, requests_mock: Mocker, status: int) -> None:
        read_one = read(requests_mock, status, b'{"message": "No \xff"}')

        assert read_one.text == '{"message": "No \ufffd"}'

    @pytest.mark.parametrize("content", [b"", HTML, b'{"results": [{"i', b"\xff", b'{"a": NaN}'])
    def test_what_is_not_json(self, requests_mock: Mocker, content: bytes) -> None:
        read_one = read(requests_mock, 200, content)

        assert read_one.body is NOT_JSON
        assert not read_one.is_json
        assert read_one.results == []
        assert read_one.next_url is None

    def test_null_is_json(self, requests_mock: Mocker) -> None:
        read_one = read(requests_mock, 200, b"null")

        assert read_one.is_json
        assert read_one.body is None


@pytest.mark.parametrize(
    ("body", "results"),
    [
        ({"results": [RECORD, {}]}, [RECORD, {}]),
        ({"results": []}, []),
        ([RECORD], [RECORD]),
        ([], []),
        ({}, []),
        ({"results": None}, []),
        ({"results": {"id": "1"}}, []),
        (None, []),
        (7, []),
    ],
)
def test_results(body: object, results: list[object]) -> None:
    assert response(200, body).results == results


@pytest.mark.parametrize("nothing", [{"base": "x"}, {"next": None}, {"next": ""}, {}, None, []])
def test_no_next_url(nothing: object) -> None:
    assert response(200, {"results": [RECORD], "_links": nothing}).next_url is None
    assert response(200, {"results": [RECORD]}).next_url is None
    assert response(200, [RECORD]).next_url is None


@pytest.mark.parametrize(
    ("links", "header", "url"),
    [
        ({"next": NEXT}, None, NEXT),
        ({}, f'<{NEXT}>; rel="next", </wiki>; rel="base"', NEXT),
        ({}, f'<{NEXT}>; rel="prev"', None),
        ({}, "", None),
        ({"next": NEXT}, '<?cursor=header>; rel="next"', NEXT),
        ({}, f'<https://x/notice>; rel="deprecation", <{NEXT}>; rel="next"', NEXT),
        ({}, '<https://x/notice>; rel="deprecation", </wiki>; rel="base"', None),
    ],
    ids=[
        "body",
        "header",
        "another relation",
        "empty header",
        "both",
        "after a deprecation",
        "only a deprecation",
    ],
)
def test_next_url(links: object, header: str | None, url: str | None) -> None:
    headers = {} if header is None else {"Link": header}

    assert response(200, {"results": [], "_links": links}, **headers).next_url == url


def test_next_url_of_a_bare_array() -> None:
    assert response(200, [RECORD], Link=f"<{NEXT}>; rel=next").next_url == NEXT


def v2_error(status: int, title: str, detail: str | None = None) -> dict[str, object]:
    return {"errors": [{"status": status, "code": "CODE", "title": title, "detail": detail}]}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (v2_error(400, "Bad Request", "No\n  such\tthing"), "Bad Request No such thing"),
        ({"statusCode": 400, "message": "Could not parse cql"}, "Could not parse cql"),
        ({"message": "com.atlassian.api.BadRequestException: No: x"}, "No: x"),
        ({"errors": []}, ""),
        ({"errors": [], "message": "said"}, "said"),
        ({"errors": {"field": "wrong"}, "message": "said"}, "said"),
        ({"errors": ["said"]}, "said"),
        ({"errors": [{"title": 7}]}, "7"),
        ({"errors": [{"title": "first"}, {"title": "second"}]}, "first"),
        ({"message": "x" * 1000}, "x" * 300),
        ({"errors": ["x" * 1000]}, "x" * 300),
        ({"errors": [DEEP]}, ""),
        ({"title": DEEP, "message": "said"}, "said"),
        ({}, ""),
        ([], ""),
        ("said", ""),
        (None, ""),
        (HTML, ""),
        (b"", ""),
    ],
)
def test_explanation(body: object, said: str) -> None:
    assert response(400, body).explanation == said


def test_date() -> None:
    noon = datetime(2025, 6, 1, 12, tzinfo=timezone.utc)

    assert response(Date="Sun, 01 Jun 2025 12:00:00 GMT").date == noon
    for absurd in (
        "tomorrow",
        "nan",
        "Fri, 31 Dec 99999 23:59:59 GMT",
        "Fri, 31 Dec 9999 23:59:59 -1200",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Mon, 01 Jan 0001 00:00:00 +1400",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Sun, 01 Jun 2025 12:00:00 +99999999",
        "Sun, 99 Jun 2025 12:00:00 GMT",
        "9" * 5000,
        "\xff",
    ):
        assert response(Date=absurd).date is None
    assert response().date is None


@pytest.mark.parametrize(
    ("error", "was_connected"),
    [
        (TIMED_OUT, True),
        (RESET, True),
        (CUT_OFF, True),
        (REFUSED, False),
        (UNKNOWN_HOST, False),
        (NO_ANSWER, False),
        (BAD_CERTIFICATE, False),
    ],
)
def test_no_response(error: requests.RequestException, was_connected: bool) -> None:
    outcome = NoResponse(f"{URL}?cursor=a", error)

    assert (outcome.host, outcome.path) == (HOST, PATH)
    assert outcome.was_connected is was_connected
